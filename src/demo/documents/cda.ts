// The lettre de liaison as an HL7 CDA R2 document: header with the INS and its traits, author, custodian, and a structured body.
// Written to be read by the software of the story and of the tests; it claims no conformity to a CI-SIS volet. domain.md §3.3, §5.
import type { Patient, Practitioner, Structure } from '../cast.ts';
import {
  facility,
  hl7Moment,
  type LiaisonLetter,
  letterOid,
  liaisonLetterType,
  practiceSetting,
  type Section,
  specialityOf,
  versionsOf,
} from './letter.ts';
import { type XmlFragment, xml } from './xml.ts';

/** Matricule INS (NIR) of a test identity. domain.md §5: in production such an identifier must raise an alert. */
export const testInsOid = '1.2.250.1.213.1.4.10';
/** Professionals, by RPPS. */
export const practitionerOid = '1.2.250.1.71.4.2.1';
/** Structures, by FINESS. */
export const structureOid = '1.2.250.1.71.4.2.2';

const loinc = '2.16.840.1.113883.6.1';

/** The document as UTF-8 bytes. Its id is letterOid(letter, 'document'), the same by mail and by DMP (requirement 49). */
export function renderCda(letter: LiaisonLetter): Buffer {
  const { author, patient, writtenAt } = letter;
  const moment = withZone(writtenAt);
  const document = xml`<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <realmCode code="FR"/>
  <typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
  <templateId root="2.16.840.1.113883.2.8.2.1"/>
  <templateId root="1.2.250.1.213.1.1.1.1"/>
  <id root="${letterOid(letter, 'document')}"/>
  <code code="${liaisonLetterType.code}" displayName="${liaisonLetterType.label}" codeSystem="${loinc}" codeSystemName="LOINC"/>
  <title>${liaisonLetterType.label}</title>
  <effectiveTime value="${moment}"/>
  <confidentialityCode code="N" displayName="Normal" codeSystem="2.16.840.1.113883.5.25"/>
  <languageCode code="fr-FR"/>
  ${renderVersion(letter)}
  <recordTarget>
    <patientRole>
      <id root="${testInsOid}" extension="${patient.ins}"/>
      <addr nullFlavor="NASK"/>
      <telecom value="mailto:${patient.address}"/>
      ${renderPatient(patient)}
    </patientRole>
  </recordTarget>
  <author>
    <time value="${moment}"/>
    <assignedAuthor>
      ${renderAssigned(author)}
      <assignedPerson>${renderName(author)}</assignedPerson>
      <representedOrganization>${renderStructure(author.structure)}</representedOrganization>
    </assignedAuthor>
  </author>
  <custodian>
    <assignedCustodian>
      <representedCustodianOrganization>${renderStructure(author.structure)}</representedCustodianOrganization>
    </assignedCustodian>
  </custodian>
  <legalAuthenticator>
    <time value="${moment}"/>
    <signatureCode code="S"/>
    <assignedEntity>
      ${renderAssigned(author)}
      <assignedPerson>${renderName(author)}</assignedPerson>
      <representedOrganization>${renderStructure(author.structure)}</representedOrganization>
    </assignedEntity>
  </legalAuthenticator>
  <documentationOf>
    <serviceEvent>
      <code code="IMP" displayName="Hospitalisation (établissement, y compris HAD)" codeSystem="2.16.840.1.113883.5.4"/>
      <effectiveTime><low value="${withZone(letter.stay.from)}"/><high value="${withZone(letter.stay.to)}"/></effectiveTime>
      <performer typeCode="PRF">
        <assignedEntity>
          ${renderAssigned(author)}
          <assignedPerson>${renderName(author)}</assignedPerson>
          <representedOrganization>
            ${renderStructure(author.structure)}
            <standardIndustryClassCode code="${practiceSetting.code}" displayName="${practiceSetting.label}" codeSystem="${practiceSetting.system}"/>
          </representedOrganization>
        </assignedEntity>
      </performer>
    </serviceEvent>
  </documentationOf>
${renderReplaced(letter)}  <componentOf>
    <encompassingEncounter>
      <effectiveTime><low value="${withZone(letter.stay.from)}"/><high value="${withZone(letter.stay.to)}"/></effectiveTime>
      <location>
        <healthCareFacility>
          <code code="${facility.code}" displayName="${facility.label}" codeSystem="${facility.system}"/>
          <location><name>${author.structure.name}</name></location>
        </healthCareFacility>
      </location>
    </encompassingEncounter>
  </componentOf>
  <component>
    <structuredBody>
${letter.sections.map((section) => renderSection(section))}
    </structuredBody>
  </component>
</ClinicalDocument>
`;
  return Buffer.from(document.xml, 'utf8');
}

/** Which version it is of which letter: the set is named by the first. CDA R2 §4.2.1. */
function renderVersion(letter: LiaisonLetter): XmlFragment {
  const versions = versionsOf(letter);
  return xml`<setId root="${letterOid(versions.at(-1) ?? letter, 'set')}"/>
  <versionNumber value="${String(versions.length)}"/>`;
}

/** The document that this one takes the place of, when there is one. CDA R2 §4.2.3. */
function renderReplaced({ replaces }: LiaisonLetter): XmlFragment {
  if (!replaces) return { xml: '' };
  return xml`  <relatedDocument typeCode="RPLC">
    <parentDocument>
      <id root="${letterOid(replaces, 'document')}"/>
      ${renderVersion(replaces)}
    </parentDocument>
  </relatedDocument>
`;
}

/** Birth name, all given names, then the first one alone, marked BR: the traits of a qualified INS. */
function renderPatient(patient: Patient): XmlFragment {
  return xml`<patient>
        <name>
          <family qualifier="BR">${patient.birthName}</family>
          <given>${patient.givenNames}</given>
          <given qualifier="BR">${patient.firstGivenName}</given>
        </name>
        <administrativeGenderCode code="${patient.sex}" codeSystem="2.16.840.1.113883.5.1"/>
        <birthTime value="${patient.birthDate.replaceAll('-', '')}"/>
        <birthplace><place><addr><county>${patient.birthPlaceCode}</county></addr></place></birthplace>
      </patient>`;
}

/** A moment that says its zone, as a CDA must. */
function withZone(moment: Date): string {
  return `${hl7Moment(moment)}+0000`;
}

function renderAssigned(author: Practitioner): XmlFragment {
  const speciality = specialityOf(author);
  return xml`<id root="${practitionerOid}" extension="${author.nationalId}"/>
      <code code="${speciality.code}" displayName="${speciality.label}" codeSystem="${speciality.system}"/>
      <addr nullFlavor="NASK"/>
      <telecom value="mailto:${author.address}"/>`;
}

function renderName(author: Practitioner): XmlFragment {
  return xml`<name><prefix>${author.title}</prefix><family>${author.familyName}</family><given>${author.givenName}</given></name>`;
}

function renderStructure(structure: Structure): XmlFragment {
  return xml`<id root="${structureOid}" extension="${structure.structureId}"/><name>${structure.name}</name>`;
}

function renderSection(section: Section): XmlFragment {
  return xml`      <component>
        <section>
          <code code="${section.code}" codeSystem="${loinc}" codeSystemName="LOINC"/>
          <title>${section.title}</title>
          <text>
${section.paragraphs.map((paragraph) => xml`            <paragraph>${paragraph}</paragraph>`)}
          </text>
        </section>
      </component>`;
}
