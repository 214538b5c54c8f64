// The national record in small, behind the connector's own words: for tests of when and why copies are made. How it is spoken to is tested
// against a real server (test/demo/dmp-server).
import { createHash } from 'node:crypto';
import type {
  Changed,
  EntryToShow,
  Fed,
  FoundEntry,
  RecordConnector,
  RecordFailure,
  RecordStatus,
  Submission,
} from '../../src/dmp/connector.ts';
import type { DocumentEntry } from '../../src/dmp/document-entry.ts';
import type { DocumentPatient } from '../../src/mail/documents/health-document.ts';

/** A document as it stands there. */
export type HeldInRecord = {
  readonly entry: DocumentEntry;
  readonly entryUuid: string;
  readonly sha1: string;
  readonly state: 'approved' | 'deprecated';
  readonly replaces?: string;
};

type Method = keyof RecordConnector;

/** Everybody has an active record, unless the test says otherwise. */
export class SmallRecord implements RecordConnector {
  readonly held = new Map<string, HeldInRecord>();
  /** How often each method was asked. */
  readonly asked: Record<Method, number> = { status: 0, find: 0, feed: 0, show: 0 };
  readonly sets: string[] = [];
  recordStatus: RecordStatus['status'] = 'active';
  /** What goes wrong with the next requests; `after` is asked once the work is done: an answer that is lost. */
  trouble: (method: Method) => RecordFailure | undefined = () => undefined;
  after: (method: Method) => RecordFailure | undefined = () => undefined;
  /** Awaited before a feeding: to hold one under way. */
  pace: () => Promise<void> | void = () => undefined;

  async status(_patient: DocumentPatient): Promise<RecordStatus | RecordFailure> {
    return this.#answer('status', () => ({ do: 'known', status: this.recordStatus }));
  }

  async find(_patient: DocumentPatient, uniqueId: string): Promise<FoundEntry | RecordFailure> {
    return this.#answer('find', () => {
      const held = this.held.get(uniqueId);
      return held ? { do: 'found', entryUuid: held.entryUuid } : { do: 'absent' };
    });
  }

  async feed({ setUniqueId, document }: Submission): Promise<Fed | RecordFailure> {
    const { entry, sizeBytes, sha1, replaces } = document;
    const hash = createHash('sha1');
    let read = 0;
    for await (const chunk of document.open()) {
      hash.update(chunk);
      read += chunk.length;
    }
    if (read !== sizeBytes || !hash.digest().equals(sha1)) throw new Error('The document is not what was announced');
    await this.pace();
    return this.#answer('feed', () => {
      const before = this.held.get(entry.uniqueId);
      if (before && before.sha1 !== sha1.toString('hex')) return { do: 'refused', code: 'XDSNonIdenticalHash' };
      if (before) return { do: 'fed', entryUuid: before.entryUuid, wasThere: true };
      const old = [...this.held.values()].find((one) => one.entryUuid === replaces?.entryUuid);
      if (replaces && old?.state !== 'approved') return { do: 'refused', code: 'XDSReplaceFailed' };
      if (old) this.held.set(old.entry.uniqueId, { ...old, state: 'deprecated' });
      const entryUuid = `urn:uuid:entry-${this.held.size}`;
      this.sets.push(setUniqueId);
      this.held.set(entry.uniqueId, {
        entry,
        entryUuid,
        sha1: sha1.toString('hex'),
        state: 'approved',
        ...(old && { replaces: old.entry.uniqueId }),
      });
      return { do: 'fed', entryUuid, wasThere: false };
    });
  }

  async show({ entry, entryUuid }: EntryToShow): Promise<Changed | RecordFailure> {
    return this.#answer('show', () => {
      const held = this.held.get(entry.uniqueId);
      if (held?.entryUuid !== entryUuid || held.state !== 'approved') return { do: 'refused', code: 'XDSRegistryMetadataError' };
      // As a registry does: another version, with a name of its own.
      this.held.set(entry.uniqueId, { ...held, entry, entryUuid: `${entryUuid}-shown` });
      return { do: 'changed' };
    });
  }

  #answer<Good>(method: Method, work: () => Good | RecordFailure): Good | RecordFailure {
    this.asked[method] += 1;
    const failure = this.trouble(method);
    if (failure) return failure;
    const done = work();
    return this.after(method) ?? done;
  }
}
