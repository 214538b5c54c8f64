// The fixed names of ebXML RegRep 3.0 and of XDS that these exchanges use. IHE ITI TF-3 §4.2.

/** SOAP 1.2, WS-Addressing 1.0, WS-Security 1.1, XOP, ebXML RegRep 3.0, XDS.b, HL7 version 3. */
export const namespaces = {
  soap: 'http://www.w3.org/2003/05/soap-envelope',
  addressing: 'http://www.w3.org/2005/08/addressing',
  security: 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd',
  include: 'http://www.w3.org/2004/08/xop/include',
  rim: 'urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0',
  lcm: 'urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0',
  rs: 'urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0',
  query: 'urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0',
  xdsb: 'urn:ihe:iti:xds-b:2007',
  hl7: 'urn:hl7-org:v3',
} as const;

/** What WS-Addressing calls each request. ITI TF-2 §3.41, §3.18, §3.57; TD0.2. */
export const actions = {
  provideAndRegister: 'urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b',
  storedQuery: 'urn:ihe:iti:2007:RegistryStoredQuery',
  update: 'urn:ihe:iti:2010:UpdateDocumentSet',
  demographics: 'urn:hl7-org:v3:PRPA_IN201307UV02',
} as const;

/** A document that stays as it is, as opposed to one made on demand. */
export const stableDocument = 'urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1';

/** Classification schemes of a DocumentEntry. */
export const entryScheme = {
  class: 'urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a',
  type: 'urn:uuid:f0306f51-975f-434e-a61c-c59651d33983',
  format: 'urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d',
  confidentiality: 'urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f',
  facility: 'urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1',
  practice: 'urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead',
  author: 'urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d',
  event: 'urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4',
} as const;

/** Identification schemes of a DocumentEntry. */
export const entryIdentifier = {
  patientId: 'urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427',
  uniqueId: 'urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab',
} as const;

/** What makes a RegistryPackage a submission set, its classification schemes and its identification schemes. */
export const setNode = 'urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd';
export const setScheme = {
  author: 'urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d',
  contentType: 'urn:uuid:aa543740-bdda-424e-8c96-df4873be8500',
} as const;
export const setIdentifier = {
  uniqueId: 'urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8',
  sourceId: 'urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832',
  patientId: 'urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446',
} as const;

/** How objects stand to one another. ITI TF-3 table 4.2.2-1. */
export const associationType = {
  hasMember: 'urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember',
  replaces: 'urn:ihe:iti:2007:AssociationType:RPLC',
  signs: 'urn:ihe:iti:2007:AssociationType:signs',
} as const;

/** The stored query that answers with named documents. ITI TF-2 §3.18.4.1.2.3.7.5. */
export const getDocumentsQuery = 'urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4';
