// The patients' part of a search: one exact question, one citizen or none, counted and written down by the directory. Requirement 23.
import { askCitizen, type CitizenAnswer } from '../../../directory/book/ask-citizen.ts';
import type { BookFilter } from '../../../directory/book/book-filter.ts';
import { type ExactQuestion, exactQuestion } from '../../../directory/book/exact-question.ts';
import type { Address } from '../../core/address.ts';
import type { Ins } from '../../core/ins.ts';
import type { LdapEntry } from '../entries/entry.ts';
import { patientElsewhereEntry, patientEntry } from '../entries/patient-entry.ts';
import { bookQuestion } from '../filters/book-question.ts';
import { patientsBranch } from '../filters/branches.ts';
import type { OperationContext } from '../operation.ts';
import { resultCode } from '../wire/protocol.ts';
import type { SearchRequest } from '../wire/read-message.ts';
import type { Result } from '../wire/write-answer.ts';

/** What was found. `result` is there when there is something to say; a result that is no success ends the search. */
export type FoundPatient = { readonly entry?: LdapEntry; readonly result?: Result; readonly wasAsked: boolean };

const notAsked: FoundPatient = { wasAsked: false };

const tooMany: Result = {
  code: resultCode.adminLimitExceeded,
  text: 'Vous avez cherché trop de patients depuis une heure. Réessayez plus tard.',
};
const several: Result = {
  code: resultCode.success,
  text: 'Plusieurs patients portent cette identité. Cherchez par le matricule INS.',
};
const unanswered: Result = {
  code: resultCode.success,
  text: 'Un autre annuaire ne répond pas : ce patient y est peut-être connu.',
};

/** Answers the exact question that a filter asks, if it asks one. `only`: the one entry that the search is about. */
export async function findPatient(
  request: SearchRequest,
  reach: 'asked' | { only: Ins },
  by: Address,
  context: OperationContext,
): Promise<FoundPatient> {
  const { services } = context;
  const asked = bookQuestion(request.filter, patientsBranch);
  const question = exactQuestion(reach === 'asked' ? asked : about(reach.only, asked), services.citizensDomain);
  if (!question) return notAsked;
  const answer = await context.session.inTurn(services.searchGate, () => ask(question, by, context));
  if (answer.found === 'one') return { entry: patientEntry(services.tree, answer.citizen), wasAsked: true };
  if (answer.found === 'too-many') return { result: tooMany, wasAsked: true };
  if (answer.found === 'several') return { result: several, wasAsked: true };
  return question.about === 'matricule' ? findElsewhere(question.ins, context) : { wasAsked: true };
}

/** The question, narrowed to one entry. */
function about(ins: Ins, asked: BookFilter): BookFilter {
  const isIt: BookFilter = { is: 'equal', attribute: 'ins', value: ins };
  return asked.is === 'true' ? isIt : { is: 'and', of: [isIt, asked] };
}

function ask(question: ExactQuestion, by: Address, { services, signal }: OperationContext): Promise<CitizenAnswer> {
  // A question that was given up while it waited is not counted.
  signal.throwIfAborted();
  return askCitizen(services.db, {
    by,
    question,
    perHour: services.limits.citizenQuestionsPerHour,
    domain: services.citizensDomain,
    now: services.clock(),
  });
}

async function findElsewhere(ins: Ins, { services, signal }: OperationContext): Promise<FoundPatient> {
  const answer = await services.lookUp?.(ins, { signal });
  if (answer?.found === 'elsewhere') return { entry: patientElsewhereEntry(services.tree, ins, answer.entry), wasAsked: true };
  if (answer?.found === 'several') return { result: several, wasAsked: true };
  if (answer?.found === 'nobody' && !answer.isCertain) return { result: unanswered, wasAsked: true };
  return { wasAsked: true };
}
