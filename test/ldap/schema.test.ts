// The schema that is served, the file that other servers load, and the entries that are sent must say the same.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'ldapts';
import { expect, onTestFinished, test } from 'vitest';
import { patientsBranch, professionalsBranch } from '../../src/ldap/filters/branches.ts';
import { attributeTypes, knownAttribute, knownClass, objectClasses } from '../../src/ldap/schema/known-names.ts';
import { ownAttributeTypes, ownObjectClasses } from '../../src/ldap/schema/own-schema.ts';
import { schemaFile, startRegion } from '../support/region.ts';

test('passerelle.schema says what the server serves', async () => {
  const lines = (await readFile(new URL('../../src/ldap/schema/passerelle.schema', import.meta.url), 'utf8')).split('\n');
  const of = (keyword: string) => lines.filter((line) => line.startsWith(`${keyword} `)).map((line) => line.slice(keyword.length + 1));
  expect(of('attributetype')).toEqual(ownAttributeTypes);
  expect(of('objectclass')).toEqual(ownObjectClasses);
});

test('every attribute that a class names is in the schema, and numbers are used once', () => {
  const named = objectClasses.flatMap((text) => [...text.matchAll(/ (?:MUST|MAY) (?:\(([^)]*)\)|(\w+))/g)]);
  for (const [, several, one] of named) {
    for (const name of (several ?? one ?? '').split(/[ $]+/).filter(Boolean)) expect(knownAttribute(name), name).toBeDefined();
  }
  const numbers = [...attributeTypes, ...objectClasses].map((text) => /^\( ([\d.]+)/.exec(text)?.[1]);
  expect(new Set(numbers).size).toBe(numbers.length);
});

test('what can be asked of a branch is in the schema, by its first name', () => {
  for (const { facts, always, silent, classes } of [professionalsBranch, patientsBranch]) {
    for (const name of [...Object.keys(facts), ...always, ...silent]) expect(knownAttribute(name)?.name, name).toBe(name);
    for (const name of classes) expect(knownClass(name)).toBe(name);
  }
});

test('Debian’s slaptest reads passerelle.schema', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-slaptest-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const slaptest = async (schema: string) => {
    const file = join(folder, 'slapd.conf');
    const includes = ['core', 'cosine', 'inetorgperson'].map((name) => `/etc/ldap/schema/${name}.schema`);
    await writeFile(file, [...includes, schema].map((path) => `include ${path}\n`).join(''));
    return promisify(execFile)('/usr/sbin/slaptest', ['-u', '-f', file]);
  };
  const ours = join(folder, 'ours.schema');
  await writeFile(ours, await readFile(schemaFile));
  expect((await slaptest(ours)).stderr).toContain('succeeded');
  // It would have said so: a schema with a fault is refused.
  await writeFile(ours, (await readFile(schemaFile, 'utf8')).replace('EQUALITY booleanMatch', 'EQUALITY fantasyMatch'));
  await expect(slaptest(ours)).rejects.toThrow();
});

test('an attribute or a class has the names in our schema that it has in slapd’s, number by number', async () => {
  const slapd = await startRegion();
  onTestFinished(() => slapd.stop());
  const client = new Client({ url: slapd.url });
  const { searchEntries } = await client.search('cn=Subschema', {
    scope: 'base',
    filter: '(objectClass=subschema)',
    attributes: ['attributeTypes', 'objectClasses'],
  });
  await client.unbind();
  const theirs = new Map([searchEntries[0]?.attributeTypes, searchEntries[0]?.objectClasses].flat().map((text) => namesOf(String(text))));
  const both = [...attributeTypes, ...objectClasses].map(namesOf).filter(([number]) => theirs.has(number));
  expect(both.length).toBeGreaterThan(80);
  expect(both).toEqual(both.map(([number]) => [number, theirs.get(number)]));
});

/** The number of a definition, and its names in alphabetical order. RFC 4512 §4.1. */
function namesOf(text: string): [string, string] {
  const [, number = '', one, several = ''] = /^\( ([\d.]+) NAME (?:'([^']+)'|\(([^)]*)\))/.exec(text) ?? [];
  return [number, (one === undefined ? several.split(/[ ']+/) : [one]).filter(Boolean).sort().join(' ')];
}
