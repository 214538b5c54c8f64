// What a CDA header says beyond what is judged: who wrote, signed and when, in which setting. CDA R2 §4.2; where the metadata of XDS stand
// in a French header is from the CI-SIS, as the ANS's examples show it. Requirements 49 to 53.
import { maxWritten } from './limits.ts';
import { present } from './present.ts';
import type { AttributeOf, XmlListener, XmlPath } from './read-xml.ts';
import type { WrittenCode, WrittenId, WrittenMetadata, WrittenPerson } from './written-metadata.ts';

/** One person while being read; the first of each fact wins. */
type Person = {
  id?: WrittenId;
  familyName?: string;
  givenName?: string;
  role?: string;
  specialty?: WrittenCode;
  institutionId?: WrittenId;
  institutionName?: string;
};

type Facts = { -readonly [Name in Exclude<keyof WrittenMetadata, 'authors' | 'legalAuthenticator'>]?: WrittenMetadata[Name] };

const serviceEvent = 'ClinicalDocument/documentationOf/serviceEvent';

/** Listens while a CDA is read. */
export class WrittenCda implements XmlListener {
  readonly #facts: Facts = {};
  readonly #eventCodes: WrittenCode[] = [];
  readonly #authors: Person[] = [];
  #signer: Person | undefined;
  /** The author or signer that is open. */
  #person: Person | undefined;

  open(path: XmlPath, attribute: AttributeOf): void {
    const where = path.join('/');
    if (where === 'ClinicalDocument/author') this.#begin(this.#authors);
    else if (where === 'ClinicalDocument/legalAuthenticator') this.#person = this.#signer ??= {};
    else if (this.#person) openInPerson(this.#person, path.slice(2), attribute);
    else this.#openFact(where, attribute);
  }

  close(path: XmlPath, text: string): void {
    const where = path.join('/');
    if (where === 'ClinicalDocument/title') this.#facts.title ??= text;
    else if (where === 'ClinicalDocument/author' || where === 'ClinicalDocument/legalAuthenticator') this.#person = undefined;
    else if (this.#person) closeInPerson(this.#person, path.slice(2), text);
  }

  /** What was said, once the header was read. */
  written(): WrittenMetadata {
    return {
      ...this.#facts,
      eventCodes: this.#eventCodes,
      authors: this.#authors.map(asWritten),
      ...(this.#signer ? { legalAuthenticator: asWritten(this.#signer) } : {}),
    };
  }

  #begin(people: Person[]): void {
    this.#person = {};
    if (people.length < maxWritten) people.push(this.#person);
  }

  #openFact(where: string, attribute: AttributeOf): void {
    const facts = this.#facts;
    switch (where) {
      case 'ClinicalDocument/code':
        set(facts, 'typeCode', codeOf(attribute));
        break;
      case 'ClinicalDocument/effectiveTime':
        set(facts, 'creationTime', attribute('value'));
        break;
      case 'ClinicalDocument/languageCode':
        set(facts, 'languageCode', attribute('code'));
        break;
      case `${serviceEvent}/code`:
        add(this.#eventCodes, codeOf(attribute));
        break;
      case `${serviceEvent}/effectiveTime`:
      case `${serviceEvent}/effectiveTime/low`:
        set(facts, 'serviceStartTime', attribute('value'));
        break;
      case `${serviceEvent}/effectiveTime/high`:
        set(facts, 'serviceStopTime', attribute('value'));
        break;
      case `${serviceEvent}/performer/assignedEntity/representedOrganization/standardIndustryClassCode`:
        set(facts, 'practiceSetting', codeOf(attribute));
        break;
      case 'ClinicalDocument/componentOf/encompassingEncounter/location/healthCareFacility/code':
        set(facts, 'facilityType', codeOf(attribute));
        break;
    }
  }
}

function openInPerson(person: Person, path: XmlPath, attribute: AttributeOf): void {
  switch (path.join('/')) {
    case 'functionCode':
      set(person, 'role', attribute('displayName'));
      break;
    case 'assignedAuthor/id':
    case 'assignedEntity/id':
      set(person, 'id', idOf(attribute));
      break;
    case 'assignedAuthor/code':
    case 'assignedEntity/code':
      set(person, 'specialty', codeOf(attribute));
      break;
    case 'assignedAuthor/representedOrganization/id':
    case 'assignedEntity/representedOrganization/id':
      set(person, 'institutionId', idOf(attribute));
      break;
  }
}

function closeInPerson(person: Person, path: XmlPath, text: string): void {
  switch (path.join('/')) {
    case 'assignedAuthor/assignedPerson/name/family':
    case 'assignedEntity/assignedPerson/name/family':
    case 'assignedAuthor/assignedAuthoringDevice/manufacturerModelName':
      set(person, 'familyName', text);
      break;
    case 'assignedAuthor/assignedPerson/name/given':
    case 'assignedEntity/assignedPerson/name/given':
    case 'assignedAuthor/assignedAuthoringDevice/softwareName':
      set(person, 'givenName', text);
      break;
    case 'assignedAuthor/representedOrganization/name':
    case 'assignedEntity/representedOrganization/name':
      set(person, 'institutionName', text);
      break;
  }
}

function asWritten({ institutionId, institutionName, ...person }: Person): WrittenPerson {
  const institution = { ...(institutionId ? { id: institutionId } : {}), ...present({ name: institutionName }) };
  return Object.keys(institution).length > 0 ? { ...person, institution } : person;
}

/** The first that is not empty wins. */
function set<Target, Name extends keyof Target>(target: Target, name: Name, value: Target[Name] | undefined): void {
  if (value !== undefined && value !== '' && target[name] === undefined) target[name] = value;
}

function add(codes: WrittenCode[], code: WrittenCode | undefined): void {
  if (code && codes.length < maxWritten) codes.push(code);
}

function codeOf(attribute: AttributeOf): WrittenCode | undefined {
  const code = attribute('code');
  return code === undefined ? undefined : { code, ...present({ system: attribute('codeSystem'), display: attribute('displayName') }) };
}

function idOf(attribute: AttributeOf): WrittenId | undefined {
  const [extension, root] = [attribute('extension'), attribute('root')];
  return extension === undefined || root === undefined ? undefined : { extension, root };
}
