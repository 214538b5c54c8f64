// Finds one citizen for one exact question, counts the question and keeps a trace of it, in one transaction. Requirements 23 and 58.
import { sql } from 'kysely';
import type { Address } from '../../src/core/address.ts';
import type { Ins } from '../../src/core/ins.ts';
import type { Db, Trx } from '../../src/database/tables.ts';
import { citizenAddress } from '../citizen-addresses.ts';
import { citizenDisplayName } from '../display-name.ts';
import { type CitizenState, rightsIn } from '../states.ts';
import type { ExactQuestion } from './exact-question.ts';
import { findIdentities, type Identity } from './find-identity.ts';
import type { CitizenQuestionsTable } from './schema.ts';

/** What a professional is told of a citizen they named exactly. */
export type FoundCitizen = {
  readonly citizenId: number;
  /** Today's, whichever matricule was asked about. */
  readonly ins: Ins;
  /** Absent when the mailbox is shut. */
  readonly address?: Address;
  /** `Dominique PAT-TROIS` */
  readonly displayName: string;
  readonly birthName: string;
  readonly firstGivenName: string;
  /** ISO 8601. */
  readonly birthDate: string;
  readonly sex: 'F' | 'M';
  /** `closed` of those who refused their mailbox: the refusal is theirs to tell. */
  readonly state: Exclude<CitizenState, 'opposed'>;
};

/** `several`: the words name more than one person, of whom nothing is told. `too-many`: asked too often, nothing was looked up. */
export type CitizenAnswer =
  | { readonly found: 'one'; readonly citizen: FoundCitizen }
  | { readonly found: 'nobody' | 'several' | 'too-many' };

/** Who asks, what, and how often they may. */
export type CitizenInquiry = {
  /** The address they signed in with, or an operator's name. */
  readonly by: string;
  readonly question: ExactQuestion;
  /** Questions in any hour, over all mailboxes of one professional. */
  readonly perHour: number;
  /** The citizens'. */
  readonly domain: string;
  readonly now: Date;
};

const hourMs = 3_600_000;

/** Any number: with a second one made from the asker, the advisory lock of PostgreSQL under which their questions are counted. */
const questionLock = 2358;

/**
 * Answers an exact question. The trace commits before the answer is known to anybody; a question that was answered counts, whatever the
 * answer, for a wrong guess is a guess.
 */
export async function askCitizen(db: Db, inquiry: CitizenInquiry): Promise<CitizenAnswer> {
  return db.transaction().execute(async (trx) => {
    // Questions of one asker wait in line: two at once cannot both be the last one allowed.
    const { rows } = await sql<{ asker: string }>`
      select asker, pg_advisory_xact_lock(${questionLock}, hashtext(asker)) from (
        select coalesce((select rpps from addresses where address = ${inquiry.by} and type in ('PER', 'CAB')), ${inquiry.by}) as asker) who`.execute(
      trx,
    );
    const asker = rows[0]?.asker ?? inquiry.by;
    if (await hasAskedEnough(trx, asker, inquiry)) {
      await writeRefusal(trx, asker, inquiry);
      return { found: 'too-many' };
    }
    const [first, second] = await findIdentities(trx, inquiry.question);
    const outcome = !first ? 'nobody' : second ? 'several' : 'one';
    await writeQuestion(trx, asker, inquiry, outcome, outcome === 'one' ? first?.citizen_id : undefined);
    return first && !second ? { found: 'one', citizen: tell(first, inquiry.domain) } : { found: second ? 'several' : 'nobody' };
  });
}

async function hasAskedEnough(trx: Trx, asker: string, { perHour, now }: CitizenInquiry): Promise<boolean> {
  const { rows } = await sql<{ asked: number }>`
    select count(*) as asked from (
      select from citizen_questions
      where asker = ${asker} and at > ${new Date(now.getTime() - hourMs)} and outcome <> 'too-many' limit ${perHour}) recent`.execute(trx);
  return (rows[0]?.asked ?? 0) >= perHour;
}

async function writeQuestion(
  trx: Trx,
  asker: string,
  { by, question, now }: CitizenInquiry,
  outcome: CitizenQuestionsTable['outcome'],
  citizenId?: number,
): Promise<void> {
  const kind = question.about === 'matricule' ? 'matricule' : 'identity';
  await trx
    .insertInto('citizen_questions')
    .values({ at: now, by, asker, kind, outcome, citizen_id: citizenId ?? null })
    .execute();
}

// One refusal an hour is enough to know of, or a program that insists would fill the table.
async function writeRefusal(trx: Trx, asker: string, inquiry: CitizenInquiry): Promise<void> {
  const known = await trx
    .selectFrom('citizen_questions')
    .select('question_id')
    .where('asker', '=', asker)
    .where('at', '>', new Date(inquiry.now.getTime() - hourMs))
    .where('outcome', '=', 'too-many')
    .limit(1)
    .executeTakeFirst();
  if (!known) await writeQuestion(trx, asker, inquiry, 'too-many');
}

function tell(row: Identity, domain: string): FoundCitizen {
  const traits = { birthName: row.birth_name, firstGivenName: row.first_given_name };
  return {
    citizenId: row.citizen_id,
    ins: row.ins,
    ...(rightsIn(row.state).receive && { address: citizenAddress(row.ins, domain) }),
    displayName: citizenDisplayName(traits),
    ...traits,
    birthDate: row.birth_date,
    sex: row.sex,
    state: row.state === 'opposed' ? 'closed' : row.state,
  };
}
