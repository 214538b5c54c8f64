// METADATA.XML: what XDS metadata (ebRIM 3.0) says of the documents beside it. IHE ITI TF-3 §4.2; requirements 41, 47, 49, 50, 53.
import { DocumentsProblem } from './documents-problem.ts';
import type { DocumentPatient, DocumentRelation } from './health-document.ts';
import { patientOfCx, traitsOfPid } from './patients.ts';
import { present } from './present.ts';
import { WrittenEntries } from './read-written-entries.ts';
import { type AttributeOf, readXml, type XmlBudget, type XmlPath, type XmlVisitor } from './read-xml.ts';
import type { WrittenMetadata } from './written-metadata.ts';

/** One ExtrinsicObject. */
export type MetadataEntry = {
  /** Where the document stands, from the folder of METADATA.XML. */
  readonly uri?: string;
  readonly mimeType?: string;
  readonly uniqueId?: string;
  readonly typeCode?: string;
  readonly title?: string;
  readonly patients: readonly DocumentPatient[];
  readonly confidentiality: readonly string[];
  readonly relations: readonly DocumentRelation[];
  readonly written: WrittenMetadata;
};

/** The documents of one METADATA.XML. Throws DocumentsProblem. */
export async function readMetadata(content: AsyncIterable<Buffer>, budget: XmlBudget): Promise<readonly MetadataEntry[]> {
  const visitor = new MetadataVisitor();
  const written = new WrittenEntries();
  await readXml(content, budget, visitor, written);
  return visitor.entries(written.written());
}

const schemes = {
  typeCode: 'urn:uuid:f0306f51-975f-434e-a61c-c59651d33983',
  confidentiality: 'urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f',
  patientId: 'urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427',
  uniqueId: 'urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab',
  setPatientId: 'urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446',
} as const;

/** By the last word of an associationType. IHE ITI TF-3 §4.2.2.2. */
const relationKinds: ReadonlyMap<string | undefined, readonly DocumentRelation['kind'][]> = new Map([
  ['RPLC', ['replaces']],
  ['APND', ['appends']],
  ['XFRM', ['transforms']],
  ['XFRM_RPLC', ['transforms', 'replaces']],
  ['signs', ['signs']],
]);

type Association = { readonly kinds: readonly DocumentRelation['kind'][]; readonly source: string; readonly target: string };
type RegistryObject = { readonly id: string; readonly mimeType: string | undefined; title: string | undefined };

class MetadataVisitor implements XmlVisitor {
  readonly namespaces = new Set(['urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0', 'urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0']);
  readonly isDone = false;
  readonly #documents: RegistryObject[] = [];
  readonly #associations: Association[] = [];
  /** Values by object, then by scheme or slot name. */
  readonly #facts = new Map<string, Map<string, string[]>>();
  readonly #setPatients: string[] = [];
  /** The ExtrinsicObjects that are open, the innermost last (no schema has one in another, a stranger may), and the slot. */
  readonly #open: RegistryObject[] = [];
  #slot = '';

  open(path: XmlPath, attribute: AttributeOf): void {
    if (path[0] !== 'SubmitObjectsRequest') throw new DocumentsProblem('not-metadata');
    const name = path.at(-1);
    if (name === 'ExtrinsicObject') {
      const object = { id: attribute('id') ?? '', mimeType: attribute('mimeType'), title: undefined };
      this.#open.push(object);
      this.#documents.push(object);
    } else if (name === 'Slot') this.#slot = attribute('name') ?? '';
    else if (path.slice(-3).join('/') === 'ExtrinsicObject/Name/LocalizedString') this.#entitle(attribute('value'));
    else if (name === 'Classification')
      this.#note(attribute('classifiedObject'), attribute('classificationScheme'), attribute('nodeRepresentation'));
    else if (name === 'ExternalIdentifier') this.#note(attribute('registryObject'), attribute('identificationScheme'), attribute('value'));
    else if (name === 'Association') this.#associate(attribute);
  }

  close(path: XmlPath, text: string): void {
    if (path.at(-1) === 'ExtrinsicObject') this.#open.pop();
    else if (path.at(-1) === 'Value' && path.at(-4) === 'ExtrinsicObject') this.#note(undefined, this.#slot, text);
  }

  /** `written` is in the order of the file too. */
  entries(written: readonly WrittenMetadata[]): readonly MetadataEntry[] {
    return this.#documents.flatMap((object, index) => {
      const ofObject = written[index];
      return ofObject ? [{ ...this.#entry(object), written: ofObject }] : [];
    });
  }

  #entitle(title: string | undefined): void {
    const object = this.#open.at(-1);
    if (object) object.title ??= title;
  }

  /** A classification may stand apart from its object and name it, or stand in one and name another: both are told. */
  #note(named: string | undefined, scheme: string | undefined, value: string | undefined): void {
    if (scheme === undefined || value === undefined) return;
    if (scheme === schemes.setPatientId) this.#setPatients.push(value);
    for (const id of new Set([this.#open.at(-1)?.id, named])) if (id !== undefined) this.#factsOf(id, scheme).push(value);
  }

  #factsOf(id: string, scheme: string): string[] {
    const facts = this.#facts.get(id) ?? new Map<string, string[]>();
    this.#facts.set(id, facts);
    const values = facts.get(scheme) ?? [];
    facts.set(scheme, values);
    return values;
  }

  #associate(attribute: AttributeOf): void {
    const [source, target] = [attribute('sourceObject'), attribute('targetObject')];
    const kinds = relationKinds.get(attribute('associationType')?.split(':').at(-1));
    if (source !== undefined && target !== undefined && kinds) this.#associations.push({ kinds, source, target });
  }

  #entry({ id, mimeType, title }: RegistryObject): Omit<MetadataEntry, 'written'> {
    const values = (scheme: string) => this.#factsOf(id, scheme);
    const traits = traitsOfPid(values('sourcePatientInfo'));
    const patients = [...values(schemes.patientId), ...values('sourcePatientId'), ...this.#setPatients];
    return {
      ...present({ uri: values('URI')[0], mimeType, title }),
      ...present({ uniqueId: values(schemes.uniqueId)[0], typeCode: values(schemes.typeCode)[0] }),
      patients: patients.map((cx) => patientOfCx(cx, traits)).filter((patient) => patient !== undefined),
      confidentiality: values(schemes.confidentiality),
      relations: this.#associations.filter(({ source }) => source === id).flatMap((association) => this.#relations(association)),
    };
  }

  #relations({ kinds, target }: Association): readonly DocumentRelation[] {
    const uniqueId = this.#factsOf(target, schemes.uniqueId)[0];
    return kinds.map((kind) => ({ kind, target: uniqueId === undefined ? { entryUuid: target } : { uniqueId } }));
  }
}
