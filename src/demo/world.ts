// The demo's world: a gateway on loopback with its own authority and a fictional directory, another operator's relay beside it,
// and everyone's passwords.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDevAuthority } from '../../certs/dev-authority.ts';
import { findCitizens } from '../../directory/matricules.ts';
import { setNoticePreference } from '../../policies/notice-preferences.ts';
import { dataFolder } from '../config/default-folders.ts';
import { loadConfig } from '../config/load-config.ts';
import type { Address } from '../core/address.ts';
import { domainOf, parseAddress } from '../core/address.ts';
import type { Db } from '../database/tables.ts';
import { type Gateway, startGateway } from '../gateway.ts';
import { createLog } from '../observe/log.ts';
import { clinic, patients, practitioners, ruthNessi, structureBoxes } from './cast.ts';
import type { ClientDoors, Person } from './clients.ts';
import { DmpServer } from './dmp-server/dmp-server.ts';
import { populate } from './populate.ts';
import { Sink } from './sink.ts';

/** The other operator of the story: the domain it writes from and the name on its certificate. */
export const otherOperator = {
  domain: 'hopital.autre.mssante.fr',
  relayName: 'smtp.autre.mssante.fr',
  structureId: '1990003036',
  organisation: 'Hôpital d’ailleurs',
};

/** Everything the story plays with. */
export type World = {
  readonly gateway: Gateway;
  readonly doors: ClientDoors;
  readonly people: ReadonlyMap<Address, Person>;
  /** Where letters for other operators arrive. */
  readonly sink: Sink;
  /** The national record, in small. */
  readonly dmp: DmpServer;
  /** Where notices to ordinary addresses arrive, and the one that a patient has given. */
  readonly ordinaryMail: Sink;
  readonly ordinaryAddress: string;
  /** The other operator's key and certificate, PEM. */
  readonly peer: { readonly key: string; readonly cert: string };
  /** PEM file of the authority, for a mail program to trust. */
  readonly authorityFile: string;
  close(): Promise<void>;
};

const host = '127.0.0.1';
const hostname = 'passerelle.demo.mssante.fr';
const ordinaryAddress = 'ruth@courriel.example';

/** Builds the world: in the demo's own folder, or with `isPassing` in one that is removed at the end. */
export async function openWorld({ isPassing }: { isPassing: boolean }): Promise<World> {
  const folder = isPassing ? await mkdtemp(join(tmpdir(), 'passerelle-demo-')) : `${dataFolder()}-demo`;
  await mkdir(folder, { recursive: true });
  const authority = await openDevAuthority(join(folder, 'authority'));
  await authority.serverCredential(hostname);
  const peer = await authority.peerCredential(otherOperator);
  const sink = new Sink();
  const sinkPort = await sink.start();
  const ordinaryMail = new Sink();
  const ordinaryPort = await ordinaryMail.start();
  await authority.structureCredential(clinic);
  const dmp = await DmpServer.start({
    credential: await authority.serverCredential('dmp.demo.test'),
    authority: authority.certificate,
    ...(!isPassing && { folder: join(folder, 'dmp'), port: await portOrAnyFree(2443) }),
  });
  for (const { ins } of patients) dmp.openRecord(ins, 'active');
  const preferred = (port: number) => (isPassing ? 0 : portOrAnyFree(port));
  const settings = {
    dataDir: folder,
    hostname,
    hostedDomains: { professionals: [...new Set([...practitioners, ...structureBoxes].map(({ address }) => domainOf(address)))] },
    tls: {
      certificateFile: join(folder, 'authority', `server-${hostname}.crt`),
      keyFile: join(folder, 'authority', `server-${hostname}.key`),
    },
    smtp: {
      submission: { host, port: await preferred(2587), implicitTlsPort: await preferred(2465) },
      mx: {
        enabled: true,
        host,
        port: await preferred(2525),
        clientAuthorityFile: authority.certificateFile,
        peers: { [otherOperator.domain]: [otherOperator.relayName] },
      },
    },
    imap: { host, port: await preferred(2143), tlsPort: await preferred(2993) },
    ldap: { host, port: await preferred(2389), tlsPort: await preferred(2636) },
    directory: { identities: 'test' },
    relay: { nextHop: { host, port: sinkPort, tls: 'none' } },
    notices: { smarthost: { host, port: ordinaryPort, tls: 'none' }, from: 'ne-pas-repondre@operateur.example' },
    dmp: {
      endpoints: { repository: dmp.urls.repository, status: dmp.urls.status, registry: dmp.urls.registry },
      authorityFile: authority.certificateFile,
      certificateFile: join(folder, 'authority', `structure-${clinic.structureId}.crt`),
      keyFile: join(folder, 'authority', `structure-${clinic.structureId}.key`),
      structure: { id: clinic.structureId, name: clinic.name },
    },
    observe: { host, port: await preferred(2464), logLevel: 'warn' },
  };
  const file = join(folder, 'config.json');
  await writeFile(file, `${JSON.stringify(settings, null, 2)}\n`);
  const config = loadConfig({ file, environment: {} });
  const gateway = await startGateway(config, createLog({ level: config.observe.logLevel }));
  const people = await populate({ db: gateway.context.database.db, pepper: gateway.context.pepper, quotaBytes: config.storage.quotaBytes });
  await giveOrdinaryAddress(gateway.context.database.db);
  return {
    gateway,
    doors: { host, submissionPort: gateway.ports.submission, imapPort: gateway.ports.imap, authority: authority.certificate },
    people,
    sink,
    dmp,
    ordinaryMail,
    ordinaryAddress,
    peer,
    authorityFile: authority.certificateFile,
    async close() {
      await gateway.stop('the demo is over');
      await sink.stop();
      await ordinaryMail.stop();
      await dmp.stop();
      if (isPassing) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One patient wants to be told elsewhere that something waits. */
async function giveOrdinaryAddress(db: Db): Promise<void> {
  const citizenId = (await findCitizens(db, [ruthNessi.ins])).get(ruthNessi.ins);
  const address = parseAddress(ordinaryAddress);
  if (citizenId === undefined || !address) throw new Error('Nobody of the cast has this matricule');
  await setNoticePreference(db, citizenId, { address, told: {} });
}

/** The port itself when nobody listens on it, else 0: any free one. */
function portOrAnyFree(port: number): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(0));
    probe.listen(port, host, () => probe.close(() => resolve(port)));
  });
}
