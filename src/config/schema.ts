// Every setting of the gateway, with its default and what it is for. Nothing else holds a default or reads the environment.
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { dataFolder, programsFolder } from './default-folders.ts';
import { about, count, domain, flag, host, oneOf, path, port, secret, section, size, url } from './kinds.ts';
import { directory, ldap } from './sections/directory.ts';
import { dmp } from './sections/dmp.ts';
import { notices } from './sections/notices.ts';
import { pipeline } from './sections/pipeline.ts';

const kib = 1024;
const mib = 1024 * kib;
const gib = 1024 * mib;

const database = section('PostgreSQL: an embedded one under the data folder, or yours', {
  url: url('postgres', 'postgresql')
    .optional()
    .meta(secret('Your PostgreSQL; without it the gateway runs its own', 'postgres://passerelle:secret@db.example/passerelle')),
  poolSize: count(2, 500).default(10).meta(about('Connections each process may open', '10')),
  sharedBuffers: size(mib, 64 * gib)
    .default(64 * mib)
    .meta(about('Cache of the embedded server', '64MiB')),
  maxConnections: count(20, 2000).default(100).meta(about('Connections the embedded server accepts, over all processes', '100')),
  programsDir: path().default(programsFolder).meta(about("Where the embedded server's programs are copied to", '/var/lib/passerelle')),
});

const redis = section('Redis, for the queues; without it they live in PostgreSQL', {
  url: url('redis', 'rediss')
    .optional()
    .meta(secret('Your Redis; losing what it holds loses no work', 'redis://:secret@redis.example:6379/0')),
});

const storage = section('Where letters are kept', {
  inlineLimitBytes: size(0, mib)
    .default(16 * kib)
    .meta(about('Letters up to this size live in the database, larger ones in files', '16KiB')),
  blobsDir: path().optional().meta(about('Folder of the larger letters; by default « blobs » in the data folder', '/srv/passerelle/blobs')),
  masterKeyFile: path()
    .optional()
    .meta(
      about(
        'File with the master keys that wrap the key of each letter; made in the data folder when absent',
        '/etc/passerelle/master.key',
      ),
    ),
  quotaBytes: size(mib, 1024 * gib)
    .default(2 * gib)
    .meta(about('Space of a new mailbox', '2GiB')),
});

const smtp = section('The SMTP doors', {
  submission: section('Where people hosted here send from. RFC 6409', {
    host: host().default('0.0.0.0').meta(about('Address to listen on', '0.0.0.0')),
    port: port().default(587).meta(about('Port with STARTTLS', '587')),
    implicitTlsPort: port().optional().meta(about('Port with TLS from the first byte (RFC 8314); closed when absent', '465')),
  }).prefault({}),
  mx: section('Where other operators deliver', {
    enabled: flag().default(false).meta(about('Opens the door; needs clientAuthorityFile, peers and tls', 'true')),
    host: host().default('0.0.0.0').meta(about('Address to listen on', '0.0.0.0')),
    port: port().default(25).meta(about('Port with STARTTLS', '25')),
    clientAuthorityFile: path()
      .optional()
      .meta(about('PEM file of the authority that signs the certificates of the other operators', '/etc/passerelle/igc-sante.pem')),
    peers: z
      .record(
        domain(),
        z.array(host(), { error: 'expected a list of certificate names' }).min(1, 'expected at least one certificate name'),
        {
          error: 'expected a table of domains, each with its certificate names',
        },
      )
      .optional()
      .meta(
        about('Who may deliver: each domain with the names its certificate may bear', '{"example.mssante.fr":["mx.example.mssante.fr"]}'),
      ),
  }).prefault({}),
});

const imap = section('The IMAP door', {
  host: host().default('0.0.0.0').meta(about('Address to listen on', '0.0.0.0')),
  port: port().default(143).meta(about('Port with STARTTLS', '143')),
  tlsPort: port().default(993).meta(about('Port with TLS from the first byte', '993')),
});

const nextHop = section('The server that takes letters for domains not hosted here', {
  host: host().meta(about('Its name', 'relay.example')),
  port: port().default(25).meta(about('Its port', '25')),
  tls: oneOf('none', 'starttls', 'require')
    .default('require')
    .meta(about('none: clear text; starttls: TLS when it is offered; require: nothing is sent without TLS', 'require')),
  authorityFile: path()
    .optional()
    .meta(about('PEM file of the only authority trusted for its certificate', '/etc/passerelle/igc-sante.pem')),
});

// A held letter can be released until its last day: what recognises it and what tells its course must live at least as long.
const longestQuarantineDays = 90;

const policies = section('Who may write to whom, and what comes back', {
  unknownCitizensPerHour: section('Letters to citizens who have no open mailbox are put off past these numbers: enumeration stays slow', {
    perSender: count(1, 100_000).default(20).meta(about('For one sender', '20')),
    perCertificate: count(1, 1_000_000).default(200).meta(about('For all the senders behind one certificate name', '200')),
  }).prefault({}),
  testAnswersPerHour: count(0, 10_000).default(10).meta(about('Answers of the test address to one sender; 0 leaves it silent', '10')),
  legalNotice: flag()
    .default(true)
    .meta(about('Tells citizens, with their first letter to a correspondent, that a reading delay engages nobody', 'true')),
  quarantineDays: count(1, longestQuarantineDays).default(30).meta(about('Days a held letter waits for a decision', '30')),
  letterMemoryDays: count(longestQuarantineDays, 3660)
    .default(400)
    .meta(about('Days a letter is remembered, so that it changes the exchanges once only', '400')),
  ledgerDays: count(longestQuarantineDays, 3660).default(400).meta(about('Days the course of each letter can be told', '400')),
  absenceAgainAfterDays: count(1, 365)
    .default(7)
    .meta(about('Days before the same correspondent is told of the same absence again. RFC 3834 §2', '7')),
});

/** The whole configuration as it may be written; parsing fills in every default. */
export const configSchema = z
  .strictObject({
    dataDir: path().default(dataFolder).meta(about('Everything the gateway keeps', '/var/lib/passerelle')),
    hostname: host().default(hostname).meta(about('The name it gives in greetings and trace headers', 'mx.operateur.mssante.fr')),
    workers: count(1, 256).default(1).meta(about('Processes that serve the doors; one per core is a good choice', '2')),
    hostedDomains: section('The domains whose mailboxes are here', {
      citizens: domain().default('patient.mssante.fr').meta(about('Domain of citizens, whose local part is an INS', 'patient.mssante.fr')),
      professionals: z
        .array(domain(), { error: 'expected a list of domains' })
        .default([])
        .meta(about('Domains of professionals and structures', 'hopital.mssante.fr,cabinet.mssante.fr')),
    }).prefault({}),
    database: database.prefault({}),
    redis: redis.prefault({}),
    storage: storage.prefault({}),
    smtp: smtp.prefault({}),
    imap: imap.prefault({}),
    ldap: ldap.prefault({}),
    directory: directory.prefault({}),
    limits: section('What is refused as too big', {
      maxAttachmentBytes: size(kib, gib)
        .default(20 * mib)
        .meta(about('Decoded size of all attachments; SIZE, APPENDLIMIT and the web limit derive from it', '20MiB')),
      remoteCitizens: section("The citizens' domain of another operator takes smaller letters than we do", {
        domain: domain()
          .default('patient.mssante.fr')
          .meta(about('That domain; without effect when it is hosted here', 'patient.mssante.fr')),
        maxLetterBytes: size(kib, gib).default(25_000_000).meta(about('Encoded size of a whole letter to that domain', '25000000')),
      }).prefault({}),
    }).prefault({}),
    policies: policies.prefault({}),
    tls: section("The gateway's certificate", {
      certificateFile: path().optional().meta(about('PEM file, followed by its chain', '/etc/passerelle/tls.pem')),
      keyFile: path().optional().meta(about('PEM file of its private key', '/etc/passerelle/tls.key')),
    }).prefault({}),
    relay: section('Letters that leave', {
      nextHop: nextHop.optional(),
      perMinute: count(1, 1_000_000).default(6000).meta(about('Letters offered to the next hop in a minute at most', '6000')),
    }).prefault({}),
    pipeline: pipeline.prefault({}),
    notices: notices.prefault({}),
    dmp: dmp.prefault({}),
    groupCommit: section('Concurrent deliveries share a transaction', {
      maxLetters: count(1, 1024).default(64).meta(about('Letters per transaction at most', '64')),
      maxGroups: count(1, 16)
        .default(1)
        .meta(about('Transactions under way at once in each process; what waits makes the next one larger', '1')),
    }).prefault({}),
    accounts: section('Who may connect', {
      pepperFile: path()
        .optional()
        .meta(
          about('File with the key of the hash of application passwords; made in the data folder when absent', '/etc/passerelle/pepper'),
        ),
    }).prefault({}),
    observe: section('What an operator watches', {
      host: host().default('127.0.0.1').meta(about('Address of /health and /metrics', '127.0.0.1')),
      port: port().default(9464).meta(about('Port of /health and /metrics', '9464')),
      logLevel: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent')
        .default('info')
        .meta(about('The least that is logged', 'info')),
    }).prefault({}),
  })
  .transform((config) => ({
    ...config,
    storage: { ...config.storage, blobsDir: config.storage.blobsDir ?? join(config.dataDir, 'blobs') },
  }));

/** Every setting with its value, frozen. */
export type Config = DeepReadonly<z.output<typeof configSchema>>;

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

/** The largest letter taken, in bytes: what SIZE and APPENDLIMIT announce. Base64 and headers take 1.4 times the attachments. */
export function maxLetterBytes(config: Pick<Config, 'limits'>): number {
  return Math.round((config.limits.maxAttachmentBytes * 14) / 10);
}
