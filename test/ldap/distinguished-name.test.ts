// Names: nothing that stands in a value can pass for another part of the name. RFC 4514.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDn, writeRdn } from '../../src/ldap/distinguished-name.ts';
import { Tree } from '../../src/ldap/tree.ts';
import { baseDn, citizensDomain, dominique, lea } from './ldap-world.ts';

test('a value of any text comes back as it was, and brings no part of its own', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 4 }), (values) => {
      const text = values.map((value) => writeRdn('cn', value)).join(',');
      expect(parseDn(text)).toEqual(values.map((value) => [{ type: 'cn', value }]));
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  [
    'a=1+b=2,c=3',
    [
      [
        { type: 'a', value: '1' },
        { type: 'b', value: '2' },
      ],
      [{ type: 'c', value: '3' }],
    ],
  ],
  ['CN = "Doe, John" ; O=x', [[{ type: 'cn', value: 'Doe, John' }], [{ type: 'o', value: 'x' }]]],
  ['cn=\\c3\\a9\\,\\ ', [[{ type: 'cn', value: 'é, ' }]]],
  ['1.2.3=#04024869', [[{ type: '1.2.3', value: 'Hi' }]]],
  ['', []],
])('%s is read', (text, expected) => {
  expect(parseDn(text)).toEqual(expected);
});

test.each(['cn', '=x', 'cn=x,', ',cn=x', 'cn=a"b', 'cn="a', 'cn="a"b', 'cn=\\', 'cn=\\zz', 'cn=\\ff', 'cn=#0', 'c n=x', 'cn=a<b'])(
  '%s is no name',
  (text) => {
    expect(parseDn(text)).toBeUndefined();
  },
);

test('a name of the tree leads back to what it was made of', () => {
  const tree = new Tree(baseDn, citizensDomain);
  expect(tree.placeOf(parseDn(tree.professionalDn(lea)) ?? [])).toEqual({ is: 'professional', address: lea });
  expect(tree.placeOf(parseDn(tree.patientDn(dominique)) ?? [])).toEqual({ is: 'patient', ins: dominique });
  expect(() => new Tree('nothing', citizensDomain)).toThrow('not a distinguished name');
});
