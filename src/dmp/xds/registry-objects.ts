// The small pieces every object of the registry is made of: slots, classifications, identifiers, associations. ebXML RIM 3.0 §2, ITI TF-3 §4.2.1.
import type { CodedValue, DocumentAuthor } from '../document-entry.ts';
import { codeCe, institutionXon, personXcn } from '../hl7-values.ts';
import { element, type Xml } from '../xml-text.ts';

/** Writes the pieces of one object, numbering those that need an id of their own. */
export class ObjectPieces {
  readonly #objectId: string;
  #count = 0;

  /** `objectId`: how the object is called inside the request. */
  constructor(objectId: string) {
    this.#objectId = objectId;
  }

  /** A code, under the scheme that says of what. */
  code(scheme: string, { code, system, display }: CodedValue): Xml {
    return this.#classification({ classificationScheme: scheme, nodeRepresentation: code }, [
      slot('codingScheme', [system]),
      nameOf(display),
    ]);
  }

  /** Who wrote, or who sends. */
  author(scheme: string, author: DocumentAuthor): Xml {
    const { institution, role, specialty } = author;
    return this.#classification({ classificationScheme: scheme, nodeRepresentation: '' }, [
      slot('authorPerson', [personXcn(author)]),
      institution && slot('authorInstitution', [institutionXon(institution)]),
      role === undefined ? undefined : slot('authorRole', [role]),
      specialty && slot('authorSpecialty', [codeCe(specialty)]),
    ]);
  }

  /** Says what kind of object this is. */
  node(classificationNode: string): Xml {
    return this.#classification({ classificationNode }, []);
  }

  /** An identifier by which the object is known outside. `name` as ITI TF-3 §4.2.3 spells it. */
  identifier(scheme: string, name: string, value: string): Xml {
    const attributes = { id: this.#nextId(), registryObject: this.#objectId, identificationScheme: scheme, value };
    return element('rim:ExternalIdentifier', attributes, [nameOf(name)]);
  }

  #classification(kind: Readonly<Record<string, string>>, content: readonly (Xml | undefined)[]): Xml {
    return element('rim:Classification', { id: this.#nextId(), classifiedObject: this.#objectId, ...kind }, content);
  }

  #nextId(): string {
    this.#count += 1;
    return `${this.#objectId}-${this.#count}`;
  }
}

/** A named list of values. */
export function slot(name: string, values: readonly string[]): Xml {
  return element('rim:Slot', { name }, [
    element(
      'rim:ValueList',
      {},
      values.map((value) => element('rim:Value', {}, value)),
    ),
  ]);
}

/** What people call it. */
export function nameOf(text: string): Xml {
  return element('rim:Name', {}, [element('rim:LocalizedString', { 'xml:lang': 'fr-FR', charset: 'UTF-8', value: text })]);
}

/** One object towards another. */
export function association(id: string, type: string, source: string, target: string, slots: readonly Xml[] = []): Xml {
  return element('rim:Association', { id, associationType: type, sourceObject: source, targetObject: target }, slots);
}
