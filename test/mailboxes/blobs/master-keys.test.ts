// The master keys: made once, readable by their owner alone, replaced without touching a letter's bytes.
import { randomBytes } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addMasterKey, loadMasterKeys, MasterKeys, parseMasterKeys } from '../../../mailboxes/blobs/master-keys.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('the first start makes one key, mode 0600, and later starts read the same', async () => {
  const file = join(await temporaryFolder(), 'keys', 'master-keys');
  const key = randomBytes(32);
  const wrapped = (await loadMasterKeys(file)).wrap('blob-1', key);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await loadMasterKeys(file)).unwrap('blob-1', wrapped)).toEqual(key);
  expect(await readdir(join(file, '..'))).toEqual(['master-keys']);
});

test('processes that start together agree on one key', async () => {
  const file = join(await temporaryFolder(), 'master-keys');
  const loaded = await Promise.all(Array.from({ length: 8 }, () => loadMasterKeys(file)));
  const key = randomBytes(32);
  const wrapped = loaded[0]?.wrap('blob-1', key) ?? expect.fail();
  for (const keys of loaded) expect(keys.unwrap('blob-1', wrapped)).toEqual(key);
});

test('after a rotation the new version seals and the old one still opens', async () => {
  const file = join(await temporaryFolder(), 'master-keys');
  const key = randomBytes(32);
  const old = (await loadMasterKeys(file)).wrap('blob-1', key);
  expect(await addMasterKey(file)).toBe(2);
  const keys = await loadMasterKeys(file);
  expect(keys.wrap('blob-1', key).masterKeyVersion).toBe(2);
  expect(keys.unwrap('blob-1', old)).toEqual(key);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('a wrapped key opens for its own blob and version only, unchanged', () => {
  const keys = new MasterKeys(
    new Map([
      [1, randomBytes(32)],
      [2, randomBytes(32)],
    ]),
  );
  const wrapped = keys.wrap('blob-1', randomBytes(32));
  expect(() => keys.unwrap('blob-2', wrapped)).toThrow('The key of blob blob-2 does not open');
  expect(() => keys.unwrap('blob-1', { ...wrapped, masterKeyVersion: 1 })).toThrow('does not open');
  expect(() => keys.unwrap('blob-1', { ...wrapped, wrappedKey: wrapped.wrappedKey.subarray(1) })).toThrow('does not open');
  expect(() => keys.unwrap('blob-1', { ...wrapped, masterKeyVersion: 9 })).toThrow('Master key version 9 is missing');
});

test('a line that cannot be read is named by number, never quoted', async () => {
  const file = join(await temporaryFolder(), 'master-keys');
  await loadMasterKeys(file);
  const good = await readFile(file, 'utf8');
  await writeFile(file, `${good}2 secret\n`);
  await expect(loadMasterKeys(file)).rejects.toThrow(/^Master key file: line 3 is not valid$/);
  expect(() => parseMasterKeys(`${good}${good}`)).toThrow('line 4 is not valid');
});
