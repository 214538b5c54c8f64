// XDS metadata as ebRIM writes it, read into plain records and judged elsewhere. IHE ITI TF-3 §4.2.
import { attributeOf, childrenOf, onlyChild, textOf, type XmlElement } from './xml-tree.ts';

/** ebXML RegRep 3.0. */
export const rimNs = 'urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0';
/** Its life cycle requests. */
export const lcmNs = 'urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0';

/** A code with its table's OID. */
export type Coded = { readonly code: string; readonly system: string | undefined; readonly display: string | undefined };

/** Slots by name. A name given twice keeps both lists' values. */
export type Slots = ReadonlyMap<string, readonly string[]>;

/** A classification: which scheme, its code (empty for an author), its slots. */
export type Classified = Coded & { readonly scheme: string; readonly slots: Slots };

/** A registry object: a document entry or a submission set. */
export type RegistryObject = {
  readonly id: string;
  /** The entry it is a version of; undefined when new. */
  readonly logicalId: string | undefined;
  readonly objectType: string | undefined;
  readonly mimeType: string | undefined;
  readonly title: string | undefined;
  readonly slots: Slots;
  readonly classifications: readonly Classified[];
  /** External identifiers: scheme and value. */
  readonly identifiers: readonly { readonly scheme: string; readonly value: string }[];
  /** As it came. */
  readonly element: XmlElement;
  /** False when a classification or an identifier names another object as its owner. */
  readonly isWellKnit: boolean;
};

/** How two objects stand to each other. */
export type Association = { readonly type: string; readonly source: string; readonly target: string; readonly slots: Slots };

/** What a SubmitObjectsRequest holds. */
export type Submitted = {
  readonly entries: readonly RegistryObject[];
  readonly packages: readonly RegistryObject[];
  readonly associations: readonly Association[];
  /** Ids of packages that are classified as submission sets. */
  readonly sets: readonly string[];
};

const submissionSetNode = 'urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd';

/** Reads lcm:SubmitObjectsRequest; undefined when it holds no list of objects. */
export function readSubmitted(request: XmlElement | undefined): Submitted | undefined {
  const list = onlyChild(request, rimNs, 'RegistryObjectList');
  if (!list) return undefined;
  const packages = childrenOf(list, rimNs, 'RegistryPackage');
  const nodes = [list, ...packages].flatMap((holder) => childrenOf(holder, rimNs, 'Classification'));
  return {
    entries: childrenOf(list, rimNs, 'ExtrinsicObject').map(readObject),
    packages: packages.map(readObject),
    associations: childrenOf(list, rimNs, 'Association').map((one) => ({
      type: attributeOf(one, 'associationType') ?? '',
      source: attributeOf(one, 'sourceObject') ?? '',
      target: attributeOf(one, 'targetObject') ?? '',
      slots: readSlots(one),
    })),
    sets: nodes
      .filter((one) => attributeOf(one, 'classificationNode') === submissionSetNode)
      .map((one) => attributeOf(one, 'classifiedObject') ?? ''),
  };
}

function readObject(element: XmlElement): RegistryObject {
  const id = attributeOf(element, 'id') ?? '';
  const classifications = childrenOf(element, rimNs, 'Classification').filter(
    (one) => attributeOf(one, 'classificationNode') === undefined,
  );
  const identifiers = childrenOf(element, rimNs, 'ExternalIdentifier');
  return {
    id,
    element,
    logicalId: attributeOf(element, 'lid'),
    objectType: attributeOf(element, 'objectType'),
    mimeType: attributeOf(element, 'mimeType'),
    title: nameOf(element),
    slots: readSlots(element),
    classifications: classifications.map((one) => {
      const slots = readSlots(one);
      return {
        scheme: attributeOf(one, 'classificationScheme') ?? '',
        code: attributeOf(one, 'nodeRepresentation') ?? '',
        system: slots.get('codingScheme')?.[0],
        display: nameOf(one),
        slots,
      };
    }),
    identifiers: identifiers.map((one) => ({
      scheme: attributeOf(one, 'identificationScheme') ?? '',
      value: attributeOf(one, 'value') ?? '',
    })),
    isWellKnit:
      id !== '' &&
      classifications.every((one) => attributeOf(one, 'classifiedObject') === id) &&
      identifiers.every((one) => attributeOf(one, 'registryObject') === id),
  };
}

function nameOf(element: XmlElement): string | undefined {
  return attributeOf(childrenOf(onlyChild(element, rimNs, 'Name'), rimNs, 'LocalizedString')[0], 'value');
}

function readSlots(element: XmlElement): Slots {
  const slots = new Map<string, string[]>();
  for (const slot of childrenOf(element, rimNs, 'Slot')) {
    const name = attributeOf(slot, 'name') ?? '';
    const values = childrenOf(onlyChild(slot, rimNs, 'ValueList'), rimNs, 'Value').map((value) => textOf(value) ?? '');
    slots.set(name, [...(slots.get(name) ?? []), ...values]);
  }
  return slots;
}
