// Search: entries of the tree, each sent as it is found, then the result. RFC 4511 §4.5. Requirements 19 and 23.
import { parseDn } from '../distinguished-name.ts';
import { type LdapEntry, readSelection } from '../entries/entry.ts';
import { matchesEntry } from '../filters/match-entry.ts';
import { ends, type OperationContext, type OperationOutcome, type RunOperation } from '../operation.ts';
import { type FoundPatient, findPatient } from '../search/find-patient.ts';
import type { SearchProgress } from '../search/open-pages.ts';
import { isPublic, type Reach, reachOf } from '../search/reach.ts';
import { type AskedPage, readPage, refusedControls } from '../search/search-controls.ts';
import { isInBook, sendProfessionals } from '../search/send-professionals.ts';
import { refusedToConsult } from '../who-may-consult.ts';
import { controlOid, resultCode } from '../wire/protocol.ts';
import type { SearchRequest } from '../wire/read-message.ts';
import { type Result, success, writeEntry } from '../wire/write-answer.ts';

const noPage = Buffer.alloc(0);

/** RFC 4511 §4.5. */
export const search: RunOperation<SearchRequest> = async (request, context) => {
  const { services, session } = context;
  const refused = refusedControls(context.controls, [controlOid.pagedResults]);
  if (refused) return { result: refused };
  const page = readPage(context.controls);
  const base = parseDn(request.base);
  if (!base) return ends(resultCode.invalidDnSyntax, 'Le point de départ de la recherche n’est pas un nom d’annuaire');
  const place = services.tree.placeOf(base);
  if (place.is === 'nowhere') return { result: { code: resultCode.noSuchObject, matchedDn: place.matchedDn } };
  if (!isPublic(place, request.scope)) {
    const refusedNow = refusedToConsult(session);
    if (refusedNow) return { result: refusedNow };
  }
  const reach = reachOf(services.tree, place, request.scope, session.isSecure);
  if (page && page.cookie.length > 0) return goOn(request, reach, page, context);
  return begin(request, reach, page, context);
};

async function begin(
  request: SearchRequest,
  reach: Reach,
  page: AskedPage | undefined,
  context: OperationContext,
): Promise<OperationOutcome> {
  const patient = await askedPatient(request, reach, context);
  if (patient?.result && patient.result.code !== resultCode.success) return ended(patient.result, page);
  const own = reach.own.filter((entry) => matchesEntry(request.filter, entry));
  const early = patient?.entry ? [...own, patient.entry] : own;
  const { maxEntries } = context.services.limits;
  const leftEntries = request.sizeLimit === 0 ? maxEntries : Math.min(request.sizeLimit, maxEntries);
  const outcome = await sendPage(request, reach, page, { early, leftEntries }, context);
  if (outcome.result.code !== resultCode.success || early.length > 0) return outcome;
  if (patient?.result) return { ...outcome, result: patient.result };
  const absent = await absence(reach, patient, context);
  return absent ? ended(absent.result, page) : outcome;
}

function goOn(
  request: SearchRequest,
  reach: Reach,
  page: AskedPage,
  context: OperationContext,
): Promise<OperationOutcome> | OperationOutcome {
  const progress = context.session.pages.take(request, page.cookie);
  if (!progress) return ends(resultCode.unwillingToPerform, 'Cette suite de recherche n’est plus connue, recommencez la recherche');
  if (page.size === 0) return ended(success, page);
  return sendPage(request, reach, page, progress, context);
}

/** Sends one page, or all there is when pages were not asked for. */
async function sendPage(
  request: SearchRequest,
  reach: Reach,
  page: AskedPage | undefined,
  progress: SearchProgress,
  context: OperationContext,
): Promise<OperationOutcome> {
  const choose = readSelection(request.attributes, request.typesOnly);
  const send = (entry: LdapEntry) => context.send(writeEntry(context.messageId, entry.dn, choose(entry)));
  // A page of no size would never end.
  const limit = Math.min(page && page.size > 0 ? page.size : Number.POSITIVE_INFINITY, progress.leftEntries);
  const early = progress.early.slice(0, limit);
  for (const entry of early) await send(entry);
  const leftEarly = progress.early.slice(early.length);
  const wanted = { after: progress.after, limit: limit - early.length, endsAt: endOf(request, context) };
  const { professionals } = reach;
  const sent = professionals && (await sendProfessionals(request, { ...wanted, reach: professionals }, context, send));
  if (sent === 'too-long')
    return ended({ code: resultCode.timeLimitExceeded, text: 'Précisez votre recherche : elle dure trop longtemps' }, page);
  if (leftEarly.length === 0 && !sent?.isMore) return ended(success, page);
  const leftEntries = progress.leftEntries - early.length - (sent?.sentEntries ?? 0);
  if (!page || leftEntries === 0) {
    return ended({ code: resultCode.sizeLimitExceeded, text: 'Il y a d’autres réponses : précisez votre recherche' }, page);
  }
  const next: SearchProgress = { early: leftEarly, leftEntries, ...(sent?.after !== undefined && { after: sent.after }) };
  return { result: success, extras: { nextPage: context.session.pages.keep(request, next) } };
}

/** Nothing was found at all: is there even an entry of that name, and was the question one that can be answered? */
async function absence(reach: Reach, patient: FoundPatient | undefined, context: OperationContext): Promise<OperationOutcome | undefined> {
  const { tree } = context.services;
  const leaf = typeof reach.professionals === 'object' ? reach.professionals.only : reach.below;
  if (leaf !== undefined) {
    const isThere = await isInBook(leaf, Date.now() + context.services.limits.searchTimeLimitMs, context);
    return isThere === false ? { result: { code: resultCode.noSuchObject, matchedDn: tree.professionalsDn } } : undefined;
  }
  if (typeof reach.patients === 'object') {
    return patient?.wasAsked ? { result: { code: resultCode.noSuchObject, matchedDn: tree.patientsDn } } : undefined;
  }
  if (reach.patients && !reach.professionals && !patient?.wasAsked) {
    return ends(
      resultCode.success,
      'Un patient se cherche par son matricule INS, ou par nom de naissance, premier prénom et date de naissance',
    );
  }
  return undefined;
}

async function askedPatient(request: SearchRequest, reach: Reach, context: OperationContext): Promise<FoundPatient | undefined> {
  const { account } = context.session;
  return reach.patients && account ? findPatient(request, reach.patients, account.address, context) : undefined;
}

function endOf({ timeLimitSeconds }: SearchRequest, { services }: OperationContext): number {
  const { searchTimeLimitMs } = services.limits;
  return Date.now() + (timeLimitSeconds === 0 ? searchTimeLimitMs : Math.min(timeLimitSeconds * 1000, searchTimeLimitMs));
}

/** Whoever asked for pages hears that this was the last one. RFC 2696 §3. */
function ended(result: Result, page: AskedPage | undefined): OperationOutcome {
  return { result, ...(page && { extras: { nextPage: noPage } }) };
}
