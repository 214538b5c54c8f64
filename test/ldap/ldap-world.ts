// An LDAP door on real sockets over a real directory, with a few people in it: what the tests of this folder start from.

import { directoryMigrations } from '../../directory/migrations/set.ts';
import { setPractices } from '../../directory/practices.ts';
import { registerAddress, registerCitizen, registerProfessional, registerStructure } from '../../directory/registry.ts';
import { type Address, parseAddress } from '../../src/core/address.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Ins } from '../../src/core/ins.ts';
import { insKey, parseIns } from '../../src/core/ins.ts';
import type { Db } from '../../src/database/tables.ts';
import { LdapServer, type LdapServerOptions } from '../../src/ldap/ldap-server.ts';
import type { LdapLimits } from '../../src/ldap/services.ts';
import { createTestDatabase } from '../support/database.ts';
import { testCertificate } from '../support/tls.ts';
import { LdapClient } from './ldap-client.ts';

export const baseDn = 'o=mssante,c=fr';
export const citizensDomain = 'patient.mssante.example';
export const password = 'abcd-efgh-jkmn-pqrs-tuvw-xyz2-34';

export const lea = address('lea.martin@medecin.mssante.example');
export const paul = address('paul.durand@medecin.mssante.example');
export const zoe = address('zoe.lefevre@medecin.mssante.example');
export const hidden = address('rouge.secret@medecin.mssante.example');
export const cardiology = address('cardiologie@clinique.mssante.example');

export const dominique = ins('2790351215189');
export const ruth = ins('2770763220829');

export type WorldOptions = { readonly limits?: Partial<LdapLimits>; readonly lookUp?: NonNullable<LdapServerOptions['lookUp']> };

export type LdapWorld = {
  readonly db: Db;
  readonly server: LdapServer;
  readonly startTlsPort: number;
  readonly tlsPort: number;
  /** What operationFailed() was told: a test that expects no failure of ours looks here. */
  readonly failures: { readonly operation: string; readonly error: unknown }[];
  /** How each bind with a password ended. */
  readonly binds: boolean[];
  /** Says that the mailbox of that address has been shut. */
  shut(address: Address): void;
  /** A client bound as Dr Léa Martin over TLS. */
  client(): Promise<LdapClient>;
  close(): Promise<void>;
};

/** Call it in beforeAll, and close() in afterAll. */
export async function ldapWorld(options: WorldOptions = {}): Promise<LdapWorld> {
  const database = await createTestDatabase([directoryMigrations], 8);
  await populate(database.db);
  const failures: { operation: string; error: unknown }[] = [];
  const binds: boolean[] = [];
  const watchers = new Map<Address, Set<() => void>>();
  const server = new LdapServer({
    db: database.db,
    authenticate: async (login, given) => {
      const who = parseAddress(login);
      return who && given === password ? { address: who, mailboxId: 1 } : undefined;
    },
    watchAccount: (watched, onShut) => {
      const ofAddress = watchers.get(watched) ?? new Set();
      watchers.set(watched, ofAddress.add(onShut));
      return () => void ofAddress.delete(onShut);
    },
    ...(options.lookUp && { lookUp: options.lookUp }),
    citizensDomain,
    events: {
      connectionOpened() {},
      connectionClosed() {},
      bound: (accepted) => void binds.push(accepted),
      operationFailed: (operation, error) => void failures.push({ operation, error }),
    },
    clock: systemClock,
    baseDn,
    tls: testCertificate(),
    limits: { refusedBindDelayMs: 0, closingGraceMs: 500, ...options.limits },
  });
  const ports = await server.listen({ host: '127.0.0.1', startTlsPort: 0, tlsPort: 0 });
  const clients: LdapClient[] = [];
  return {
    db: database.db,
    server,
    ...ports,
    failures,
    binds,
    shut: (watched) => {
      for (const onShut of watchers.get(watched) ?? []) onShut();
    },
    async client() {
      const client = await LdapClient.secure(ports.tlsPort);
      clients.push(client);
      const code = await client.bind(lea, password);
      if (code !== 0) throw new Error(`The bind ended with ${code}`);
      return client;
    },
    async close() {
      for (const client of clients) client.close();
      await server.close();
      await database.close();
    },
  };
}

async function populate(db: Db): Promise<void> {
  const clinic = {
    structureId: '1990001018',
    name: 'Clinique des Peupliers',
    routingLine: '76000 ROUEN',
    postalCode: '76000',
    department: '76',
  };
  await registerStructure(db, clinic);
  const doctors = [
    { address: lea, rpps: '99700101001', familyName: 'MARTIN', givenName: 'Léa', skill: 'Médecine générale' },
    { address: paul, rpps: '99700102009', familyName: 'DURAND', givenName: 'Paul', skill: 'Cardiologie' },
    { address: zoe, rpps: '99700103007', familyName: 'LEFÈVRE', givenName: 'Zoé', skill: 'Médecine générale' },
    { address: hidden, rpps: '99700104005', familyName: 'SECRET', givenName: 'Rouge', skill: 'Cardiologie' },
  ];
  for (const doctor of doctors) {
    await registerProfessional(db, { ...doctor, civility: 'Dr', profession: 'Médecin' });
    const label = `Dr ${doctor.givenName} ${doctor.familyName}`;
    await registerAddress(db, { address: doctor.address, type: 'PER', label, rpps: doctor.rpps, redList: doctor.address === hidden });
    const practice = { profession: 'Médecin', skill: doctor.skill, structureId: clinic.structureId };
    await db.transaction().execute((trx) => setPractices(trx, doctor.address, [practice]));
  }
  await registerAddress(db, { address: cardiology, type: 'ORG', label: 'Service de cardiologie', structureId: clinic.structureId });
  const traits = { birthName: 'PAT-TROIS', firstGivenName: 'DOMINIQUE', birthDate: '1979-03-28', sex: 'F' as const };
  await registerCitizen(db, { ins: dominique, ...traits }, citizensDomain);
  const others = { birthName: 'NESSI', firstGivenName: 'RUTH', birthDate: '1977-07-14', sex: 'F' as const };
  await registerCitizen(db, { ins: ruth, ...others }, citizensDomain);
}

/** An address, or an error of the test's. */
export function address(text: string): Address {
  const read = parseAddress(text);
  if (!read) throw new Error(`Not an address: ${text}`);
  return read;
}

/** A matricule of 13 characters, with its key. */
export function ins(body: string): Ins {
  const read = parseIns(body + insKey(body));
  if (!read) throw new Error(`Not a matricule: ${body}`);
  return read;
}
