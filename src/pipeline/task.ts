// What a task is: a name, the shape of its payload, when to try again, and the work itself.
// Every task says in a sentence why running it twice is harmless, because a crash will do that one day.
import type { z } from 'zod';
import type { IdleDelays } from '../../directory/idle-boxes.ts';
import type { BlobStore } from '../../mailboxes/blobs/blob-store.ts';
import type { Address } from '../core/address.ts';
import type { Clock } from '../core/clock.ts';
import type { Db, Trx } from '../database/tables.ts';
import type { DeliveryPath } from '../delivery/arrival.ts';
import type { RecordRoad } from '../dmp/record-road.ts';
import type { NextHop } from '../relay/next-hop.ts';
import type { Smarthost } from '../relay/smarthost.ts';
import type { PipelineEvents } from './events.ts';
import type { RetrySchedule } from './retry.ts';

/** What notices need. `readAt` and `changeAt` are what they say of where to read and how to change one's choice. */
export type NoticeServices = {
  readonly smarthost: Smarthost;
  readonly readAt: string | undefined;
  readonly changeAt: string | undefined;
  readonly quietMs: number;
  /** Handed to the smarthost at most. */
  readonly perMinute: number;
};

/** The next hop, our name there, and how many letters it is offered in a minute at most. */
export type RelayServices = { readonly hop: NextHop; readonly heloName: string; readonly perMinute: number };

/** Where the registry is fed from, and how often it is looked at. */
export type RegistrySources = {
  readonly extraction?: {
    /** A file, or an address it is fetched from into `folder`; `authority` is the only one trusted there (PEM). */
    readonly from: { readonly file: string } | { readonly url: string; readonly folder: string; readonly authority?: string };
    /** Domains whose mailboxes are kept here. */
    readonly hosted: readonly string[];
    readonly everyMs: number;
  };
  /** A folder where files of citizens appear. */
  readonly citizenFeed?: { readonly folder: string; readonly everyMs: number };
};

/** What tasks work with; built in context.ts. */
export type TaskServices = {
  readonly db: Db;
  readonly blobs: BlobStore;
  /** The one path: automatic letters take it like any other. */
  readonly path: DeliveryPath;
  /** Where letters for other operators go; absent when none is configured: they wait. */
  readonly relay: RelayServices | undefined;
  /** Notices to citizens' ordinary addresses; absent when no server takes them. */
  readonly notices: NoticeServices | undefined;
  /** The road to the national record; absent when none is configured: copies wait. */
  readonly record: RecordRoad | undefined;
  /** The domain of citizens' mailboxes kept here. */
  readonly citizensDomain: string;
  /** Named in reports, receipts and Message-IDs made here. */
  readonly hostname: string;
  /** Who reports and notices come from. */
  readonly postmaster: Address;
  /** How long letters are remembered, in milliseconds: by the register, and by the ledger; and work that was given up. */
  readonly memory: { readonly lettersMs: number; readonly ledgerMs: number; readonly deadMs: number };
  /** Silence of a professional mailbox before each step. */
  readonly idle: IdleDelays;
  /** True in production: an identity made for tests is an alarm. */
  readonly alarmsTestIdentities: boolean;
  /** Where the registry is fed from; a part is absent when nobody configured it. */
  readonly sources: RegistrySources;
  readonly events: PipelineEvents;
  readonly clock: Clock;
};

/** The same for one attempt, with the pipeline's wish to stop: whatever may take minutes gives up when it is raised. */
export type TaskContext = TaskServices & {
  readonly signal: AbortSignal;
  /** The outbox row that is carried out. */
  readonly rowId: string;
};

/** What an attempt owes beside its result, written in the transaction that writes the result: both are kept, or neither. */
export type Consequence = (trx: Trx, now: Date) => Promise<void>;

/**
 * How an attempt ended. `because` is a code: it is stored, logged and counted, so it names no person and quotes no peer.
 * `payload`, when given, is what remains to be done; without it the row keeps its own.
 */
export type TaskResult<Payload> =
  | { readonly do: 'done'; readonly also?: Consequence }
  /** Try again after the schedule's delay. */
  | { readonly do: 'again'; readonly because: string; readonly payload?: Payload; readonly also?: Consequence }
  /** Trying again would not help. */
  | { readonly do: 'give-up'; readonly because: string; readonly payload?: Payload; readonly also?: Consequence };

/**
 * Where work waits for its turn, so that one kind's slowness keeps no other waiting: `here` is delivered on this gateway, `outside`
 * depends on somebody else's server, `upkeep` is housekeeping.
 */
export type Lane = 'here' | 'outside' | 'upkeep';

/** A server of somebody else, and how often it may be asked. */
export type Remote = { readonly name: string; readonly perMinute: number };

/** A kind of work. */
export type Task<Payload> = {
  /** Verb and noun, as the file: also the outbox's `kind`. */
  readonly name: string;
  readonly payload: z.ZodType<Payload>;
  readonly lane: Lane;
  /** A function when the schedule is the operator's to choose. */
  readonly retry: RetrySchedule | ((services: TaskServices) => RetrySchedule);
  /** Whom an attempt asks: it waits for a token of that server's bucket first. Absent: nobody outside. */
  readonly remote?: (services: TaskServices) => Remote | undefined;
  /**
   * Present on housekeeping: the work is owed once per period, whatever the number of processes. Its payload is `{}`. A function when the
   * period is the operator's to choose; undefined when there is nothing to do.
   */
  readonly everyMs?: number | ((services: TaskServices) => number | undefined);
  readonly run: (context: TaskContext, payload: Payload) => Promise<TaskResult<Payload>>;
  /**
   * What is owed when the work is given up, by the task itself or because its schedule has ended: to tell somebody. `payload` is what
   * remained to be done. What it answers is written in the transaction that gives the row up.
   */
  readonly givenUp?: (context: TaskContext, payload: Payload, because: string) => Promise<Consequence>;
};

/** A task whose payload is no longer known outside: what the worker keeps in its table of tasks. */
export type AnyTask = {
  readonly name: string;
  readonly lane: Lane;
  readonly retry: (services: TaskServices) => RetrySchedule;
  /** Undefined when nobody outside is asked. */
  readonly remote: (services: TaskServices) => Remote | undefined;
  /** Undefined for work that no period owes. */
  readonly everyMs: (services: TaskServices) => number | undefined;
  /** Undefined when the payload has not the task's shape. */
  readonly attempt: (context: TaskContext, payload: unknown) => Promise<TaskResult<unknown>> | undefined;
  /** Undefined when nobody is to be told. */
  readonly givenUp: (context: TaskContext, payload: unknown, because: string) => Promise<Consequence> | undefined;
};

/** Declares a task, one file each. */
export function task<Payload>(definition: Task<Payload>): AnyTask {
  const parse = (payload: unknown) => definition.payload.safeParse(payload);
  return {
    name: definition.name,
    lane: definition.lane,
    remote: (services) => definition.remote?.(services),
    retry: (services) => (typeof definition.retry === 'function' ? definition.retry(services) : definition.retry),
    everyMs: (services) => (typeof definition.everyMs === 'function' ? definition.everyMs(services) : definition.everyMs),
    attempt: (context, payload) => {
      const parsed = parse(payload);
      return parsed.success ? definition.run(context, parsed.data) : undefined;
    },
    givenUp: (context, payload, because) => {
      const parsed = parse(payload);
      return parsed.success ? definition.givenUp?.(context, parsed.data, because) : undefined;
    },
  };
}
