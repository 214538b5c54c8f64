// A gateway that is to feed the record shows who it is from the start, or does not start.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConfigError } from '../../src/config/problems.ts';
import { dmp } from '../../src/config/sections/dmp.ts';
import { openRecord } from '../../src/dmp/open-record.ts';
import { XdsConnector } from '../../src/dmp/xds/xds-connector.ts';
import { makeCertificates } from './record-peer.ts';

let folder: string;
const endpoints = { repository: 'https://dmp.test/1', status: 'https://dmp.test/2', registry: 'https://dmp.test/3' };
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'open-record-'));
  const { authority, structure } = await makeCertificates();
  await writeFile(at('authority.pem'), authority);
  await writeFile(at('structure.pem'), structure.chain);
  await writeFile(at('structure.key'), structure.key, { mode: 0o600 });
  await writeFile(at('notes.txt'), 'not a certificate');
});
afterAll(() => rm(folder, { recursive: true }));

const files = () => ({ authorityFile: at('authority.pem'), certificateFile: at('structure.pem'), keyFile: at('structure.key') });

test('without endpoints there is no record, and no file is asked for', async () => {
  expect(await openRecord(dmp.parse({}))).toBeUndefined();
});

test('with endpoints and its three files there is one', async () => {
  expect(await openRecord(dmp.parse({ endpoints, ...files() }))).toBeInstanceOf(XdsConnector);
});

test('every file that is missing is named at once', async () => {
  const opening = openRecord(dmp.parse({ endpoints, certificateFile: at('structure.pem') }));
  await expect(opening).rejects.toThrow(ConfigError);
  await expect(opening).rejects.toMatchObject({ problems: [{ key: 'dmp.authorityFile' }, { key: 'dmp.keyFile' }] });
});

test.each(['absent.pem', 'notes.txt'])('an authority that is no certificate (%s) is found out before the first letter', async (name) => {
  const opening = openRecord(dmp.parse({ endpoints, ...files(), authorityFile: at(name) }));
  await expect(opening).rejects.toMatchObject({ problems: [{ key: 'dmp.authorityFile' }] });
});
