import { expect, test } from 'vitest';
import { domainOf, localPart, parseAddress } from '../../src/core/address.ts';

test.each([
  ['Lea.Martin@Medecin.MSSante.fr', 'lea.martin@medecin.mssante.fr'],
  ['279035121518989@patient.mssante.fr', '279035121518989@patient.mssante.fr'],
  [' o-brien+a@x.fr ', 'o-brien+a@x.fr'],
])('%s is read as %s', (text, address) => {
  expect(parseAddress(text)).toBe(address);
});

test.each([
  '',
  'a',
  'a@b',
  '@b.fr',
  'a@',
  'a b@c.fr',
  'a@b..fr',
  '.a@b.fr',
  'a.@b.fr',
  'a@-b.fr',
  '<a@b.fr>',
  'a@b.fr\r\nX: y',
  'é@b.fr',
  `${'a'.repeat(65)}@b.fr`,
])('%j is not an address', (text) => {
  expect(parseAddress(text)).toBeUndefined();
});

test('an address comes apart at its last at sign', () => {
  const address = parseAddress('a.b@c.fr');
  expect(address && [localPart(address), domainOf(address)]).toEqual(['a.b', 'c.fr']);
});
