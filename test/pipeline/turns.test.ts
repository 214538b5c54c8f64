// Whoever asks a server of somebody else waits for its turn (src/delivery/remote-rates.ts).
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { task } from '../../src/pipeline/task.ts';
import { until } from '../support/until.ts';
import { countRows } from './effects.ts';
import { onEachEngine } from './engines.ts';
import { openYard } from './yard.ts';

onEachEngine((engine) => {
  const yard = openYard(engine);

  test('a server of somebody else is asked no more often than wished, and waiting for a turn is no attempt', async () => {
    let asked = 0;
    const asking = task({
      name: 'asking',
      payload: z.strictObject({}),
      lane: 'outside',
      retry: { firstDelayMs: 60_000, longestDelayMs: 60_000, giveUpAfterMs: 3_600_000 },
      remote: () => ({ name: `registry-${engine.name}`, perMinute: 300 }),
      run: async () => {
        asked += 1;
        return { do: 'done' };
      },
    });
    // The bucket holds a tenth of a minute's: 30 of 40 go at once, the others wait for 0.2 s each.
    await yard.owe('asking', 40);
    const startedAt = Date.now();
    await yard.start({ tasks: [asking] });
    await until('all are done', async () => (await countRows(yard.db, 'done')) === 40);
    // Ten tokens of 0.2 s each; the clock of the bucket is the gateway's.
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(1900);
    expect(asked).toBe(40);
    const { rows } = await sql<{ most: number }>`select max(attempts) as most from outbox`.execute(yard.db);
    expect(rows[0]?.most).toBe(1);
  });
});
