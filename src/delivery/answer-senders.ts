// The automatic letters that a group owes to its senders: reports, absences, the legal notice, the answer of the test address.
// They are owed in the group's transaction and written later by src/pipeline. Requirements 36, 37, 40, 46, 50.
import { absenceAnswers, currentAbsences, rememberAbsenceAnswers } from '../../policies/absences.ts';
import { rememberLegalNotices } from '../../policies/legal-notices.ts';
import { wordsOf } from '../../policies/verdict.ts';
import { type Address, parseAddress } from '../core/address.ts';
import type { Trx } from '../database/tables.ts';
import { together } from '../database/together.ts';
import { mailboxesOf } from '../mail/address-list.ts';
import type { TestSummary } from '../mail/automatic/compose-answer.ts';
import { oweAbsences, oweLegalNotices, oweReports, oweTestAnswers, type RecipientToReport, type ReportToOwe } from './automatic-letters.ts';
import type { PathPolicies } from './path-policies.ts';
import { aboutLetter, type Judged, keptBlob, type TakenLetter } from './taken-letter.ts';
import { type ReportAction, wantsReport } from './wanted-reports.ts';
import { codeOf, courseOf } from './write-courses.ts';

/** Owes everything; `taken` are the recipients of the letters taken. Returns true when something was owed. */
export async function answerSenders(trx: Trx, policies: PathPolicies, taken: readonly Judged[], now: Date): Promise<boolean> {
  // An automatic letter is answered by nothing, whatever becomes of it. RFC 3834 §2, requirements 17 and 37.
  const answerable = taken.filter(({ letter }) => letter.arrival.sender !== null && letter.heading.automation !== 'answer');
  const reports = reportsOf(answerable);
  const tests = policies.testAnswersPerHour > 0 ? answerable.filter((one) => courseOf(one) === 'answered') : [];
  const [, absences, notices] = await together([
    oweReports(trx, reports, now),
    answerForAbsent(trx, policies, answerable, now),
    tellReadingDelays(trx, policies, answerable, now),
    oweTestAnswers(trx, tests.map(testAnswer), now),
  ]);
  return reports.length + tests.length + absences + notices > 0;
}

/** One report per letter and action, naming every recipient it is true of. */
function reportsOf(answerable: readonly Judged[]): ReportToOwe[] {
  const byLetter = new Map<TakenLetter, Map<ReportAction, RecipientToReport[]>>();
  for (const one of answerable) {
    const recipient = recipientToReport(one);
    if (!recipient) continue;
    const actions = byLetter.get(one.letter) ?? new Map<ReportAction, RecipientToReport[]>();
    byLetter.set(one.letter, actions.set(recipient.action, [...(actions.get(recipient.action) ?? []), recipient]));
  }
  return [...byLetter].flatMap(([letter, actions]) =>
    [...actions.values()].map((recipients) => ({ about: aboutLetter(letter), recipients })),
  );
}

const actions = { failed: 'failed', held: 'delayed', placed: 'delivered', answered: 'delivered', 'sent-outside': undefined } as const;

/** Undefined when the sender does not want to be told; a letter sent outside is reported on by whoever takes it there. RFC 3461 §5.2. */
function recipientToReport(one: Judged): RecipientToReport | undefined {
  const action = actions[courseOf(one)];
  if (!action || !wantsReport(one.recipient.notify, action)) return undefined;
  const code = codeOf(one);
  return { ...one.recipient, action, status: code ? wordsOf(code).status : '2.1.5', ...(code && { code }) };
}

/** Of the letters that were placed, those whose recipient is away and has not told their sender yet. RFC 3834. */
async function answerForAbsent(trx: Trx, policies: PathPolicies, answerable: readonly Judged[], now: Date): Promise<number> {
  const placed = answerable.filter((one) => courseOf(one) === 'placed' && one.known.facts.recipient.kind === 'professional');
  const absences = await currentAbsences(trx, [...new Set(placed.map(({ recipient }) => recipient.address))], now);
  const asked = placed.flatMap(({ letter, recipient: { address } }) => {
    const absence = absences.get(address);
    const { sender } = letter.arrival;
    const isAutomatic = letter.heading.automation !== 'none';
    const answers = absence && absenceAnswers({ sender, recipient: address, isAutomatic, isNamed: isNamed(letter, address) });
    return answers && sender ? [{ letter, address, correspondent: sender, absence }] : [];
  });
  const isNew = await rememberAbsenceAnswers(trx, asked, now, policies.absenceAgainAfterMs);
  const owed = asked.filter((_, at) => isNew[at]);
  await oweAbsences(
    trx,
    owed.map(({ letter, address, absence }) => ({ about: aboutLetter(letter), from: address, absence })),
    now,
  );
  return owed.length;
}

/** A citizen hears once for each correspondent that no reading delay is promised. */
async function tellReadingDelays(trx: Trx, policies: PathPolicies, answerable: readonly Judged[], now: Date): Promise<number> {
  const written = policies.legalNotice ? answerable.filter(({ verdict }) => verdict.do === 'accept') : [];
  const asked = written.flatMap(({ letter, known: { pair } }) => (pair ? [{ letter, ...pair }] : []));
  const isNew = await rememberLegalNotices(trx, asked, now);
  const owed = asked.filter((_, at) => isNew[at]);
  await oweLegalNotices(
    trx,
    owed.map(({ letter, correspondent }) => ({ about: aboutLetter(letter), correspondent })),
    now,
  );
  return owed.length;
}

const maxToldHeaders = 100;

function testAnswer({ letter, recipient }: Judged) {
  const { arrival, headers, prefix } = letter;
  const { peer, receivedAt } = arrival;
  const fields = headers.fields.filter(({ name }) => name !== '').slice(0, maxToldHeaders);
  const summary: TestSummary = {
    receivedAt,
    headers: fields.map((field) => readField(headers.raw(field).toString('latin1'))),
    peer,
    verdict: { code: 'accept', text: 'Ce courrier est accepté' },
    sizeBytes: prefix.length + keptBlob(letter).sizeBytes,
  };
  return { about: aboutLetter(letter), testAddress: recipient.address, summary };
}

const maxToldValue = 500;

function readField(raw: string): { name: string; value: string } {
  const colon = raw.indexOf(':');
  // NUL cannot be kept in the database, and nothing else below a space means anything in a header.
  const value = [...raw.slice(colon + 1, colon + 1 + maxToldValue)].map((character) => (character < ' ' ? ' ' : character)).join('');
  return { name: raw.slice(0, colon).trim(), value: value.replace(/ +/g, ' ').trim() };
}

/** In To or Cc, not merely among the recipients of the envelope. */
function isNamed({ headers }: TakenLetter, address: Address): boolean {
  const named = [...headers.getAll('to'), ...headers.getAll('cc')].flatMap(mailboxesOf);
  return named.some((one) => parseAddress(one.address) === address);
}
