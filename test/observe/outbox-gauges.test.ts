// The figures of the outbox as a scraper meets them: fresh enough, asked once for many, and absent rather than old.
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { addOutboxGauges, type WorkBacklog } from '../../src/observe/outbox-gauges.ts';

function watch(read: () => Promise<readonly WorkBacklog[]>) {
  const registry = new Registry();
  const failures: unknown[] = [];
  addOutboxGauges(registry, { tasks: ['relay-letter', 'send-report'], read, failed: (error) => failures.push(error), clock: systemClock });
  return { registry, failures };
}

test('every task of the gateway has its figures, those of another version too', async () => {
  const { registry } = watch(async () => [
    { kind: 'relay-letter', waiting: 3, oldestSeconds: 12.5, dead: 1 },
    { kind: 'invented-tomorrow', waiting: 1, oldestSeconds: 0, dead: 0 },
  ]);
  const text = await registry.metrics();
  expect(text).toContain('passerelle_outbox_waiting{task="relay-letter"} 3');
  expect(text).toContain('passerelle_outbox_oldest_seconds{task="relay-letter"} 12.5');
  expect(text).toContain('passerelle_outbox_dead{task="relay-letter"} 1');
  expect(text).toContain('passerelle_outbox_waiting{task="send-report"} 0');
  expect(text).toContain('passerelle_outbox_waiting{task="invented-tomorrow"} 1');
});

test('the database is asked once, however many ask for the figures', async () => {
  let asked = 0;
  const { registry } = watch(async () => {
    asked += 1;
    return [];
  });
  await Promise.all([registry.metrics(), registry.metrics(), registry.metrics()]);
  await registry.metrics();
  expect(asked).toBe(1);
});

test('a database that refuses leaves no figures of the outbox, and all the others', async () => {
  const { registry, failures } = watch(async () => {
    throw new Error('down');
  });
  const text = await registry.metrics();
  expect(text).not.toMatch(/passerelle_outbox_\w+\{/);
  expect(failures).toHaveLength(1);
});

test('a database that does not answer is not waited for, nor asked again meanwhile', async () => {
  let asked = 0;
  let answer: (backlogs: readonly WorkBacklog[]) => void = () => undefined;
  const { registry } = watch(() => {
    asked += 1;
    return new Promise((resolve) => {
      answer = resolve;
    });
  });
  expect(await registry.metrics()).not.toMatch(/passerelle_outbox_\w+\{/);
  const second = registry.metrics();
  answer([{ kind: 'relay-letter', waiting: 1, oldestSeconds: 0, dead: 0 }]);
  expect(await second).toContain('passerelle_outbox_waiting{task="relay-letter"} 1');
  expect(asked).toBe(1);
});
