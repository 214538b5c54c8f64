// /health and /metrics as a probe and a scraper see them.
import { afterEach, expect, test } from 'vitest';
import { createEvents } from '../../src/observe/events.ts';
import { type HealthChecks, type HealthServer, startHealthServer } from '../../src/observe/health-server.ts';
import { createLog } from '../../src/observe/log.ts';
import { createMetrics, metricsText } from '../../src/observe/metrics.ts';

let server: HealthServer;
afterEach(() => server.close());

async function serve(checks: HealthChecks): Promise<ReturnType<typeof createMetrics>> {
  const metrics = createMetrics();
  server = await startHealthServer({ host: '127.0.0.1', port: 0, checks, metrics: () => metricsText(metrics) });
  return metrics;
}

test('all is well', async () => {
  await serve({ database: async () => 1, redis: async () => undefined });
  const answer = await fetch(`${server.url}/health`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ status: 'ok', checks: { database: 'ok', redis: 'ok' } });
});

test('a part that fails, or does not answer, is named without saying why', async () => {
  await serve({
    database: async () => {
      throw new Error('password of 279035121518989 is wrong');
    },
    careless: () => {
      throw new Error('thrown before there was a promise');
    },
    queue: () => new Promise(() => {}),
    doors: async () => 'open',
  });
  const answer = await fetch(`${server.url}/health`);
  expect(answer.status).toBe(503);
  expect(await answer.json()).toEqual({
    status: 'failed',
    checks: { database: 'failed', careless: 'failed', queue: 'timeout', doors: 'ok' },
  });
});

test('events move the counters that /metrics shows', async () => {
  const metrics = await serve({});
  const events = createEvents(createLog({ level: 'silent' }), metrics);
  events.letterAccepted({ door: 'mx', arrivalId: 'a', sizeBytes: 1000, recipientCount: 1, tookMs: 5 });
  events.letterRefused({ door: 'mx', arrivalId: 'b', code: 'too-big' });
  events.sessionOpened({ door: 'imap' });
  events.sessionOpened({ door: 'imap' });
  events.sessionClosed({ door: 'imap' });
  events.outboxFailed({ task: 'relay-letter', outboxId: '1', attempts: 9, isDead: true, because: 'no-answer' });
  events.blobsCollected({ blobCount: 3 });
  const text = await (await fetch(`${server.url}/metrics`)).text();
  expect(text).toContain('passerelle_letters_total{door="mx",outcome="accepted"} 1');
  expect(text).toContain('passerelle_received_bytes_total{door="mx"} 1000');
  expect(text).toContain('passerelle_refusals_total{door="mx",of="letter",code="too-big"} 1');
  expect(text).toContain('passerelle_sessions{door="imap"} 1');
  expect(text).toContain('passerelle_outbox_attempts_total{task="relay-letter",outcome="dead"} 1');
  expect(text).toContain('passerelle_blobs_collected_total 3');
  expect(text).toContain('process_resident_memory_bytes');
});

test('nothing else is served', async () => {
  await serve({});
  expect((await fetch(`${server.url}/`)).status).toBe(404);
  expect((await fetch(`${server.url}/health`, { method: 'POST', body: 'x' })).status).toBe(405);
  const head = await fetch(`${server.url}/health?deep=1`, { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
});
