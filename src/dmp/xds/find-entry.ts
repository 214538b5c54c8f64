// TD3.1b: asking the registry for the entry of one document, by the id that both roads share. ITI-18 GetDocuments, ITI TF-2 §3.18. Requirement 53.
import type { CodedValue } from '../document-entry.ts';
import { element, type Xml } from '../xml-text.ts';
import { type AnswerElement, all, within } from './answer-tree.ts';
import { entryScheme, getDocumentsQuery, namespaces } from './registry-names.ts';
import { slot } from './registry-objects.ts';

/** How much of each entry is answered: its name alone, or everything. */
export type ReturnType = 'ObjectRef' | 'LeafClass';

/** The question. */
export function documentQuery(uniqueId: string, returnType: ReturnType): Xml {
  return element('query:AdhocQueryRequest', { 'xmlns:query': namespaces.query, 'xmlns:rim': namespaces.rim }, [
    element('query:ResponseOption', { returnComposedObjects: 'true', returnType }),
    element('rim:AdhocQuery', { id: getDocumentsQuery }, [
      // A list in the query's own syntax, where an apostrophe is written twice. ITI TF-2 §3.18.4.1.2.3.5.
      slot('$XDSDocumentEntryUniqueId', [`('${uniqueId.replaceAll("'", "''")}')`]),
    ]),
  ]);
}

/** The name of the entry that was found: `urn:uuid:…`. */
export function foundReference(content: AnswerElement): string | undefined {
  return within(content, 'RegistryObjectList', 'ObjectRef')?.attribute('id');
}

/** A document's entry as the registry holds it now. */
export type HeldEntry = {
  readonly logicalId: string;
  readonly versionName: string;
  readonly confidentiality: readonly CodedValue[];
  readonly hash?: string;
  readonly size?: string;
  readonly repositoryUniqueId?: string;
};

/** The latest version that stands; undefined when there is none, or the document was replaced or withdrawn. */
export function heldEntry(content: AnswerElement): HeldEntry | undefined {
  const standing = [...all(content, 'ExtrinsicObject')].filter((entry) => entry.attribute('status')?.endsWith(':Approved') !== false);
  const latest = standing.reduce<AnswerElement | undefined>(
    (best, entry) => (best && Number(versionOf(best)) >= Number(versionOf(entry)) ? best : entry),
    undefined,
  );
  const logicalId = latest?.attribute('lid') ?? latest?.attribute('id');
  if (!latest || logicalId === undefined) return undefined;
  const hash = slotValue(latest, 'hash');
  const size = slotValue(latest, 'size');
  const repositoryUniqueId = slotValue(latest, 'repositoryUniqueId');
  return {
    logicalId,
    versionName: versionOf(latest),
    confidentiality: confidentialityOf(latest),
    ...(hash === undefined ? {} : { hash }),
    ...(size === undefined ? {} : { size }),
    ...(repositoryUniqueId === undefined ? {} : { repositoryUniqueId }),
  };
}

function versionOf(entry: AnswerElement): string {
  return within(entry, 'VersionInfo')?.attribute('versionName') ?? '1';
}

function slotValue(owner: AnswerElement, name: string): string | undefined {
  const found = owner.children.find((child) => child.name === 'Slot' && child.attribute('name') === name);
  return within(found, 'ValueList', 'Value')?.text;
}

function confidentialityOf(entry: AnswerElement): readonly CodedValue[] {
  return entry.children
    .filter((child) => child.name === 'Classification' && child.attribute('classificationScheme') === entryScheme.confidentiality)
    .map((child) => ({
      code: child.attribute('nodeRepresentation') ?? '',
      system: slotValue(child, 'codingScheme') ?? '',
      display: within(child, 'Name', 'LocalizedString')?.attribute('value') ?? '',
    }));
}
