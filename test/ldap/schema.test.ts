// The schema that is served, the file that other servers load, and the entries that are sent must say the same.
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { patientsBranch, professionalsBranch } from '../../src/ldap/filters/branches.ts';
import { attributeTypes, knownAttribute, knownClass, objectClasses } from '../../src/ldap/schema/known-names.ts';
import { ownAttributeTypes, ownObjectClasses } from '../../src/ldap/schema/own-schema.ts';

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
