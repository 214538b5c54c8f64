// A development authority: what IGC-Santé is in production, made on the spot for demos and tests. Never used to judge anyone:
// its certificate is handed to the doors as "the configured authority", like any other. Keys and certificates are kept in a
// folder, so that a mail program that was told to trust the authority still does at the next start.
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import forge from 'node-forge';
import { type Credential, issueCredential, makeSelfSigned } from './issue-credential.ts';
import { keepCredential } from './keep-credential.ts';

/** A relay of another operator, as its certificate names it. */
export type PeerOperator = {
  /** Fully qualified name of the relay: the common name. */
  readonly relayName: string;
  /** `1` and the nine-digit FINESS: the organisational unit. */
  readonly structureId: string;
  readonly organisation: string;
};

/** A structure that feeds the national record, as its certificate names it. */
export type Structure = {
  /** `1` and the nine-digit FINESS, or `3` and the SIRET: the organisational unit. */
  readonly structureId: string;
  /** The organisation and the common name. */
  readonly name: string;
};

/** The development authority of one folder. */
export type DevAuthority = {
  /** PEM certificate that clients and doors trust. */
  readonly certificate: string;
  /** Where that certificate lies, for a person to import. */
  readonly certificateFile: string;
  /** The gateway's own certificate, for the host name, localhost, 127.0.0.1 and ::1. */
  serverCredential(hostname: string): Promise<Credential>;
  /** A client certificate for a peer's relay. */
  peerCredential(operator: PeerOperator): Promise<Credential>;
  /** A structure's certificate: it opens connections and signs documents. */
  structureCredential(structure: Structure): Promise<Credential>;
};

// A string type at run time; the published types ask for a class.
const utf8 = forge.asn1.Type.UTF8 as unknown as forge.asn1.Class;
// ASCII: node-forge encodes a UTF-8 name a second time when it copies it into a leaf as the issuer.
const authoritySubject = [{ name: 'commonName', value: 'Passerelle development authority' }];
const authorityDays = 3650;
const leafDays = 397;

/**
 * Opens the authority kept in `folder`, making it the first time. Whatever is near its end or does not belong to the
 * authority any more is made anew. `now` is for tests of renewal.
 */
export async function openDevAuthority(folder: string, now: () => Date = () => new Date()): Promise<DevAuthority> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const authority = await keepCredential({
    folder,
    name: 'authority',
    now: now(),
    isUsable: () => true,
    make: () => makeSelfSigned(authoritySubject, authorityDays, now()),
  });
  const leaf = (name: string, subject: forge.pki.CertificateField[], use: { readonly hostname?: string; readonly signs?: boolean } = {}) =>
    keepCredential({
      folder,
      name,
      now: now(),
      isUsable: (certificate) =>
        certificate.verify(authority.publicKey) && (use.hostname === undefined || certificate.checkHost(use.hostname) !== undefined),
      make: () =>
        issueCredential({
          issuer: authority.credential,
          subject,
          days: leafDays,
          now: now(),
          ...use,
        }),
    });
  return {
    certificate: authority.credential.cert,
    certificateFile: join(folder, 'authority.crt'),
    serverCredential: async (hostname) =>
      (await leaf(`server-${hostname}`, [{ name: 'commonName', value: hostname }], { hostname })).credential,
    peerCredential: async (operator) => (await leaf(`peer-${operator.relayName}`, peerSubject(operator))).credential,
    structureCredential: async (structure) =>
      (await leaf(`structure-${structure.structureId}`, structureSubject(structure), { signs: true })).credential,
  };
}

/** The subject as IGC-Santé writes it for an organisation's relay. */
function peerSubject({ organisation, structureId, relayName }: PeerOperator): forge.pki.CertificateField[] {
  return organisationSubject(organisation, structureId, relayName);
}

function structureSubject({ name, structureId }: Structure): forge.pki.CertificateField[] {
  return organisationSubject(name, structureId, name);
}

function organisationSubject(organisation: string, structureId: string, commonName: string): forge.pki.CertificateField[] {
  return [
    { name: 'countryName', value: 'FR' },
    { name: 'organizationName', value: organisation, valueTagClass: utf8 },
    { name: 'organizationalUnitName', value: structureId },
    { name: 'commonName', value: commonName, valueTagClass: utf8 },
  ];
}
