import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readOrMakePrivateFile, replacePrivateFile } from '../../src/core/durable-files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'durable-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a secret is made once, however many ask for it at once, and only its owner may read it', async () => {
  const file = join(folder, 'deeper', 'secret');
  let made = 0;
  const asked = Array.from({ length: 8 }, () => readOrMakePrivateFile(file, () => `secret ${++made}`));
  expect(new Set(await Promise.all(asked)).size).toBe(1);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(join(folder, 'deeper'))).toEqual(['secret']);
});

test('a secret that is replaced leaves nothing of the one before', async () => {
  const file = join(folder, 'secret');
  await replacePrivateFile(file, 'un secret bien long');
  await replacePrivateFile(file, 'court');
  expect(await readFile(file, 'utf8')).toBe('court');
  expect(await readdir(folder)).toEqual(['secret']);
});

test('a file that cannot be read is no reason to make another', async () => {
  await expect(readOrMakePrivateFile(folder, () => 'x')).rejects.toThrow('EISDIR');
});
