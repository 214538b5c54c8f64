// The header of a CDA R2 document, up to its first <component>: the body, which is the letter to the patient, is never looked at.
// Requirements 41, 47, 50; domain.md §5 for the traits of a qualified INS.
import type { DocumentPatient, DocumentRelation } from './health-document.ts';
import { insPatient, type PatientTraits } from './patients.ts';
import { present } from './present.ts';
import { WrittenCda } from './read-written-cda.ts';
import { type AttributeOf, readXml, type XmlBudget, type XmlPath, type XmlVisitor } from './read-xml.ts';
import type { WrittenMetadata } from './written-metadata.ts';

/** What a CDA header says. */
export type CdaHeader = {
  readonly uniqueId?: string;
  readonly code?: string;
  readonly title?: string;
  readonly patients: readonly DocumentPatient[];
  readonly confidentiality: readonly string[];
  readonly relations: readonly DocumentRelation[];
  readonly written: WrittenMetadata;
};

/** The header; undefined when the XML is something else than a CDA. Throws DocumentsProblem. */
export async function readCda(content: AsyncIterable<Buffer>, budget: XmlBudget): Promise<CdaHeader | undefined> {
  const visitor = new CdaVisitor();
  const written = new WrittenCda();
  await readXml(content, budget, visitor, written);
  const header = visitor.header();
  return header && { ...header, written: written.written() };
}

/** CDA R2 §4.2.2.13. */
const relationKinds: ReadonlyMap<string | undefined, DocumentRelation['kind']> = new Map([
  ['RPLC', 'replaces'],
  ['APND', 'appends'],
  ['XFRM', 'transforms'],
]);

/** One recordTarget while it is read: every identifier, and the traits they share. */
type Target = { readonly ids: (readonly [extension: string | undefined, root: string | undefined])[]; traits: PatientTraits };

class CdaVisitor implements XmlVisitor {
  readonly namespaces = new Set(['urn:hl7-org:v3']);
  isDone = false;
  #isCda = false;
  #id: string | undefined;
  #code: string | undefined;
  #title: string | undefined;
  readonly #confidentiality: string[] = [];
  readonly #targets: Target[] = [];
  readonly #relations: DocumentRelation[] = [];
  /** Of the element that is open. */
  #relationKind: DocumentRelation['kind'] | undefined;
  #isBirthName = false;

  open(path: XmlPath, attribute: AttributeOf): void {
    const target = this.#targets.at(-1);
    switch (path.join('/')) {
      case 'ClinicalDocument':
        this.#isCda = true;
        break;
      case 'ClinicalDocument/component':
        this.isDone = true;
        break;
      case 'ClinicalDocument/id':
        this.#id ??= uniqueIdOf(attribute);
        break;
      case 'ClinicalDocument/code':
        this.#code ??= attribute('code');
        break;
      case 'ClinicalDocument/confidentialityCode':
      case 'ClinicalDocument/confidentialityCode/translation':
        this.#confidentiality.push(attribute('code') ?? '');
        break;
      case 'ClinicalDocument/recordTarget':
        this.#targets.push({ ids: [], traits: {} });
        break;
      case 'ClinicalDocument/recordTarget/patientRole/id':
        target?.ids.push([attribute('extension'), attribute('root')]);
        break;
      case 'ClinicalDocument/recordTarget/patientRole/patient/name/family':
      case 'ClinicalDocument/recordTarget/patientRole/patient/name/given':
        this.#isBirthName = attribute('qualifier')?.split(/\s+/).includes('BR') ?? false;
        break;
      case 'ClinicalDocument/recordTarget/patientRole/patient/administrativeGenderCode':
        addTraits(target, { sex: attribute('code') });
        break;
      case 'ClinicalDocument/recordTarget/patientRole/patient/birthTime':
        addTraits(target, { birthDate: attribute('value')?.slice(0, 8) });
        break;
      case 'ClinicalDocument/relatedDocument':
        this.#relationKind = relationKinds.get(attribute('typeCode'));
        break;
      case 'ClinicalDocument/relatedDocument/parentDocument/id':
        this.#relate(uniqueIdOf(attribute));
        break;
      default:
        // What is no CDA at its root is none further down.
        this.isDone = !this.#isCda;
    }
  }

  close(path: XmlPath, text: string): void {
    const where = path.join('/');
    if (where === 'ClinicalDocument/title') this.#title ??= text;
    if (!this.#isBirthName) return;
    if (where === 'ClinicalDocument/recordTarget/patientRole/patient/name/family') addTraits(this.#targets.at(-1), { birthName: text });
    if (where === 'ClinicalDocument/recordTarget/patientRole/patient/name/given') addTraits(this.#targets.at(-1), { firstGivenName: text });
  }

  header(): Omit<CdaHeader, 'written'> | undefined {
    if (!this.#isCda) return undefined;
    return {
      ...present({ uniqueId: this.#id, code: this.#code, title: this.#title }),
      patients: this.#targets.flatMap(patientsOf),
      confidentiality: this.#confidentiality,
      relations: this.#relations,
    };
  }

  #relate(uniqueId: string | undefined): void {
    if (uniqueId !== undefined && this.#relationKind) this.#relations.push({ kind: this.#relationKind, target: { uniqueId } });
  }
}

/** The first of a trait wins. */
function addTraits(target: Target | undefined, found: Readonly<Record<string, string | undefined>>): void {
  if (target) target.traits = { ...present(found), ...target.traits };
}

function patientsOf({ ids, traits }: Target): readonly DocumentPatient[] {
  return ids.map(([extension, root]) => insPatient(extension, root, traits)).filter((patient) => patient !== undefined);
}

/** An HL7 instance identifier as XDS writes it: the root alone, or `root^extension`. IHE PCC TF-2 §4.1.1. */
function uniqueIdOf(attribute: AttributeOf): string | undefined {
  const [root, extension] = [attribute('root'), attribute('extension')];
  return root === undefined || extension === undefined ? root : `${root}^${extension}`;
}
