// ITI-18, Registry Stored Query (TD3.1b): GetDocuments by unique id, answered with the entries or their names, of one patient only.
// IHE ITI TF-2 §3.18.4.1.2.3.7.5.
import { type XmlFragment, xml } from '../../documents/xml.ts';
import { rimNs } from '../ebrim.ts';
import { versionOfEntry } from '../entry-text.ts';
import type { HeldEntry, Holdings } from '../holdings.ts';
import { queryResponse, type RegistryError } from '../registry-errors.ts';
import { attributeOf, childrenOf, onlyChild, textOf, type XmlElement } from '../xml-tree.ts';

const queryNs = 'urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0';
const getDocuments = 'urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4';

/** The answer to a stored query about the record of `matricule`. */
export function findDocuments(request: XmlElement, matricule: string, holdings: Holdings): XmlFragment {
  const query = onlyChild(request, rimNs, 'AdhocQuery');
  const refuse = (code: RegistryError['code'], context: string) => queryResponse([], [{ code, context }]);
  if (attributeOf(query, 'id') !== getDocuments) return refuse('XDSUnknownStoredQuery', 'Only GetDocuments is known here');
  const returnType = attributeOf(onlyChild(request, queryNs, 'ResponseOption'), 'returnType');
  if (returnType !== 'ObjectRef' && returnType !== 'LeafClass') return refuse('XDSRegistryMetadataError', 'No such returnType here');
  const slot = childrenOf(query, rimNs, 'Slot').find((one) => attributeOf(one, 'name') === '$XDSDocumentEntryUniqueId');
  const values = childrenOf(slot && onlyChild(slot, rimNs, 'ValueList'), rimNs, 'Value').map((value) => readList(textOf(value) ?? ''));
  const uniqueIds = values.flatMap((list) => list ?? []);
  if (uniqueIds.length === 0 || values.includes(undefined))
    return refuse('XDSStoredQueryMissingParam', '$XDSDocumentEntryUniqueId is missing, or not a list of strings');
  const found = uniqueIds.map((uniqueId) => holdings.find(uniqueId)).filter((held) => held?.matricule === matricule);
  const answered = found.flatMap((held) => (held ? [returnType === 'ObjectRef' ? reference(held) : leaf(held)] : []));
  return queryResponse(answered, []);
}

function reference({ versionUuid }: HeldEntry): XmlFragment {
  return xml`<rim:ObjectRef id="${versionUuid}"/>`;
}

function leaf({ text, versionUuid, entryUuid, version, status }: HeldEntry): XmlFragment {
  return versionOfEntry(text, {
    id: versionUuid,
    logicalId: entryUuid,
    version,
    status: status === 'approved' ? 'Approved' : 'Deprecated',
  });
}

/** `('a','b')`, an apostrophe inside a string being doubled. */
function readList(text: string): readonly string[] | undefined {
  const [, inner] = /^\(\s*('(?:[^']|'')*'(?:\s*,\s*'(?:[^']|'')*')*)\s*\)$/.exec(text) ?? [];
  return inner === undefined ? undefined : [...inner.matchAll(/'((?:[^']|'')*)'/g)].map(([, one = '']) => one.replaceAll("''", "'"));
}
