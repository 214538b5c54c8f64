// What was sent against what is found. Every letter that was answered 250 must stand once in the INBOX of each of its recipients, byte for
// byte; one that was not answered may stand there or not, but whole, once, and for all of its recipients or for none.
import { recount } from '../../mailboxes/recount.ts';
import { connect } from '../../src/database/connect.ts';
import type { Crowd, Someone } from '../support/crowd.ts';
import type { GatewayHome, GatewayProcess } from '../support/gateway-process.ts';
import { readServed, type SentLetter } from './letters.ts';
import { readInbox, type ServedLetter } from './read-inbox.ts';

/** What is wrong, a line each; all empty when nothing is. */
export type Findings = {
  /** Answered 250 and not there. */
  readonly lost: string[];
  /** There, but not byte for byte what was sent, or unreadable. */
  readonly damaged: string[];
  /** Twice in one mailbox, in a mailbox it was not for, or in some of its recipients' only. */
  readonly misplaced: string[];
  /** Counters, quota, UIDs that a recount does not confirm; folders that lost letters seen before. */
  readonly miscounted: string[];
};

/** A verification that found nothing. */
export const nothing: Findings = { lost: [], damaged: [], misplaced: [], miscounted: [] };

/** Mailboxes read at the same time. */
const readers = 6;

type KnownInbox = { readonly lastUid: number; readonly letters: number; readonly uidValidity: number };

/** Remembers every letter of a run and finds them again. */
export class Ledger {
  readonly #letters = new Map<string, SentLetter>();
  /** Letter and mailbox, for each letter found. */
  readonly #found = new Set<string>();
  readonly #inboxes = new Map<string, KnownInbox>();

  /** Before its first byte is sent. */
  remember(letter: SentLetter): void {
    this.#letters.set(letter.id, letter);
  }

  /** Placements found so far. */
  get found(): number {
    return this.#found.size;
  }

  /** Reads what has come since the last verification, or everything again, and has the database recounted. */
  async verify(gateway: GatewayProcess, home: GatewayHome, crowd: Crowd, reads: 'what-is-new' | 'everything'): Promise<Findings> {
    if (reads === 'everything') {
      this.#found.clear();
      this.#inboxes.clear();
    }
    const findings: Findings = { lost: [], damaged: [], misplaced: [], miscounted: [] };
    const waiting = [...crowd.citizens, ...crowd.doctors];
    const readAll = async () => {
      for (let someone = waiting.pop(); someone; someone = waiting.pop()) await this.#readInbox(gateway, home, someone, findings);
    };
    await Promise.all(Array.from({ length: readers }, readAll));
    for (const letter of this.#letters.values()) this.#judgeLetter(letter, findings);
    findings.miscounted.push(...(await recountLines(gateway)));
    return findings;
  }

  async #readInbox(gateway: GatewayProcess, { authority }: GatewayHome, someone: Someone, findings: Findings): Promise<void> {
    const known = this.#inboxes.get(someone.address) ?? { lastUid: 0, letters: 0, uidValidity: 0 };
    let [lastUid, letters] = [known.lastUid, known.letters];
    const server = { authority, port: gateway.report.ports.imapTls };
    const { exists, isWhole, uidValidity } = await readInbox(server, someone, known.lastUid + 1, (letter) => {
      lastUid = Math.max(lastUid, letter.uid);
      letters += 1;
      this.#judgeServed(someone, letter, findings);
    });
    if (!isWhole) findings.damaged.push(`${someone.address}: the server hung up after UID ${lastUid}`);
    else if (exists !== letters) findings.miscounted.push(`${someone.address}: ${exists} letters, ${letters} were seen`);
    if (known.uidValidity !== 0 && known.uidValidity !== uidValidity)
      findings.miscounted.push(`${someone.address}: UIDVALIDITY has changed`);
    this.#inboxes.set(someone.address, { lastUid, letters, uidValidity });
  }

  #judgeServed({ address }: Someone, { uid, bytes }: ServedLetter, findings: Findings): void {
    const place = `${address} UID ${uid}`;
    const served = bytes && readServed(bytes);
    const letter = served && this.#letters.get(served.id);
    if (!letter) findings.damaged.push(`${place}: ${bytes ? 'no letter that was sent' : 'unreadable'}`);
    else if (letter.sha256 !== served.sha256 || letter.sender !== served.returnPath)
      findings.damaged.push(`${place}: not the bytes of ${letter.id}`);
    else if (!letter.recipients.includes(address)) findings.misplaced.push(`${place}: ${letter.id} was for others`);
    else if (this.#found.has(placement(letter, address))) findings.misplaced.push(`${place}: ${letter.id} for the second time`);
    else this.#found.add(placement(letter, address));
  }

  #judgeLetter(letter: SentLetter, findings: Findings): void {
    const absent = letter.recipients.filter((recipient) => !this.#found.has(placement(letter, recipient)));
    if (letter.isAcknowledged)
      for (const recipient of absent) findings.lost.push(`${letter.id} (${letter.sizeBytes} bytes) for ${recipient}`);
    else if (absent.length > 0 && absent.length < letter.recipients.length) {
      findings.misplaced.push(
        `${letter.id}: for ${letter.recipients.length - absent.length} of its ${letter.recipients.length} recipients`,
      );
    }
  }
}

function placement({ id }: SentLetter, address: string): string {
  return `${id} ${address}`;
}

async function recountLines(gateway: GatewayProcess): Promise<string[]> {
  const db = connect({ ...gateway.report.connection, poolSize: 1 });
  try {
    const differences = await recount(db);
    return differences.map(
      ({ mailboxId, folderId, what, kept, counted }) => `mailbox ${mailboxId} folder ${folderId} ${what}: ${kept}, not ${counted}`,
    );
  } finally {
    await db.destroy();
  }
}
