// What the policies remember: the register of exchanges, blocks, choices of mailboxes, and what was counted or told once.
import type { Generated } from 'kysely';
import type { Address } from '../src/core/address.ts';
import type { Blocker } from './blocker.ts';

declare module '../src/database/tables.ts' {
  interface Tables {
    exchanges: ExchangesTable;
    register_letters: RegisterLettersTable;
    blocks: BlocksTable;
    first_contacts: FirstContactsTable;
    first_contact_guests: FirstContactGuestsTable;
    first_letters: FirstLettersTable;
    tallies: TalliesTable;
    absences: AbsencesTable;
    absence_answers: AbsenceAnswersTable;
    legal_notices: LegalNoticesTable;
    record_objections: RecordObjectionsTable;
    notice_preferences: NoticePreferencesTable;
  }
}

/** `correspondent` is the canonical address the citizen may write to while the row is open. Key: both. */
export interface ExchangesTable {
  citizen_id: number;
  correspondent: Address;
  state: 'open' | 'ended';
  /** The correspondent, or whoever named it in a Reply-To. Null on a row that was only ever ended; kept when it ends. */
  opened_by: Address | null;
  opened_at: Date | null;
  /** Set while the exchange is ended, and only then. */
  ended_by: Address | null;
  ended_at: Date | null;
}

/** A letter that had its effect on a citizen's exchanges: coming again, it has none. Key: both. */
export interface RegisterLettersTable {
  citizen_id: number;
  /** 32 bytes recognising a letter. */
  fingerprint: Buffer;
  seen_at: Date;
}

/** A standing refusal of one citizen. Key: blocker, citizen. */
export interface BlocksTable {
  blocker: Blocker;
  citizen_id: number;
  /** Whom to ask: a mailbox, or the command that was given. */
  blocked_by: string;
  since: Date;
}

/** A mailbox that citizens may write to first. Key: correspondent. */
export interface FirstContactsTable {
  correspondent: Address;
  audience: Audience;
  /** Letters a day and citizen. */
  daily_limit: number;
}

/** Whom a mailbox agrees to be written to by: all citizens, those on its list, none. */
export type Audience = 'everyone' | 'listed' | 'nobody';

/** A citizen on a mailbox's list. Key: both. */
export interface FirstContactGuestsTable {
  correspondent: Address;
  citizen_id: number;
}

/** Letters written first, a day, citizen and mailbox. Key: day, citizen, correspondent. */
export interface FirstLettersTable {
  /** YYYY-MM-DD in Europe/Paris. */
  day: string;
  citizen_id: number;
  correspondent: Address;
  letters: number;
}

/** How often something happened in a window of time. Key: window, subject. */
export interface TalliesTable {
  window_start: Date;
  subject: string;
  total: number;
}

/** A professional's absence. Key: address. */
export interface AbsencesTable {
  address: Address;
  from_at: Date;
  /** The first moment back. */
  until_at: Date;
  text: string;
  stand_in: Address | null;
}

/** Who was told of an absence, and when last. Key: address, correspondent. */
export interface AbsenceAnswersTable {
  address: Address;
  correspondent: Address;
  answered_at: Date;
}

/** A citizen who wants no copies of their documents in the shared medical record. Key: citizen. */
export interface RecordObjectionsTable {
  citizen_id: number;
  /** Whom to ask: the command that was given, or the person themselves. */
  objected_by: string;
  since: Date;
}

/** A citizen who was told that a reading delay engages nobody. Key: citizen, correspondent. */
export interface LegalNoticesTable {
  citizen_id: number;
  correspondent: Address;
  told_at: Date;
}

/** Where a citizen is told that something waits for them, and what for. Key: citizen. */
export interface NoticePreferencesTable {
  citizen_id: number;
  /** An ordinary e-mail address, outside the space of trust. */
  address: Address;
  letter: boolean;
  document: boolean;
  not_delivered: boolean;
  /** Notices in a row that the address's own server refused for good. */
  refusals: Generated<number>;
}
