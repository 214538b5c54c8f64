// One document on its way into the national record: what it must say of itself, whether its patient has a record, what it replaces, and
// then its bytes. Asked again, each step answers the same: the whole may be cut anywhere and begun anew. Requirements 49, 52 to 54.
import type { Db } from '../database/tables.ts';
import { digestsOf } from '../mail/documents/digests.ts';
import type { DescribedDocument } from '../mail/documents/written-metadata.ts';
import type { RecordFailure } from './connector.ts';
import { describeEntry } from './describe-entry.ts';
import type { DocumentEntry } from './document-entry.ts';
import { type CopyEnd, findByEntry, readDocument } from './record-documents.ts';
import type { RecordRoad } from './record-road.ts';

/** How one attempt ended: for good, or to be made again. */
export type CopyOutcome = CopyEnd | { readonly do: 'later'; readonly because: string };

/** One attempt. */
export type CopyAttempt = {
  /** Names the submission set: the same each time the same work is tried. A UUID. */
  readonly workId: string;
  /** When the letter was taken: what it replaces may still be on another road. */
  readonly takenAt: Date;
  /** The patient, when they are known here. */
  readonly citizenId: number | undefined;
  /** Whether the patient wants no copies: asked before the record hears of them, and once more before the document leaves. */
  objects(): Promise<boolean>;
  readonly now: Date;
  readonly signal: AbortSignal;
};

/** Letters overtake each other: a replacement waits this long for what it replaces before it is refused. */
const overtakingMs = 15 * 60_000;

/** Reasons that are nobody's mistake: the document stays where the letter brought it, and no more. */
const leftOut: ReadonlySet<string> = new Set(['not-a-type-of-the-record']);

const objection = { do: 'not-fed', code: 'objection' } as const;

/** The registry knows what is replaced by another name than we do: somebody has changed its visibility since. */
const staleTarget: ReadonlySet<string> = new Set(['XDSReplaceFailed', 'UnresolvedReferenceException']);

/** Brings a document into the record. The register is asked what it knows of the document that this one replaces; nothing is written. */
export async function copyDocument(db: Db, road: RecordRoad, document: DescribedDocument, attempt: CopyAttempt): Promise<CopyOutcome> {
  const { connector, sourceOid } = road;
  const { workId, citizenId, now, signal } = attempt;
  if (await attempt.objects()) return objection;
  const entry = describeEntry(document);
  if ('do' in entry) return { do: leftOut.has(entry.code) ? 'not-fed' : 'refused', code: entry.code };
  const known = await connector.status(entry.patient, signal);
  if (known.do !== 'known') return known;
  if (known.status !== 'active') return { do: 'not-fed', code: `record-${known.status}` };
  const replaced = await findReplaced(db, road, entry, attempt);
  if (replaced && 'do' in replaced) return replaced;
  const digests = await digestsOf(() => document.open());
  if (!digests) return { do: 'refused', code: 'document-damaged' };
  const feed = ({ entryUuid }: Partial<Replaced>) => {
    const toFeed = { entry, ...digests, open: () => document.open(), ...(entryUuid !== undefined && { replaces: { entryUuid } }) };
    return connector.feed({ setUniqueId: submissionSetId(sourceOid, workId), document: toFeed, now }, signal);
  };
  if (await attempt.objects()) return objection;
  let fed = await feed(replaced ?? {});
  if (fed.do === 'refused' && staleTarget.has(fed.code) && replaced?.uniqueId !== undefined) {
    const found = await connector.find(entry.patient, replaced.uniqueId, signal);
    if (found.do === 'later') return found;
    if (found.do === 'found' && found.entryUuid !== replaced.entryUuid) fed = await feed(found);
  }
  if (fed.do !== 'fed') return fed;
  return {
    do: 'fed',
    entry,
    entryUuid: fed.entryUuid,
    isHidden: isHiddenFromPatient(entry),
    sha1: digests.sha1,
    citizenId,
    ...(replaced?.uniqueId !== undefined && { replaces: replaced.uniqueId }),
  };
}

/** True for an entry that its patient may not see. */
function isHiddenFromPatient({ confidentiality }: DocumentEntry): boolean {
  return confidentiality.some(({ code }) => code === 'INVISIBLE_PATIENT');
}

/** An OID under the source's own, of at most 30 characters more: 96 bits of the work's id. ISO/IEC 9834-1. */
function submissionSetId(sourceOid: string, workId: string): string {
  return `${sourceOid}.${BigInt(`0x${workId.replaceAll('-', '').slice(0, 24)}`)}`;
}

/** Its name in the registry, and its own id when that is known. */
type Replaced = { readonly entryUuid: string; readonly uniqueId?: string };

/**
 * The entry that this document takes the place of; undefined for a document that replaces none. A replacement is never fed before what it
 * replaces, nor as a new document: two versions would stand side by side, or the older one above.
 */
async function findReplaced(
  db: Db,
  { connector }: RecordRoad,
  entry: DocumentEntry,
  { takenAt, now, signal }: CopyAttempt,
): Promise<Replaced | undefined | RecordFailure> {
  const targets = entry.relations.filter(({ kind }) => kind === 'replaces').map(({ target }) => target);
  // Both sources may name the same document, one by its id, the other by its entry: the id is what every road shares.
  const uniqueIds = [...new Set(targets.flatMap((target) => ('uniqueId' in target ? [target.uniqueId] : [])))];
  const named = uniqueIds.filter((uniqueId) => uniqueId !== entry.uniqueId);
  if (named.length > 1) return { do: 'refused', code: 'replaces-several' };
  const [uniqueId] = named;
  if (uniqueId === undefined) {
    const [entryUuid] = uniqueIds.length > 0 ? [] : targets.flatMap((target) => ('entryUuid' in target ? [target.entryUuid] : []));
    if (entryUuid === undefined) return undefined;
    const ours = await findByEntry(db, entryUuid);
    return { entryUuid, ...(ours !== undefined && ours !== entry.uniqueId && { uniqueId: ours }) };
  }
  const known = await readDocument(db, uniqueId);
  if (known?.state === 'waiting') return { do: 'later', because: 'replaced-is-waiting' };
  if (known?.state === 'fed' && known.entryUuid !== undefined) return { entryUuid: known.entryUuid, uniqueId };
  const found = await connector.find(entry.patient, uniqueId, signal);
  if (found.do === 'found') return { entryUuid: found.entryUuid, uniqueId };
  if (found.do !== 'absent') return found;
  const mayBeOnItsWay = now.getTime() - takenAt.getTime() < overtakingMs;
  return mayBeOnItsWay ? { do: 'later', because: 'replaced-not-there-yet' } : { do: 'refused', code: 'replaced-unknown' };
}
