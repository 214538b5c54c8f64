// What the DMP keeps: the records that were opened, the documents in them with their versions, and a journal that brings all of it back
// after a restart. A change is in the journal before it is answered, and is made in one go: two requests never see half of it.
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

/** A document as the DMP holds it. */
export type HeldDocument = {
  readonly uniqueId: string;
  /** Of the entry's first version, whichever stands now. */
  readonly entryUuid: string;
  readonly matricule: string;
  readonly title: string;
  readonly status: 'approved' | 'deprecated';
  /** The entry it took the place of, likewise. */
  readonly replaces?: string;
  /** Codes, as last written. */
  readonly confidentiality: readonly string[];
  readonly sizeBytes: number;
  /** Hexadecimal. */
  readonly sha1: string;
  /** How often it was offered, the first time included. */
  readonly timesOffered: number;
};

/** A document to keep: its entry as text, and the file its bytes lie in. */
export type NewDocument = Omit<HeldDocument, 'status' | 'timesOffered'> & {
  readonly isSignature: boolean;
  readonly text: string;
  readonly file: string;
};

/** A document with the version of its entry that stands. */
export type HeldEntry = HeldDocument & {
  readonly isSignature: boolean;
  readonly text: string;
  readonly version: number;
  /** The name of that version: the entry's own for the first. */
  readonly versionUuid: string;
};

type Kept = Omit<NewDocument, 'file'> & { version: number; versionUuid: string; isDeprecated: boolean; timesOffered: number };

/** A version of an entry that takes the place of the one that stands. */
export type NewVersion = { readonly versionUuid: string; readonly confidentiality: readonly string[]; readonly text: string };

type Entry =
  | { readonly kind: 'record'; readonly matricule: string; readonly status: 'active' | 'closed' }
  | { readonly kind: 'kept'; readonly setUniqueId: string; readonly documents: readonly Omit<NewDocument, 'file'>[] }
  | { readonly kind: 'offered'; readonly uniqueIds: readonly string[] }
  | ({ readonly kind: 'version'; readonly entryUuid: string } & NewVersion);

/** The holdings of one folder. */
export class Holdings {
  readonly #journal: string;
  readonly #documents: string;
  readonly #records = new Map<string, 'active' | 'closed'>();
  readonly #sets = new Set<string>();
  readonly #byUniqueId = new Map<string, Kept>();
  readonly #byEntry = new Map<string, Kept>();

  /** Opens what the folder holds, or begins. */
  constructor(folder: string) {
    this.#documents = join(folder, 'documents');
    this.#journal = join(folder, 'journal.jsonl');
    mkdirSync(this.#documents, { recursive: true });
    if (existsSync(this.#journal)) this.#replay();
  }

  statusOf(matricule: string): 'active' | 'closed' | undefined {
    return this.#records.get(matricule);
  }

  openRecord(matricule: string, status: 'active' | 'closed'): void {
    this.#write({ kind: 'record', matricule, status });
  }

  /** The document of that unique id, whatever its state. */
  find(uniqueId: string): HeldEntry | undefined {
    const kept = this.#byUniqueId.get(uniqueId);
    return kept && described(kept);
  }

  /** The document of that entry, by the name of any version. */
  findEntry(name: string): HeldEntry | undefined {
    const kept = this.#byEntry.get(name);
    return kept && described(kept);
  }

  hasSet(setUniqueId: string): boolean {
    return this.#sets.has(setUniqueId);
  }

  /** Keeps the documents of a set; those they replace become deprecated. The caller has just checked that all of it may be. */
  keep(setUniqueId: string, documents: readonly NewDocument[]): void {
    for (const { uniqueId, file } of documents) renameSync(file, this.#fileOf(uniqueId));
    this.#write({ kind: 'kept', setUniqueId, documents: documents.map(({ file, ...document }) => document) });
  }

  /** Counts that documents it holds were offered again. */
  countOffered(uniqueIds: readonly string[]): void {
    this.#write({ kind: 'offered', uniqueIds });
  }

  /** Writes a new version of an entry. */
  update(entryUuid: string, version: NewVersion): void {
    this.#write({ kind: 'version', entryUuid, ...version });
  }

  /** Every document but the signatures, in the order they came. */
  list(): readonly HeldDocument[] {
    return [...this.#byUniqueId.values()].filter(({ isSignature }) => !isSignature).map((kept) => listed(kept));
  }

  /** The bytes of a document it holds. */
  read(uniqueId: string): Buffer {
    return readFileSync(this.#fileOf(uniqueId));
  }

  #fileOf(uniqueId: string): string {
    return join(this.#documents, `${createHash('sha256').update(uniqueId).digest('hex')}.xml`);
  }

  #write(entry: Entry): void {
    appendFileSync(this.#journal, `${JSON.stringify(entry)}\n`);
    this.#apply(entry);
  }

  #apply(entry: Entry): void {
    if (entry.kind === 'record') this.#records.set(entry.matricule, entry.status);
    if (entry.kind === 'kept') {
      this.#sets.add(entry.setUniqueId);
      for (const document of entry.documents) {
        const kept: Kept = { ...document, version: 1, versionUuid: document.entryUuid, isDeprecated: false, timesOffered: 1 };
        this.#byUniqueId.set(kept.uniqueId, kept);
        this.#byEntry.set(kept.entryUuid, kept);
        const replaced = kept.replaces === undefined ? undefined : this.#byEntry.get(kept.replaces);
        if (replaced) replaced.isDeprecated = true;
      }
    }
    if (entry.kind === 'offered')
      for (const uniqueId of entry.uniqueIds) {
        const kept = this.#byUniqueId.get(uniqueId);
        if (kept) kept.timesOffered += 1;
      }
    if (entry.kind === 'version') {
      const { versionUuid, confidentiality, text } = entry;
      const kept = this.#byEntry.get(entry.entryUuid);
      if (!kept) return;
      Object.assign(kept, { versionUuid, confidentiality, text, version: kept.version + 1 });
      this.#byEntry.set(versionUuid, kept);
    }
  }

  /** A process that was killed may leave half a line at the end: it was never answered, and goes. */
  #replay(): void {
    const text = readFileSync(this.#journal, 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) truncateSync(this.#journal, Buffer.byteLength(whole));
    for (const line of whole.split('\n')) if (line !== '') this.#apply(JSON.parse(line) as Entry);
  }
}

function described({ isDeprecated, ...kept }: Kept): HeldEntry {
  return { ...kept, status: isDeprecated ? 'deprecated' : 'approved' };
}

function listed(kept: Kept): HeldDocument {
  const { isSignature, text, version, versionUuid, ...held } = described(kept);
  return held;
}
