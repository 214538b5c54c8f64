// The road to the record by XDS.b: each method is one exchange (two where it must look first), and what came of it in the words of connector.ts.
import { randomUUID } from 'node:crypto';
import type { Config } from '../../config/schema.ts';
import type { Clock } from '../../core/clock.ts';
import type { DocumentPatient } from '../../mail/documents/health-document.ts';
import type { Changed, EntryToShow, Fed, FoundEntry, RecordConnector, RecordFailure, RecordStatus, Submission } from '../connector.ts';
import type { DocumentEntry } from '../document-entry.ts';
import { signAssertion } from '../signatures/assertion.ts';
import type { SigningCredential } from '../signatures/credential.ts';
import type { Xml } from '../xml-text.ts';
import { soapEnvelope } from './envelope.ts';
import { entryUuidOf, setRequest } from './feed-set.ts';
import { documentQuery, foundReference, heldEntry, type ReturnType } from './find-entry.ts';
import { type Heard, readAnswer } from './read-answer.ts';
import { RecordServer } from './record-server.ts';
import { readStatus, statusQuery } from './record-status.ts';
import { readRegistryAnswer } from './registry-answer.ts';
import { actions } from './registry-names.ts';
import { type BinaryPart, mtomBody, plainBody } from './request-body.ts';
import { isHidden, showRequest } from './show-request.ts';
import { submitterOf } from './submission-set.ts';

/** What the connector is made of. */
export type XdsOptions = {
  readonly endpoints: NonNullable<Config['dmp']['endpoints']>;
  readonly credential: SigningCredential;
  /** PEM of the only authority trusted. */
  readonly authority: string;
  readonly settings: Pick<Config['dmp'], 'structure' | 'assertion' | 'sourceOid' | 'timeoutSeconds'>;
  readonly clock: Clock;
};

/** One question. `entry` says for whom it is asked: without one, the structure asks for itself. */
type Question = {
  readonly to: string;
  readonly action: string;
  readonly patient: DocumentPatient;
  readonly entry?: DocumentEntry;
  readonly body: Xml;
  /** Documents beside the envelope; absent when the exchange has none. */
  readonly parts?: readonly BinaryPart[];
};

/** XDS.b. Requirements 49, 51 to 54. */
export class XdsConnector implements RecordConnector {
  readonly #options: XdsOptions;
  readonly #server: RecordServer;

  constructor(options: XdsOptions) {
    const { credential, authority, settings } = options;
    this.#options = options;
    this.#server = new RecordServer({ credential, authority, silenceMs: settings.timeoutSeconds * 1000 });
  }

  async status(patient: DocumentPatient, signal: AbortSignal): Promise<RecordStatus | RecordFailure> {
    const { endpoints, settings, clock } = this.#options;
    const body = statusQuery(patient, settings.sourceOid, clock());
    const heard = await this.#ask({ to: endpoints.status, action: actions.demographics, patient, body }, signal);
    return heard.do === 'heard' ? readStatus(heard.content) : heard;
  }

  async find(patient: DocumentPatient, uniqueId: string, signal: AbortSignal): Promise<FoundEntry | RecordFailure> {
    const heard = await this.#query(patient, uniqueId, 'ObjectRef', signal);
    if (heard.do !== 'heard') return heard;
    const entryUuid = foundReference(heard.content);
    return entryUuid === undefined ? { do: 'absent' } : { do: 'found', entryUuid };
  }

  async feed(submission: Submission, signal: AbortSignal): Promise<Fed | RecordFailure> {
    const { endpoints, settings, credential } = this.#options;
    const { entry } = submission.document;
    const request = setRequest(submission, { ...settings, credential });
    const question = { to: endpoints.repository, action: actions.provideAndRegister, patient: entry.patient, entry, ...request };
    const heard = await this.#ask(question, signal);
    const answer = heard.do === 'heard' ? readRegistryAnswer(heard.content) : heard;
    if (answer.do === 'done') return { do: 'fed', entryUuid: entryUuidOf(entry.uniqueId), wasThere: false };
    if (answer.do !== 'held') return answer;
    // Another source may have brought it, under a name that only the registry knows.
    const found = await this.find(entry.patient, entry.uniqueId, signal);
    // Known, and yet not in this patient's record: not what was asked.
    if (found.do === 'absent') return { do: 'later', because: 'held-elsewhere' };
    return { do: 'fed', entryUuid: found.do === 'found' ? found.entryUuid : undefined, wasThere: true };
  }

  async show(document: EntryToShow, signal: AbortSignal): Promise<Changed | RecordFailure> {
    const { endpoints, settings } = this.#options;
    const { entry } = document;
    const heard = await this.#query(entry.patient, entry.uniqueId, 'LeafClass', signal);
    if (heard.do !== 'heard') return heard;
    const held = heldEntry(heard.content);
    if (!held) return { do: 'refused', code: 'no-standing-entry' };
    if (!isHidden(held)) return { do: 'changed' };
    const body = showRequest(document, held, settings);
    const changed = await this.#ask({ to: endpoints.registry, action: actions.update, patient: entry.patient, entry, body }, signal);
    const answer = changed.do === 'heard' ? readRegistryAnswer(changed.content) : changed;
    return answer.do === 'done' || answer.do === 'held' ? { do: 'changed' } : answer;
  }

  /** Asks the registry for a document; `heard` when it carried the query out. */
  async #query(patient: DocumentPatient, uniqueId: string, returnType: ReturnType, signal: AbortSignal): Promise<Heard | RecordFailure> {
    const body = documentQuery(uniqueId, returnType);
    const heard = await this.#ask({ to: this.#options.endpoints.registry, action: actions.storedQuery, patient, body }, signal);
    if (heard.do !== 'heard') return heard;
    const answer = readRegistryAnswer(heard.content);
    if (answer.do === 'done') return heard;
    return answer.do === 'held' ? { do: 'later', because: 'unreadable-answer' } : answer;
  }

  async #ask({ to, action, patient, entry, body, parts }: Question, signal: AbortSignal): Promise<Heard | RecordFailure> {
    const { credential, settings, clock } = this.#options;
    const { structure } = settings;
    const messageId = `urn:uuid:${randomUUID()}`;
    const assertion = signAssertion(credential, {
      id: `_${randomUUID()}`,
      now: clock(),
      ...(entry && { author: submitterOf(entry, structure) }),
      patient,
      structure,
      assertion: settings.assertion,
    });
    const envelope = soapEnvelope({ action, to, messageId, assertion, body });
    const answer = await this.#server.post(to, parts ? mtomBody(envelope, action, parts) : plainBody(envelope, action), signal);
    return 'status' in answer ? readAnswer(answer, messageId) : answer;
  }
}
