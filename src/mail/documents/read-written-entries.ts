// What METADATA.XML says of each document beyond what is judged: codes with their tables, authors, times. IHE ITI TF-3 §4.2.3.
import { maxWritten } from './limits.ts';
import { present } from './present.ts';
import type { AttributeOf, XmlListener, XmlPath } from './read-xml.ts';
import type { WrittenCode, WrittenId, WrittenMetadata, WrittenPerson } from './written-metadata.ts';

/** ebRIM classification schemes. IHE ITI TF-3 table 4.2.5.2-1. */
const schemes = {
  classCode: 'urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a',
  typeCode: 'urn:uuid:f0306f51-975f-434e-a61c-c59651d33983',
  formatCode: 'urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d',
  facilityType: 'urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1',
  practiceSetting: 'urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead',
  eventCode: 'urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4',
  author: 'urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d',
} as const;

type Classification = {
  readonly scheme: string | undefined;
  readonly code: string | undefined;
  display: string | undefined;
  readonly slots: Map<string, string[]>;
};

/** Listens while a METADATA.XML is read. */
export class WrittenEntries implements XmlListener {
  /** Ids of the ExtrinsicObjects in the order of the file, and those that are open. */
  readonly #ids: string[] = [];
  readonly #open: string[] = [];
  readonly #titles = new Map<string, string>();
  readonly #slots = new Map<string, Map<string, string[]>>();
  /** By the object they are about. */
  readonly #classifications = new Map<string, Classification[]>();
  #classification: Classification | undefined;
  #slot = '';

  open(path: XmlPath, attribute: AttributeOf): void {
    const name = path.at(-1);
    const object = this.#open.at(-1);
    if (name === 'ExtrinsicObject') {
      this.#ids.push(attribute('id') ?? '');
      this.#open.push(attribute('id') ?? '');
    } else if (name === 'Slot') this.#slot = attribute('name') ?? '';
    else if (name === 'Classification') this.#classify(attribute);
    else if (name === 'LocalizedString' && path.at(-3) === 'Classification' && this.#classification)
      this.#classification.display ??= attribute('value');
    else if (name === 'LocalizedString' && path.at(-3) === 'ExtrinsicObject' && path.at(-2) === 'Name' && object !== undefined)
      if (!this.#titles.has(object)) this.#titles.set(object, attribute('value') ?? '');
  }

  close(path: XmlPath, text: string): void {
    const name = path.at(-1);
    const object = this.#open.at(-1);
    if (name === 'ExtrinsicObject') this.#open.pop();
    else if (name === 'Classification') this.#classification = undefined;
    else if (name === 'Value' && path.at(-4) === 'Classification' && this.#classification)
      note(this.#classification.slots, this.#slot, text);
    else if (name === 'Value' && path.at(-4) === 'ExtrinsicObject' && object !== undefined) {
      const slots = this.#slots.get(object) ?? new Map<string, string[]>();
      this.#slots.set(object, slots);
      note(slots, this.#slot, text);
    }
  }

  /** What is said of each ExtrinsicObject, in the order of the file. */
  written(): readonly WrittenMetadata[] {
    // Once for each id: a file may repeat one ten thousand times.
    const byId = new Map([...new Set(this.#ids)].map((id) => [id, this.#writtenOf(id)]));
    return this.#ids.flatMap((id) => byId.get(id) ?? []);
  }

  /** A classification is about the object it stands in and about the one it names. */
  #classify(attribute: AttributeOf): void {
    const classification: Classification = {
      scheme: attribute('classificationScheme'),
      code: attribute('nodeRepresentation'),
      display: undefined,
      slots: new Map(),
    };
    this.#classification = classification;
    for (const id of new Set([this.#open.at(-1), attribute('classifiedObject')])) {
      if (id === undefined) continue;
      const known = this.#classifications.get(id) ?? [];
      this.#classifications.set(id, known);
      known.push(classification);
    }
  }

  #writtenOf(id: string): WrittenMetadata {
    const slot = (name: string) => this.#slots.get(id)?.get(name)?.[0];
    const mine = this.#classifications.get(id) ?? [];
    const codes = (scheme: string) =>
      mine
        .filter((one) => one.scheme === scheme)
        .flatMap(codeOf)
        .slice(0, maxWritten);
    const single = (name: Exclude<keyof typeof schemes, 'eventCode' | 'author'>) => {
      const [code] = codes(schemes[name]);
      return code ? { [name]: code } : {};
    };
    const signer = personOf(slot('legalAuthenticator'));
    return {
      ...present({ title: this.#titles.get(id), languageCode: slot('languageCode') }),
      ...present({ creationTime: inUtc(slot('creationTime')) }),
      ...present({ serviceStartTime: inUtc(slot('serviceStartTime')), serviceStopTime: inUtc(slot('serviceStopTime')) }),
      ...single('classCode'),
      ...single('typeCode'),
      ...single('formatCode'),
      ...single('facilityType'),
      ...single('practiceSetting'),
      eventCodes: codes(schemes.eventCode),
      authors: mine
        .filter(({ scheme }) => scheme === schemes.author)
        .slice(0, maxWritten)
        .map(authorOf),
      ...(signer ? { legalAuthenticator: signer } : {}),
    };
  }
}

function note(slots: Map<string, string[]>, name: string, value: string): void {
  const values = slots.get(name) ?? [];
  slots.set(name, values);
  if (values.length < maxWritten) values.push(value);
}

function codeOf({ code, display, slots }: Classification): readonly WrittenCode[] {
  return code === undefined ? [] : [{ code, ...present({ system: slots.get('codingScheme')?.[0], display }) }];
}

function authorOf({ slots }: Classification): WrittenPerson {
  const institution = institutionOf(slots.get('authorInstitution')?.[0]);
  const specialty = slots.get('authorSpecialty')?.[0];
  return {
    ...personOf(slots.get('authorPerson')?.[0]),
    ...(institution ? { institution } : {}),
    ...present({ role: slots.get('authorRole')?.[0] }),
    ...(specialty ? { specialty: specialtyOf(specialty) } : {}),
  };
}

/** An XCN, `899700101001^MARTIN^Léa^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS`. IHE ITI TF-3 table 4.2.3.1.7-2. */
function personOf(xcn: string | undefined): WrittenPerson | undefined {
  if (!xcn) return undefined;
  const [extension, familyName, givenName, , , , , , authority] = xcn.split('^');
  const id = idOf(extension, authority);
  return { ...(id ? { id } : {}), ...present({ familyName, givenName }) };
}

/** An XON, `Clinique^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1990001018`; likewise. */
function institutionOf(xon: string | undefined): WrittenPerson['institution'] {
  if (!xon) return undefined;
  const [name, , , , , authority, , , , extension] = xon.split('^');
  const id = idOf(extension, authority);
  return { ...(id ? { id } : {}), ...present({ name }) };
}

/** A code as the CI-SIS writes it, `G15_10/SM26^Médecin - Médecine générale^1.2.250.1.213.1.1.4.5`, or words alone. */
function specialtyOf(value: string): WrittenCode {
  const [code = '', display, system] = value.split('^');
  return { code, ...present({ display, system }) };
}

/** The root is in the second component of an assigning authority, `&OID&ISO`. */
function idOf(extension: string | undefined, authority: string | undefined): WrittenId | undefined {
  const root = authority?.split('&')[1];
  return extension && root ? { extension, root } : undefined;
}

/** A DTM of XDS is in UTC and does not say so. A day alone has no hour to be said of. */
function inUtc(dtm: string | undefined): string | undefined {
  return dtm !== undefined && /^\d{10,14}$/.test(dtm) ? `${dtm}+0000` : dtm;
}
