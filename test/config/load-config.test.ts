// One configuration from defaults, a file and the environment; whatever is wrong is told at once.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { ConfigError, type ConfigProblem } from '../../src/config/problems.ts';
import { maxLetterBytes } from '../../src/config/schema.ts';

const folder = mkdtempSync(join(tmpdir(), 'passerelle-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function problemsOf(source: Parameters<typeof loadConfig>[0]): readonly ConfigProblem[] {
  try {
    loadConfig({ environment: {}, ...source });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test('nothing needs to be set', () => {
  const config = loadConfig({ environment: {} });
  expect(config).toMatchObject({
    workers: 1,
    hostedDomains: { citizens: 'patient.mssante.fr', professionals: [] },
    storage: { inlineLimitBytes: 16_384, quotaBytes: 2_147_483_648, blobsDir: join(config.dataDir, 'blobs') },
    smtp: { submission: { port: 587 }, mx: { enabled: false, port: 25 } },
    imap: { port: 143, tlsPort: 993 },
    groupCommit: { maxLetters: 64, maxGroups: 1 },
    limits: { maxAttachmentBytes: 20_971_520, remoteCitizens: { domain: 'patient.mssante.fr', maxLetterBytes: 25_000_000 } },
    policies: {
      unknownCitizensPerHour: { perSender: 20, perCertificate: 200 },
      testAnswersPerHour: 10,
      legalNotice: true,
      quarantineDays: 30,
      letterMemoryDays: 400,
      ledgerDays: 400,
      absenceAgainAfterDays: 7,
    },
  });
});

test('the one attachment limit of 20 MiB gives a SIZE of 29,360,128 bytes', () => {
  expect(maxLetterBytes(loadConfig({ environment: {} }))).toBe(29_360_128);
});

test('the environment wins over the file, and the file over the defaults', () => {
  const file = fileWith('both.json', { workers: 2, smtp: { submission: { port: 2587, host: '127.0.0.1' } } });
  const config = loadConfig({ environment: { PASSERELLE_CONFIG: file, PASSERELLE_SMTP_SUBMISSION_PORT: '0' } });
  expect(config.smtp.submission).toMatchObject({ port: 0, host: '127.0.0.1' });
  expect(config.workers).toBe(2);
});

test('--config is taken instead of PASSERELLE_CONFIG', () => {
  const file = fileWith('given.json', { workers: 3 });
  expect(loadConfig({ file, environment: { PASSERELLE_CONFIG: '/nowhere.json' } }).workers).toBe(3);
});

test.each([
  ['PASSERELLE_LIMITS_MAX_ATTACHMENT_BYTES', '5 MiB', (config) => config.limits.maxAttachmentBytes, 5_242_880],
  ['PASSERELLE_STORAGE_INLINE_LIMIT_BYTES', '0', (config) => config.storage.inlineLimitBytes, 0],
  [
    'PASSERELLE_HOSTED_DOMAINS_PROFESSIONALS',
    'A.mssante.fr, b.mssante.fr',
    (config) => config.hostedDomains.professionals,
    ['a.mssante.fr', 'b.mssante.fr'],
  ],
  [
    'PASSERELLE_SMTP_MX_PEERS',
    '{"a.mssante.fr":["mx.a.mssante.fr"]}',
    (config) => config.smtp.mx.peers,
    { 'a.mssante.fr': ['mx.a.mssante.fr'] },
  ],
  [
    'PASSERELLE_RELAY_NEXT_HOP_HOST',
    'relay.example',
    (config) => config.relay.nextHop,
    { host: 'relay.example', port: 25, tls: 'require' },
  ],
  ['DATABASE_URL', 'postgres://u:p@db/x', (config) => config.database.url, 'postgres://u:p@db/x'],
  ['PASSERELLE_WORKERS', '', (config) => config.workers, 1],
] satisfies [string, string, (config: ReturnType<typeof loadConfig>) => unknown, unknown][])(
  '%s=%s is read',
  (variable, text, setting, expected) => {
    expect(setting(loadConfig({ environment: { [variable]: text } }))).toEqual(expected);
  },
);

test('a secret is read from the file that a _FILE variable names, without its last line break', () => {
  const secret = fileWith('secret', 'postgres://u:long-secret@db/x\n');
  expect(loadConfig({ environment: { DATABASE_URL_FILE: secret } }).database.url).toBe('postgres://u:long-secret@db/x');
  // A setting whose own name ends in _FILE is a path, not a secret.
  expect(loadConfig({ environment: { PASSERELLE_STORAGE_MASTER_KEY_FILE: secret } }).storage.masterKeyFile).toBe(secret);
});

test('all problems are told at once, each with its key, the value seen and an example', () => {
  const file = fileWith('wrong.json', {
    smtp: { submission: { prot: 25 } },
    imap: { port: 70_000 },
    limits: { maxAttachmentBytes: 'huge' },
    tls: { keyFile: '/k' },
  });
  const problems = problemsOf({
    file,
    environment: {
      PASSERELLE_WORKERS: 'many',
      PASSERELLE_NO_SUCH: '1',
      DATABASE_URL: 'mysql://root:hunter2@db',
      PASSERELLE_HOSTNAME_FILE: '/nowhere',
    },
  });
  expect(problems.map(({ key, seen }) => [key, seen])).toEqual(
    expect.arrayContaining([
      ['smtp.submission.prot', '25'],
      ['imap.port', '70000'],
      ['limits.maxAttachmentBytes', '"huge"'],
      ['tls.certificateFile', undefined],
      ['PASSERELLE_WORKERS', '"many"'],
      ['PASSERELLE_NO_SUCH', '"1"'],
      ['DATABASE_URL', '***'],
      ['PASSERELLE_HOSTNAME_FILE', '"/nowhere"'],
    ]),
  );
  expect(problems).toHaveLength(8);
  expect(problems.find((each) => each.key === 'imap.port')).toMatchObject({
    problem: expect.stringContaining('0 (any free one) to 65535'),
    example: '143',
  });
  expect(problems.find((each) => each.key === 'smtp.submission.prot')?.problem).toContain('host, port, implicitTlsPort');
});

test.each([
  ['a misspelt variable', { PASSERELLE_DATABSE_URL: 'postgres://u:hunter2@db/x' }, undefined],
  ['a misspelt key', {}, { databaseUri: 'postgres://:hunter2@r' }],
  ['a misspelt section', {}, { databse: { url: 'postgres://u:hunter2@db/x' } }],
  ['an address in the wrong place', { PASSERELLE_HOSTNAME: 'postgres://u:hunter2@db/x' }, undefined],
  ['a file that is no JSON', {}, '{ "database": "hunter2" '],
])('a secret is not told in a problem: %s', (_, environment, content) => {
  const file = content === undefined ? {} : { file: fileWith('leak.json', content) };
  const problems = problemsOf({ environment, ...file });
  expect(problems).toHaveLength(1);
  expect(JSON.stringify(problems)).not.toContain('hunter2');
});

test('no open door: an MX without an authority, peers and a certificate is refused', () => {
  const keys = problemsOf({ environment: { PASSERELLE_SMTP_MX_ENABLED: 'true' } }).map((problem) => problem.key);
  expect(keys).toEqual(['smtp.mx.clientAuthorityFile', 'smtp.mx.peers', 'tls.certificateFile']);
  const complete = {
    smtp: { mx: { enabled: true, clientAuthorityFile: '/ca.pem', peers: { 'a.mssante.fr': ['mx.a.mssante.fr'] } } },
    tls: { certificateFile: '/c.pem', keyFile: '/k.pem' },
  };
  expect(problemsOf({ file: fileWith('mx.json', complete) })).toEqual([]);
});

test('requirement 50: a held letter cannot be forgotten before it is decided, whatever the settings', () => {
  const environment = {
    PASSERELLE_POLICIES_QUARANTINE_DAYS: '90',
    PASSERELLE_POLICIES_LETTER_MEMORY_DAYS: '90',
    PASSERELLE_POLICIES_LEDGER_DAYS: '90',
  };
  expect(problemsOf({ environment })).toEqual([]);
  for (const [variable, text] of [
    ['PASSERELLE_POLICIES_QUARANTINE_DAYS', '91'],
    ['PASSERELLE_POLICIES_LETTER_MEMORY_DAYS', '89'],
    ['PASSERELLE_POLICIES_LEDGER_DAYS', '89'],
  ] as const) {
    expect(problemsOf({ environment: { ...environment, [variable]: text } })).toMatchObject([{ key: variable, seen: text }]);
  }
});

test('the same setting given twice is refused', () => {
  const problems = problemsOf({ environment: { DATABASE_URL: 'postgres://a/x', PASSERELLE_DATABASE_URL: 'postgres://b/x' } });
  expect(problems).toMatchObject([{ key: 'PASSERELLE_DATABASE_URL', problem: expect.stringContaining('DATABASE_URL') }]);
});

test('the configuration cannot be changed once read', () => {
  const config = loadConfig({ environment: {} });
  expect(() => Object.assign(config.smtp.submission, { port: 1 })).toThrow(TypeError);
});
