// An entry as the registry keeps it and gives it back: as it was submitted, under the names of the version that stands. IHE ITI TF-2 §3.18,
// Metadata Update supplement §3.57.
import { escapeXml, type XmlFragment, xml } from '../documents/xml.ts';
import { rimNs } from './ebrim.ts';
import { attributeOf, readXml, type XmlElement } from './xml-tree.ts';

/** The names of a version. */
export type EntryVersion = {
  /** Of this version. */
  readonly id: string;
  /** Of all versions: the id of the first. */
  readonly logicalId: string;
  readonly version: number;
  readonly status: 'Approved' | 'Deprecated';
};

/** This repository, in the slot that says where a document lies. */
const repositoryUniqueId = '1.2.250.1.999.3';

/** A registry object as text; {@link versionOfEntry} brings it back. */
export function entryText(entry: XmlElement): string {
  return written(entry, new Map());
}

/** rim:ExtrinsicObject of a version, from what {@link entryText} wrote. */
export function versionOfEntry(text: string, { id, logicalId, version, status }: EntryVersion): XmlFragment {
  const entry = readXml(text);
  if (!entry) throw new Error('A kept entry cannot be read');
  const kept = entry.children.filter((child) => child.local !== 'VersionInfo' && attributeOf(child, 'name') !== 'repositoryUniqueId');
  const repository = xml`<rim:Slot name="repositoryUniqueId"><rim:ValueList><rim:Value>${repositoryUniqueId}</rim:Value></rim:ValueList></rim:Slot>`;
  const names = new Map([
    ['classifiedObject', id],
    ['registryObject', id],
  ]);
  // The schema's order: slots, name, description, version, then classifications and identifiers.
  const isEarly = (child: XmlElement) => ['Slot', 'Name', 'Description'].includes(child.local);
  const early = kept.filter(isEarly).map((child) => ({ xml: written(child, names) }));
  const late = kept.filter((child) => !isEarly(child)).map((child) => ({ xml: written(child, names) }));
  return xml`<rim:ExtrinsicObject xmlns:rim="${rimNs}" id="${id}" lid="${logicalId}" mimeType="${attributeOf(entry, 'mimeType') ?? ''}" objectType="${attributeOf(entry, 'objectType') ?? ''}" status="urn:oasis:names:tc:ebxml-regrep:StatusType:${status}">${repository}${early}<rim:VersionInfo versionName="${String(version)}"/>${late}</rim:ExtrinsicObject>`;
}

/** Attributes with a namespace (xml:lang) are left out: nothing is judged by them. */
function written(element: XmlElement, names: ReadonlyMap<string, string>): string {
  const attributes = [...element.attributes]
    .filter(([name]) => !name.startsWith('{'))
    .map(([name, value]) => ` ${name}="${escapeXml(names.get(name) ?? value)}"`);
  const content = element.children.length > 0 ? element.children.map((child) => written(child, names)).join('') : escapeXml(element.text);
  return `<rim:${element.local} xmlns:rim="${rimNs}"${attributes.join('')}>${content}</rim:${element.local}>`;
}
