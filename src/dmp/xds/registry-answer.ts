// What a registry's answer means for the work: done, refused for good, or to be tried again. The codes are XDS's own (ITI TF-3 table
// 4.2.4.1-2); a text of the other side is never passed on, as it may quote the patient.
import type { RecordFailure } from '../connector.ts';
import { type AnswerElement, all, within } from './answer-tree.ts';

/** A registry's answer. `held`: it had the document, or the set, before this request; the one it has is the same, byte for byte. */
export type RegistryAnswer = { readonly do: 'done' } | { readonly do: 'held' } | RecordFailure;

/** About the document or its metadata: the same would be refused again. Anything else may be over at the next try. */
const lasting = new Set([
  'InvalidDocumentContent',
  'XDSMetadataIdentifierError',
  'XDSMetadataUpdateError',
  'XDSMetadataUpdateOperationError',
  'XDSMissingDocument',
  'XDSMissingDocumentMetadata',
  'XDSNonIdenticalHash',
  'XDSPatientIdDoesNotMatch',
  'XDSRegistryDeprecatedDocumentError',
  'XDSRegistryDuplicateUniqueIdInMessage',
  'XDSRegistryMetadataError',
  'XDSReplaceFailed',
  'XDSRepositoryDuplicateUniqueIdInMessage',
  'XDSRepositoryMetadataError',
  'XDSUnknownPatientId',
  'UnresolvedReferenceException',
]);

const duplicate = 'XDSDuplicateUniqueIdInRegistry';
const otherBytes = 'XDSNonIdenticalHash';

/** Reads a RegistryResponse or an AdhocQueryResponse. */
export function readRegistryAnswer(content: AnswerElement): RegistryAnswer {
  if (content.name !== 'RegistryResponse' && content.name !== 'AdhocQueryResponse') return { do: 'later', because: 'unreadable-answer' };
  const status = content.attribute('status')?.split(':').at(-1);
  // Warnings come with a success: they ask for nothing.
  if (status === 'Success') return { do: 'done' };
  if (status !== 'Failure' && status !== 'PartialSuccess') return { do: 'later', because: 'unreadable-answer' };
  const errors = [...all(within(content, 'RegistryErrorList'), 'RegistryError')].filter(
    (error) => error.attribute('severity')?.endsWith(':Warning') !== true,
  );
  const codes = errors.map((error) => error.attribute('errorCode') ?? '');
  // Before the others: a set that is taken twice may also be told that what it replaces is replaced already.
  if (codes.includes(duplicate) && !codes.includes(otherBytes)) return { do: 'held' };
  const refusal = codes.find((code) => lasting.has(code));
  if (refusal !== undefined) return { do: 'refused', code: refusal };
  // A code of no known shape could carry anything.
  return { do: 'later', because: codes.find((code) => /^(XDS|DMP)[A-Za-z]{1,60}$/.test(code)) ?? 'unknown-error' };
}
