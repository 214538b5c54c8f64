// IHE_XDM.zip: a CDA with the metadata that lets software file it without opening it. Layout of domain.md §3.4; XDS metadata in ebRIM
// (IHE ITI TF-3 §4.2), identifiers and value sets of domain.md §4 to §6. Written for the story; no claim of conformity.
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { practitionerOid, structureOid, testInsOid } from './cda.ts';
import {
  type Code,
  facility,
  hl7Moment,
  type LiaisonLetter,
  letterOid,
  letterUuid,
  liaisonLetterType,
  practiceSetting,
  specialityOf,
} from './letter.ts';
import { type XmlFragment, xml } from './xml.ts';

/** The attachment's name. Readers match it in any letter case (requirement 47). */
export const xdmFileName = 'IHE_XDM.zip';

const subset = 'IHE_XDM/SUBSET01';
const cdaName = 'DOC00001.XML';

/** The archive around one CDA, as bytes. */
export async function packXdm(letter: LiaisonLetter, cda: Buffer): Promise<Buffer> {
  const zip = new ZipFile();
  const options = { mtime: letter.writtenAt };
  zip.addBuffer(Buffer.from(readme, 'utf8'), 'README.TXT', options);
  zip.addBuffer(Buffer.from(renderIndex(letter).xml, 'utf8'), 'INDEX.HTM', options);
  zip.addBuffer(Buffer.from(renderMetadata(letter, cda).xml, 'utf8'), `${subset}/METADATA.XML`, options);
  zip.addBuffer(cda, `${subset}/${cdaName}`, options);
  zip.end();
  return buffer(zip.outputStream);
}

const readme = `Archive IHE XDM produite par la démonstration de Passerelle.
Toutes les personnes et tous les établissements cités sont fictifs.
Le document et ses métadonnées se trouvent dans IHE_XDM/SUBSET01.
`.replaceAll('\n', '\r\n');

function renderIndex(letter: LiaisonLetter): XmlFragment {
  const title = `${liaisonLetterType.label} : ${letter.patient.birthName} ${letter.patient.firstGivenName}`;
  return xml`<!DOCTYPE html>
<html lang="fr">
<head><meta charset="utf-8"/><title>${title}</title></head>
<body>
<h1>${title}</h1>
<ul>
<li><a href="${subset}/${cdaName}">${liaisonLetterType.label} (CDA)</a></li>
<li><a href="${subset}/METADATA.XML">Métadonnées XDS</a></li>
<li><a href="README.TXT">Présentation</a></li>
</ul>
</body>
</html>
`;
}

function renderMetadata(letter: LiaisonLetter, cda: Buffer): XmlFragment {
  const documentId = `urn:uuid:${letterUuid(letter, 'entry')}`;
  const setId = `urn:uuid:${letterUuid(letter, 'submission')}`;
  return xml`<?xml version="1.0" encoding="UTF-8"?>
<lcm:SubmitObjectsRequest xmlns:lcm="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0" xmlns:rim="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0">
  <rim:RegistryObjectList>
${renderDocumentEntry(letter, cda, documentId)}
${renderSubmissionSet(letter, setId)}
    <rim:Classification id="set-node" objectType="${objectType('Classification')}" classifiedObject="${setId}" classificationNode="urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"/>
    <rim:Association id="set-has-document" objectType="${objectType('Association')}" associationType="urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember" sourceObject="${setId}" targetObject="${documentId}">
      ${slot('SubmissionSetStatus', 'Original')}
    </rim:Association>
${renderReplacement(letter, documentId)}  </rim:RegistryObjectList>
</lcm:SubmitObjectsRequest>
`;
}

/** The entry takes the place of that of the earlier letter. IHE ITI TF-3 §4.2.2.2. */
function renderReplacement({ replaces }: LiaisonLetter, documentId: string): XmlFragment {
  if (!replaces) return { xml: '' };
  return xml`    <rim:Association id="replaces" objectType="${objectType('Association')}" associationType="urn:ihe:iti:2007:AssociationType:RPLC" sourceObject="${documentId}" targetObject="urn:uuid:${letterUuid(replaces, 'entry')}"/>
`;
}

/** XDSDocumentEntry.confidentialityCode: a document may bear several. */
const confidentiality = 'urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f';
const normal: Code = { code: 'N', system: '2.16.840.1.113883.5.25', label: 'Normal' };
const hidden: Code = { code: 'INVISIBLE_PATIENT', system: '1.2.250.1.213.1.1.4.13', label: 'Non visible par le patient' };

const type: Code = { ...liaisonLetterType, system: '2.16.840.1.113883.6.1' };
const classOfType: Code = { code: '10', system: '1.2.250.1.213.1.1.4.1', label: 'Compte rendu' };
const format: Code = {
  code: 'urn:asip:ci-sis:ldl-ses:2017',
  system: '1.2.250.1.213.1.1.4.2.282',
  label: "Lettre de Liaison à la sortie de l'établissement de santé",
};
const daytimeStay: Code = { code: '04', system: '1.2.250.1.213.2.2', label: 'Hospitalisation de jour' };

function renderDocumentEntry(letter: LiaisonLetter, cda: Buffer, id: string): XmlFragment {
  const { patient, stay, writtenAt } = letter;
  const coded = (scheme: string, code: Code) => codedValue(id, scheme, code);
  return xml`    <rim:ExtrinsicObject id="${id}" mimeType="text/xml" objectType="urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1" status="urn:oasis:names:tc:ebxml-regrep:StatusType:Approved">
      ${slot('creationTime', hl7Moment(writtenAt))}
      ${slot('hash', createHash('sha1').update(cda).digest('hex'))}
      ${slot('languageCode', 'fr-FR')}
      ${slot('legalAuthenticator', personId(letter))}
      ${slot('serviceStartTime', hl7Moment(stay.from))}
      ${slot('serviceStopTime', hl7Moment(stay.to))}
      ${slot('size', String(cda.length))}
      ${slot('sourcePatientId', patientId(letter))}
      ${slot(
        'sourcePatientInfo',
        `PID-5|${patient.birthName}^${patient.firstGivenName}^^^^^L`,
        `PID-7|${patient.birthDate.replaceAll('-', '')}`,
        `PID-8|${patient.sex}`,
      )}
      ${slot('URI', cdaName)}
      <rim:Name><rim:LocalizedString xml:lang="fr-FR" charset="UTF-8" value="${liaisonLetterType.label}"/></rim:Name>
      ${authorOf(letter, id, 'urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d')}
      ${coded('urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a', classOfType)}
      ${coded('urn:uuid:f0306f51-975f-434e-a61c-c59651d33983', type)}
      ${coded('urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d', format)}
      ${[normal, ...(letter.isHiddenFromPatient ? [hidden] : [])].map((code) => coded(confidentiality, code))}
      ${coded('urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1', facility)}
      ${coded('urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead', practiceSetting)}
      ${externalId(id, 'urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427', 'XDSDocumentEntry.patientId', patientId(letter))}
      ${externalId(id, 'urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab', 'XDSDocumentEntry.uniqueId', letterOid(letter, 'document'))}
    </rim:ExtrinsicObject>`;
}

function renderSubmissionSet(letter: LiaisonLetter, id: string): XmlFragment {
  return xml`    <rim:RegistryPackage id="${id}" objectType="${objectType('RegistryPackage')}">
      ${slot('submissionTime', hl7Moment(letter.writtenAt))}
      <rim:Name><rim:LocalizedString xml:lang="fr-FR" charset="UTF-8" value="${liaisonLetterType.label}"/></rim:Name>
      ${authorOf(letter, id, 'urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d')}
      ${codedValue(id, 'urn:uuid:aa543740-bdda-424e-8c96-df4873be8500', daytimeStay)}
      ${externalId(id, 'urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446', 'XDSSubmissionSet.patientId', patientId(letter))}
      ${externalId(id, 'urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8', 'XDSSubmissionSet.uniqueId', letterOid(letter, 'submission'))}
      ${externalId(id, 'urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832', 'XDSSubmissionSet.sourceId', letterOid(letter, 'source'))}
    </rim:RegistryPackage>`;
}

function authorOf(letter: LiaisonLetter, classified: string, scheme: string): XmlFragment {
  const { structure } = letter.author;
  const speciality = specialityOf(letter.author);
  return xml`<rim:Classification id="${nodeId(classified, scheme)}" objectType="${objectType('Classification')}" classificationScheme="${scheme}" classifiedObject="${classified}" nodeRepresentation="">
        ${slot('authorPerson', personId(letter))}
        ${slot('authorInstitution', `${structure.name}^^^^^&${structureOid}&ISO^IDNST^^^${structure.structureId}`)}
        ${slot('authorSpecialty', `${speciality.code}^${speciality.label}^${speciality.system}`)}
      </rim:Classification>`;
}

function codedValue(classified: string, scheme: string, { code, system, label }: Code): XmlFragment {
  return xml`<rim:Classification id="${nodeId(classified, `${scheme}-${code}`)}" objectType="${objectType('Classification')}" classificationScheme="${scheme}" classifiedObject="${classified}" nodeRepresentation="${code}">
        ${slot('codingScheme', system)}
        <rim:Name><rim:LocalizedString xml:lang="fr-FR" charset="UTF-8" value="${label}"/></rim:Name>
      </rim:Classification>`;
}

function externalId(registryObject: string, scheme: string, name: string, value: string): XmlFragment {
  return xml`<rim:ExternalIdentifier id="${nodeId(registryObject, scheme)}" objectType="${objectType('ExternalIdentifier')}" registryObject="${registryObject}" identificationScheme="${scheme}" value="${value}">
        <rim:Name><rim:LocalizedString value="${name}"/></rim:Name>
      </rim:ExternalIdentifier>`;
}

function slot(name: string, ...values: readonly string[]): XmlFragment {
  return xml`<rim:Slot name="${name}"><rim:ValueList>${values.map((value) => xml`<rim:Value>${value}</rim:Value>`)}</rim:ValueList></rim:Slot>`;
}

/** An id is an NCName-like token unique in the file: the end of what it belongs to, and of what it says. */
function nodeId(owner: string, scheme: string): string {
  return `id-${owner.slice(-12)}-${scheme.slice('urn:uuid:'.length).replaceAll(/[^A-Za-z0-9.-]/g, '_')}`;
}

function objectType(name: string): string {
  return `urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:${name}`;
}

/** INS as an HL7 v2 CX. */
function patientId(letter: LiaisonLetter): string {
  return `${letter.patient.ins}^^^&${testInsOid}&ISO^NH`;
}

/** The author as an HL7 v2 XCN. */
function personId(letter: LiaisonLetter): string {
  const { nationalId, familyName, givenName } = letter.author;
  return `${nationalId}^${familyName}^${givenName}^^^^^^&${practitionerOid}&ISO^D^^^IDNPS`;
}
