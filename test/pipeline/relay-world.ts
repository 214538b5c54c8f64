// Letters owed to a next hop of the test's own, with their lines in the ledger and a deadline. The clock is the test's to move.
import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mailboxesMigrations } from '../../mailboxes/migrations/set.ts';
import type { Address } from '../../src/core/address.ts';
import { newId } from '../../src/core/ids.ts';
import type { EnvelopeRecipient } from '../../src/delivery/arrival.ts';
import { readCourse, writeLedger } from '../../src/delivery/ledger.ts';
import { deliveryMigrations } from '../../src/delivery/migrations/set.ts';
import { addOutgoingLetters } from '../../src/delivery/outgoing-letters.ts';
import { Pipeline } from '../../src/pipeline/pipeline.ts';
import { expireOverdueCourses } from '../../src/pipeline/tasks/expire-courses.ts';
import { relayLetter } from '../../src/pipeline/tasks/relay-letter.ts';
import { openScript } from '../relay/next-hops.ts';
import { aboutLetter } from '../support/about-letter.ts';
import { createTestDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';
import { servicesFor } from './effects.ts';

/** How long letters have in this world. */
export const deadlineHours = 72;

/** A next hop on this machine, without TLS. */
export const relayTo = (port: number) =>
  ({ hop: { host: '127.0.0.1', port, tls: { mode: 'none' } }, heloName: 'passerelle.test', perMinute: 100_000 }) as const;

/** What the sender was told of one recipient. */
export type Told = { readonly address: Address; readonly action: string; readonly status: string; readonly code?: string };

/** Opens the world; `port` is the next hop's. */
export async function openRelayWorld(port: number, redisUrl?: string) {
  const database = await createTestDatabase([mailboxesMigrations, deliveryMigrations]);
  const { db } = database;
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-relay-'));
  let lateMs = 0;
  const clock = () => new Date(Date.now() + lateMs);
  const services = { ...servicesFor(db, folder), relay: relayTo(port), clock };
  const running: Pipeline[] = [];
  return {
    database,
    folder,
    services,
    /** Owes a letter to these recipients; returns its name in the ledger and its row's. */
    async owe(recipients: readonly EnvelopeRecipient[], others: { readonly isAnswer?: boolean } = {}) {
      const about = aboutLetter(others);
      const blob = await services.blobs.store(
        (async function* () {
          yield Buffer.from(`Message-ID: ${about.messageId}\r\nSubject: Essai\r\n\r\nBonjour\r\n`);
        })(),
      );
      const rowId = newId();
      const until = new Date(clock().getTime() + deadlineHours * 3_600_000);
      await db.transaction().execute(async (trx) => {
        await addOutgoingLetters(trx, [{ rowId, about, blob, prefix: Buffer.alloc(0), recipients }], clock());
        const line = { letterId: about.arrivalId, sender: about.sender, messageId: about.messageId, state: 'queued' } as const;
        await writeLedger(
          trx,
          recipients.map(({ address, notify }) => ({
            ...line,
            recipient: address,
            notify,
            awaited: { until, workId: rowId },
            at: clock(),
          })),
        );
      });
      return { letterId: about.arrivalId, rowId, sender: about.sender, messageId: about.messageId ?? '' };
    },
    /** Starts a process's pipeline. */
    async work(): Promise<void> {
      const tasks = [relayLetter, expireOverdueCourses];
      const pipeline = new Pipeline({ services, tasks, connection: database.connection, redisUrl, pollMs: 30, lockMs: 1000 });
      running.push(pipeline);
      await pipeline.start();
    },
    async rest(): Promise<void> {
      await Promise.all(running.splice(0).map((pipeline) => pipeline.stop()));
    },
    pass(hours: number): void {
      lateMs += hours * 3_600_000;
    },
    /** Resolves once the deadlines have been looked at after this call, by the housekeeping of a later period. */
    async deadlinesLookedAt(): Promise<void> {
      lateMs += 5 * 60_000;
      const from = clock();
      const isDone = async () => (await rowsOf('expire-courses')).some((row) => row.state === 'done' && row.created_at >= from);
      await until('the deadlines were looked at', isDone, 60_000);
    },
    /** Everything the senders were told, in the order it was owed. */
    async told(): Promise<Told[]> {
      const rows = await rowsOf('send-report');
      return rows.flatMap((row) => (row.payload as { recipients: Told[] }).recipients);
    },
    row: (id: string) => db.selectFrom('outbox').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
    course: (letterId: string) => readCourse(db, { letterId }),
    async close(): Promise<void> {
      await this.rest();
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };

  async function rowsOf(kind: string) {
    return await db
      .selectFrom('outbox')
      .select(['state', 'payload', 'created_at'])
      .where('kind', '=', kind)
      .orderBy('created_at')
      .execute();
  }
}

/**
 * A next hop that takes every letter and keeps its lines; `answer` is given the connection at each final dot and says what comes back.
 * With `dsn`, it says that it reports by itself.
 */
export async function openTaker(answer: (socket: Socket, count: number) => void | Promise<void>, { dsn = false } = {}) {
  const letters: string[][] = [];
  /** What each connection is in the middle of. */
  const reading = new Map<Socket, string[]>();
  const { port } = await openScript((socket, line) => {
    const lines = reading.get(socket);
    if (lines && line !== '.') {
      lines.push(line);
    } else if (lines) {
      letters.push(lines);
      reading.delete(socket);
      void answer(socket, letters.length);
    } else if (line.startsWith('EHLO')) {
      socket.write(dsn ? '250-taker\r\n250 DSN\r\n' : '250 taker\r\n');
    } else if (line === 'DATA') {
      reading.set(socket, []);
      socket.write('354 go\r\n');
    } else {
      socket.write('250 ok\r\n');
    }
  });
  return { port, letters };
}
