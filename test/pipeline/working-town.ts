// A town whose pipeline works: what is owed is delivered by the real path, through the real queue. The clock is the test's to move.
import { sql } from 'kysely';
import { type ParsedMail, simpleParser } from 'mailparser';
import type { Address } from '../../src/core/address.ts';
import type { PathPolicies } from '../../src/delivery/path-policies.ts';
import { Pipeline } from '../../src/pipeline/pipeline.ts';
import type { TaskServices } from '../../src/pipeline/task.ts';
import { gatewayTasks } from '../../src/pipeline/tasks.ts';
import { openTown } from '../support/one-path.ts';
import { until } from '../support/until.ts';
import { servicesFor } from './effects.ts';

const housekeeping = new Set([
  'collect-orphan-blobs',
  'expire-courses',
  'expire-quarantine',
  'forget-citizen-questions',
  'forget-letters',
  'purge-outbox',
  'review-idle-boxes',
  'show-hidden-documents',
  'tell-hidden-documents',
  'watch-test-identities',
]);

/** Opens a town; work() starts a process's pipeline in it. */
export async function openWorkingTown({
  relay,
  record,
  notices,
  idle,
  policies,
  redisUrl,
}: Partial<Pick<TaskServices, 'relay' | 'record' | 'notices' | 'idle'> & { policies: PathPolicies; redisUrl: string | undefined }> = {}) {
  let lateMs = 0;
  const clock = () => new Date(Date.now() + lateMs);
  const town = await openTown({ clock, ...(policies && { policies }) });
  const services = {
    ...servicesFor(town.db, town.folder),
    blobs: town.blobs,
    path: town.path,
    relay,
    record,
    notices,
    clock,
    ...(idle && { idle }),
  };
  const running: Pipeline[] = [];
  const rows = async () =>
    (await town.db.selectFrom('outbox').select(['id', 'kind', 'state', 'last_error', 'payload']).orderBy('created_at').execute()).filter(
      (row) => !housekeeping.has(row.kind),
    );
  return {
    ...town,
    services,
    rows,
    /** Starts another process's pipeline. */
    async work(): Promise<void> {
      const pipeline = new Pipeline({ services, tasks: gatewayTasks, connection: town.connection, redisUrl, pollMs: 30, lockMs: 1000 });
      running.push(pipeline);
      await pipeline.start();
    },
    /** Stops what was started. */
    async rest(): Promise<void> {
      await Promise.all(running.splice(0).map((pipeline) => pipeline.stop()));
    },
    /** Lets time pass. */
    pass(hours: number): void {
      lateMs += hours * 3_600_000;
    },
    /** Resolves once nothing more is owed. */
    async isQuiet(): Promise<void> {
      // What happened to messages first: it owes rows in the transaction that forgets it.
      const isActedOn = async () => (await town.db.selectFrom('message_events').select('event_id').limit(1).execute()).length === 0;
      await until('nothing more is owed', async () => (await isActedOn()) && (await rows()).every((row) => row.state !== 'waiting'));
    },
    /** The automatic letters in an INBOX, read by another program's parser, oldest first. */
    async automatic(address: Address): Promise<(ParsedMail & { source: string; returnPath: string })[]> {
      const letters = (await town.inbox(address)).filter((one) => /^Auto-Submitted: auto-replied\r$/m.test(one.bytes));
      return Promise.all(
        letters.map(async (one) => ({
          ...(await simpleParser(one.bytes, { keepDeliveryStatus: true })),
          source: one.bytes,
          returnPath: /^Return-Path: (.*)\r$/m.exec(one.prefix)?.[1] ?? '',
        })),
      );
    },
    /** Leaves the mailbox no room but this. */
    async setRoom(address: Address, bytes: number): Promise<void> {
      await sql`update mailboxes set quota_bytes = used_bytes + ${bytes} where address = ${address}`.execute(town.db);
    },
    async close(): Promise<void> {
      await this.rest();
      await town.close();
    },
  };
}

export type WorkingTown = Awaited<ReturnType<typeof openWorkingTown>>;

/** The body of a part, by its type. */
export function partOf(mail: ParsedMail, type: string): string {
  return mail.attachments.find((part) => part.contentType === type)?.content.toString() ?? '';
}
