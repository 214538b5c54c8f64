// What a registry answers: success, or the list of what is wrong, with the codes of IHE ITI TF-3 §4.2.4.1.
import { type XmlFragment, xml } from '../documents/xml.ts';

const rsNs = 'urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0';
const status = (word: 'Success' | 'Failure') => `urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:${word}`;

/** The codes this DMP answers with. */
export type RegistryErrorCode =
  | 'InvalidDocumentContent'
  | 'UnresolvedReferenceException'
  | 'XDSDuplicateUniqueIdInRegistry'
  | 'XDSExtraMetadataNotSaved'
  | 'XDSMetadataIdentifierError'
  | 'XDSMetadataVersionError'
  | 'XDSMissingDocument'
  | 'XDSMissingDocumentMetadata'
  | 'XDSNonIdenticalHash'
  | 'XDSPatientIdDoesNotMatch'
  | 'XDSRegistryBusy'
  | 'XDSRegistryDuplicateUniqueIdInMessage'
  | 'XDSRegistryMetadataError'
  | 'XDSReplaceFailed'
  | 'XDSRepositoryBusy'
  | 'XDSRepositoryMetadataError'
  | 'XDSStoredQueryMissingParam'
  | 'XDSUnknownPatientId'
  | 'XDSUnknownStoredQuery';

/** One thing that is wrong. `location`: the object it is about. */
export type RegistryError = { readonly code: RegistryErrorCode; readonly context: string; readonly location?: string };

/** rs:RegistryResponse: success when nothing is wrong. */
export function registryResponse(errors: readonly RegistryError[]): XmlFragment {
  return xml`<rs:RegistryResponse xmlns:rs="${rsNs}" status="${status(errors.length === 0 ? 'Success' : 'Failure')}">${errorList(errors)}</rs:RegistryResponse>`;
}

/** query:AdhocQueryResponse with what was found. */
export function queryResponse(found: readonly XmlFragment[], errors: readonly RegistryError[]): XmlFragment {
  return xml`<query:AdhocQueryResponse xmlns:query="urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0" xmlns:rim="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0" xmlns:rs="${rsNs}" status="${status(errors.length === 0 ? 'Success' : 'Failure')}">${errorList(errors)}<rim:RegistryObjectList>${found}</rim:RegistryObjectList></query:AdhocQueryResponse>`;
}

function errorList(errors: readonly RegistryError[]): readonly XmlFragment[] {
  if (errors.length === 0) return [];
  const severity = 'urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error';
  const each = errors.map(
    ({ code, context, location }) =>
      xml`<rs:RegistryError errorCode="${code}" codeContext="${context}" location="${location ?? ''}" severity="${severity}"/>`,
  );
  return [xml`<rs:RegistryErrorList highestSeverity="${severity}">${each}</rs:RegistryErrorList>`];
}
