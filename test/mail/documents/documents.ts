// Health documents for the tests: METADATA.XML and CDA written by hand, as small as they can be and still say everything, and the letters
// that carry them. The patients are the test identities of domain.md §9.

import type { DocumentsReading, LetterBytes } from '../../../src/mail/documents/health-document.ts';
import { readDocuments } from '../../../src/mail/documents/read-documents.ts';
import { MimeIndexer } from '../../../src/mail/mime-index.ts';
import type { MimePart } from '../../../src/mail/mime-part.ts';
import { type ZipSpec, zip } from './zip.ts';

export const dominique = '279035121518989';
export const ruth = '277076322082910';
export const testOid = '1.2.250.1.213.1.4.10';

export type CdaFacts = {
  readonly id?: string;
  readonly code?: string;
  readonly ins?: string;
  readonly confidentiality?: string;
  /** XML after the confidentiality code. */
  readonly more?: string;
  readonly body?: string;
};

/** One recordTarget with every trait. */
export function recordTarget(ins: string, oid = testOid): string {
  return `<recordTarget><patientRole><id root="1.2.3.4" extension="42"/><id root="${oid}" extension="${ins}"/><patient>
    <name><family qualifier="BR">PAT-TROIS</family><family qualifier="SP">AUTRE</family><given>DOMINIQUE MARIE-LOUISE</given><given qualifier="BR">DOMINIQUE</given></name>
    <administrativeGenderCode code="F"/><birthTime value="19790328"/></patient></patientRole></recordTarget>`;
}

export function cda(facts: CdaFacts = {}): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3"><id root="${facts.id ?? '1.2.3.5'}"/>
  <code code="${facts.code ?? '34112-3'}"/><title>Lettre de liaison</title><confidentialityCode code="${facts.confidentiality ?? 'N'}"/>
  ${recordTarget(facts.ins ?? dominique)}${facts.more ?? ''}
  ${facts.body ?? '<component><structuredBody/></component>'}
</ClinicalDocument>`;
}

export type EntryFacts = {
  readonly id?: string;
  readonly uri?: string | null;
  readonly ins?: string;
  readonly codes?: readonly string[];
  /** XML inside the ExtrinsicObject. */
  readonly more?: string;
};

/** The ebRIM scheme of each fact. */
export const schemes = {
  typeCode: 'urn:uuid:f0306f51-975f-434e-a61c-c59651d33983',
  confidentiality: 'urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f',
  patientId: 'urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427',
  uniqueId: 'urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab',
  setPatientId: 'urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446',
} as const;

export function slot(name: string, ...values: readonly string[]): string {
  return `<rim:Slot name="${name}"><rim:ValueList>${values.map((value) => `<rim:Value>${value}</rim:Value>`).join('')}</rim:ValueList></rim:Slot>`;
}

export function classification(scheme: string, code: string, more = ''): string {
  return `<rim:Classification classificationScheme="${scheme}" nodeRepresentation="${code}" ${more}/>`;
}

export function identifier(scheme: string, value: string, more = ''): string {
  return `<rim:ExternalIdentifier identificationScheme="${scheme}" value="${value}" ${more}/>`;
}

export function cx(ins: string, oid = testOid): string {
  return `${ins}^^^&amp;${oid}&amp;ISO^NH`;
}

/** One document of METADATA.XML. */
export function entry(facts: EntryFacts = {}): string {
  return `<rim:ExtrinsicObject id="${facts.id ?? 'urn:uuid:1'}" mimeType="text/xml">
    ${facts.uri === null ? '' : slot('URI', facts.uri ?? 'DOC00001.XML')}
    ${slot('sourcePatientInfo', 'PID-5|PAT-TROIS^DOMINIQUE^^^^^L', 'PID-7|19790328', 'PID-8|F')}
    <rim:Name><rim:LocalizedString value="Lettre de liaison"/></rim:Name>
    ${classification(schemes.typeCode, '34112-3')}
    ${(facts.codes ?? ['N']).map((code) => classification(schemes.confidentiality, code)).join('')}
    ${identifier(schemes.patientId, cx(facts.ins ?? dominique))}
    ${identifier(schemes.uniqueId, '1.2.3.5')}${facts.more ?? ''}
  </rim:ExtrinsicObject>`;
}

/** METADATA.XML around its entries. */
export function metadata(...objects: readonly string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<lcm:SubmitObjectsRequest xmlns:lcm="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0" xmlns:rim="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0">
<rim:RegistryObjectList>${objects.join('\n')}</rim:RegistryObjectList></lcm:SubmitObjectsRequest>`;
}

/** An entry of the archive, with the path XDM gives it. */
export function inSubset(name: string, content: string | Buffer, lies: Partial<ZipSpec> = {}): ZipSpec {
  return { name: `IHE_XDM/SUBSET01/${name}`, content, ...lies };
}

/** The two files every archive here has, each as given. */
export function pair(metadataXml: string | Buffer = metadata(entry()), cdaXml: string | Buffer = cda()): readonly ZipSpec[] {
  return [inSubset('METADATA.XML', metadataXml), inSubset('DOC00001.XML', cdaXml)];
}

export const honestArchive = (): Buffer =>
  zip([{ name: 'README.TXT', content: 'XDM' }, { name: 'IHE_XDM/', content: '', method: 0 }, ...pair()]);

export type Attachment = { readonly name?: string; readonly encoding?: string; readonly encoded: Buffer };

/** Base64 in lines of `width` characters. */
export function base64(content: Buffer, name = 'IHE_XDM.zip', width = 76): Attachment {
  const text = content.toString('base64');
  const lines: string[] = [];
  for (let at = 0; at < text.length; at += width) lines.push(text.slice(at, at + width));
  return { name, encoding: 'base64', encoded: Buffer.from(lines.join('\r\n')) };
}

/** Quoted-printable, every byte that is not a letter or a digit escaped, soft breaks every 25 escapes. */
export function quotedPrintable(content: Buffer): Attachment {
  const signs = Array.from(content, (byte, index) => {
    const sign = /[A-Za-z0-9]/.test(String.fromCharCode(byte))
      ? String.fromCharCode(byte)
      : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    return index % 25 === 24 ? `${sign}=\r\n` : sign;
  });
  return { name: 'IHE_XDM.zip', encoding: 'quoted-printable', encoded: Buffer.from(signs.join('')) };
}

/** A letter with a text and the attachments. */
export function letterWith(...attachments: readonly Attachment[]): Buffer {
  const parts = attachments.flatMap(({ name, encoding, encoded }) => [
    Buffer.from(
      `\r\n--frontier\r\nContent-Type: application/zip\r\n${encoding ? `Content-Transfer-Encoding: ${encoding}\r\n` : ''}${
        name ? `Content-Disposition: attachment; filename="${name}"\r\n` : ''
      }\r\n`,
    ),
    encoded,
  ]);
  const head = 'From: a@x.fr\r\nContent-Type: multipart/mixed; boundary=frontier\r\n\r\n--frontier\r\n\r\nBonjour';
  return Buffer.concat([Buffer.from(head), ...parts, Buffer.from('\r\n--frontier--\r\n')]);
}

/** A letter that forwards another. */
export function forwarding(letter: Buffer): Buffer {
  const head = 'From: b@x.fr\r\nContent-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\nContent-Type: message/rfc822\r\n\r\n';
  return Buffer.concat([Buffer.from(head), letter, Buffer.from('\r\n--outer--\r\n')]);
}

/** The letter's root part. */
export function rootOf(letter: Buffer): MimePart {
  const indexer = new MimeIndexer();
  indexer.write(letter);
  return indexer.end().part;
}

/** Random access over bytes in memory, in segments as the blob store gives them. */
export function letterBytes(letter: Buffer, segmentBytes = 65_536): LetterBytes {
  return {
    sizeBytes: letter.length,
    async *read(start, end) {
      for (let at = start; at < end; at += segmentBytes) yield await Promise.resolve(letter.subarray(at, Math.min(end, at + segmentBytes)));
    },
  };
}

/** What is read of a letter. */
export async function readLetter(letter: Buffer): Promise<DocumentsReading> {
  return await readDocuments(rootOf(letter), letterBytes(letter));
}

/** What is read of an archive in a letter, in base64. */
export async function readZip(archive: Buffer): Promise<DocumentsReading> {
  return await readLetter(letterWith(base64(archive)));
}
