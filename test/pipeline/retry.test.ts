import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextAttempt, type RetrySchedule } from '../../src/pipeline/retry.ts';

const schedule: RetrySchedule = { firstDelayMs: 1000, longestDelayMs: 60_000, giveUpAfterMs: 3_600_000 };
const createdAt = new Date('2026-11-22T10:00:00Z');
const at = (ms: number) => new Date(createdAt.getTime() + ms);

test.each([
  { attempts: 1, chance: 1, delay: 1000 },
  { attempts: 1, chance: 0, delay: 500 },
  { attempts: 2, chance: 1, delay: 2000 },
  { attempts: 5, chance: 1, delay: 16_000 },
  { attempts: 7, chance: 1, delay: 60_000 },
  { attempts: 10_000, chance: 1, delay: 60_000 },
])('RFC 5321 §4.5.4.1 attempt $attempts with chance $chance is followed by $delay ms', ({ attempts, chance, delay }) => {
  expect(nextAttempt(schedule, { attempts, chance, createdAt, now: createdAt })).toEqual(at(delay));
});

test('the last attempt is made at the very end, and none after it', () => {
  expect(nextAttempt(schedule, { attempts: 20, chance: 1, createdAt, now: at(3_590_000) })).toEqual(at(3_600_000));
  expect(nextAttempt(schedule, { attempts: 21, chance: 1, createdAt, now: at(3_600_000) })).toBeUndefined();
});

test('whatever the attempt, the next one is later than now and never past the end', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e6 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 0, max: 3_599_999 }),
      (attempts, chance, ms) => {
        const next = nextAttempt(schedule, { attempts, chance, createdAt, now: at(ms) });
        expect(next?.getTime()).toBeGreaterThan(at(ms).getTime());
        expect(next?.getTime()).toBeLessThanOrEqual(at(3_600_000).getTime());
      },
    ),
  );
});
