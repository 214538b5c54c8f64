import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SequenceNumbers } from '../../src/imap/sequence-numbers.ts';
import { cpuMsOf } from '../support/cpu-time.ts';

test('numbers and UIDs name each other', () => {
  const numbers = new SequenceNumbers([3, 5, 9]);
  expect([numbers.length, numbers.lastUid, numbers.uidAt(2), numbers.sequenceOf(9)]).toEqual([3, 9, 5, 3]);
  expect([numbers.uidAt(0), numbers.uidAt(4), numbers.sequenceOf(4), new SequenceNumbers([]).lastUid]).toEqual([0, 0, 0, 0]);
});

test('RFC 3501 §7.4.1: a client that obeys each EXPUNGE line in turn ends with what the server has', () => {
  const step = fc.oneof(
    fc.record({ add: fc.integer({ min: 1, max: 30 }) }),
    fc.record({ remove: fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 40 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const server = new SequenceNumbers([]);
      const client: number[] = [];
      let next = 1;
      for (const one of steps) {
        if ('add' in one) {
          const uids = Array.from({ length: one.add }, () => next++);
          server.append(uids);
          client.push(...uids);
        } else for (const number of server.remove(one.remove)) client.splice(number - 1, 1);
      }
      expect(server.slice(0, server.length)).toEqual(client);
      for (const [index, uid] of client.entries()) expect([server.uidAt(index + 1), server.sequenceOf(uid)]).toEqual([uid, index + 1]);
    }),
  );
});

test('a hundred thousand messages, half of them removed at once, take no time worth noticing', () => {
  const numbers = new SequenceNumbers(Array.from({ length: 100_000 }, (_, index) => index + 1));
  const gone = Array.from({ length: 50_000 }, (_, index) => index * 2 + 1);
  expect(cpuMsOf(() => void numbers.remove(gone))).toBeLessThan(1_000);
  expect([numbers.length, numbers.sequenceOf(100_000)]).toEqual([50_000, 50_000]);
});
