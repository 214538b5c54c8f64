// /metrics of a running gateway: the queue's health, with one process or with several, and the figures of all processes together.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { newId } from '../../src/core/ids.ts';
import { connect } from '../../src/database/connect.ts';
import type { Db } from '../../src/database/tables.ts';
import { addToOutbox, markDead } from '../../src/delivery/outbox.ts';
import { freezeProcess } from '../support/freeze-process.ts';
import { type GatewayHome, GatewayProcess, makeGatewayHome } from '../support/gateway-process.ts';
import { workersOf } from '../support/gateway-workers.ts';
import { ImapReader } from '../support/imap-reader.ts';
import { until } from '../support/until.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

describe.each(['1', '2'])('a gateway whose doors are served by %s', (workers) => {
  let home: GatewayHome;
  let gateway: GatewayProcess;
  let db: Db;
  beforeAll(async () => {
    home = await makeGatewayHome();
    gateway = await GatewayProcess.start(home, { crowd: { doctors: 1, citizens: 1 }, environment: { PASSERELLE_WORKERS: workers } });
    db = connect({ ...gateway.report.connection, poolSize: 2 });
  });
  afterAll(async () => {
    await db?.destroy();
    await gateway?.destroy();
    await home?.remove();
  });

  const owe = (kind: string, payload: object, notBefore?: Date) =>
    db.transaction().execute((trx) => addToOutbox(trx, [{ kind, payload, ...(notBefore && { notBefore }) }], new Date()));
  /** A figure by its name and labels, as they stand in the text. */
  const figure = async (name: string) => {
    const text = await (await fetch(`${gateway.report.observeUrl}/metrics`)).text();
    const line = text.split('\n').find((one) => one.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.slice(name.length + 1));
  };
  const shows = (name: string, value: number) => until(`${name} ${value}`, async () => (await figure(name)) === value, 100_000);

  test('what waits, what is late and what was given up is counted once, task by task', async () => {
    await shows('passerelle_outbox_waiting{task="relay-letter"}', 0);
    // Nobody here knows how to carry out these two: one is not due, the other waits for a newer program.
    await owe('invented-tomorrow', {}, new Date(Date.now() + 3_600_000));
    await owe('relay-letter', {}, new Date(Date.now() + 3_600_000));
    const [dead = ''] = await owe('send-receipt', { about: newId(0) }, new Date(Date.now() + 3_600_000));
    await markDead(db, dead, { now: new Date(), because: 'mailbox-closed', isTold: false });
    await shows('passerelle_outbox_waiting{task="invented-tomorrow"}', 1);
    await shows('passerelle_outbox_waiting{task="relay-letter"}', 1);
    await shows('passerelle_outbox_dead{task="send-receipt"}', 1);
    expect(await figure('passerelle_outbox_dead{task="relay-letter"}')).toBe(0);
    expect(await figure('passerelle_outbox_oldest_seconds{task="relay-letter"}')).toBe(0);
  });

  test('attempts of the pipeline are counted by what came of them', async () => {
    expect(await figure('passerelle_outbox_attempts_total{task="send-report",outcome="dead"}')).toBe(0);
    await owe('send-report', { of: 'another shape' });
    await shows('passerelle_outbox_attempts_total{task="send-report",outcome="dead"}', 1);
    await shows('passerelle_outbox_dead{task="send-report"}', 1);
    // The housekeeping that every start owes.
    await until(
      'housekeeping is counted',
      async () => ((await figure('passerelle_outbox_attempts_total{task="purge-outbox",outcome="done"}')) ?? 0) >= 1,
    );
  });

  test('the sessions of every process are among the figures, and so is the memory of the first one', async () => {
    const user = gateway.report.crowd?.citizens[0] ?? expect.fail();
    const open = () =>
      ImapReader.open({ port: gateway.report.ports.imapTls, ca: home.authority, user: user.address, password: user.password });
    const readers = await Promise.all([open(), open(), open()]);
    await shows('passerelle_sessions{door="imap"}', 3);
    for (const reader of readers) reader.destroy();
    await shows('passerelle_sessions{door="imap"}', 0);
    expect(await figure('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
  });
});

test('a worker that is killed or does not answer costs no scrape, and the one that takes its place is counted', async () => {
  const home = await makeGatewayHome();
  const gateway = await GatewayProcess.start(home, { crowd: { doctors: 1, citizens: 1 }, environment: { PASSERELLE_WORKERS: '2' } });
  try {
    const sessions = async () => {
      const answer = await fetch(`${gateway.report.observeUrl}/metrics`);
      expect(answer.status).toBe(200);
      return Number(/^passerelle_sessions\{door="imap"\} (\d+)/m.exec(await answer.text())?.[1] ?? 0);
    };
    const [victim = 0, other = 0] = await workersOf(gateway.pid);
    process.kill(victim, 'SIGKILL');
    await until(
      'it is replaced',
      async () => {
        // Asked all the while: a worker that starts must not take the question for its task.
        await sessions();
        const pids = await workersOf(gateway.pid);
        return pids.length === 2 && !pids.includes(victim);
      },
      100_000,
    );
    // From now on whoever is served is served by the new one, and whoever is counted is counted by it.
    await freezeProcess(other);
    const user = gateway.report.crowd?.citizens[0] ?? expect.fail();
    await until(
      'a session of the new worker is counted',
      async () => {
        const trying = ImapReader.open({
          port: gateway.report.ports.imapTls,
          ca: home.authority,
          user: user.address,
          password: user.password,
        });
        trying.catch(() => undefined);
        return (await sessions()) >= 1;
      },
      100_000,
    );
  } finally {
    await gateway.destroy();
    await home.remove();
  }
});
