// What a task is: a name, the shape of its payload, when to try again, and the work itself.
// Every task says in a sentence why running it twice is harmless, because a crash will do that one day.
import type { z } from 'zod';
import type { BlobStore } from '../../mailboxes/blobs/blob-store.ts';
import type { Clock } from '../core/clock.ts';
import type { Db } from '../database/tables.ts';
import type { NextHop } from '../relay/next-hop.ts';
import type { PipelineEvents } from './events.ts';
import type { RetrySchedule } from './retry.ts';

/** What tasks work with; built in context.ts. */
export type TaskServices = {
  readonly db: Db;
  readonly blobs: BlobStore;
  /** Where letters for other operators go, and our name there; absent when none is configured: they wait. */
  readonly relay: { readonly hop: NextHop; readonly heloName: string } | undefined;
  readonly events: PipelineEvents;
  readonly clock: Clock;
};

/** The same, with the pipeline's wish to stop: whatever may take minutes gives up when it is raised. */
export type TaskContext = TaskServices & { readonly signal: AbortSignal };

/** How an attempt ended. `because` is a code: it is stored, logged and counted, so it names no person and quotes no peer. */
export type TaskResult<Payload> =
  | { readonly do: 'done' }
  /** Try again after the schedule's delay, with `payload`: what remains to be done. */
  | { readonly do: 'again'; readonly because: string; readonly payload: Payload }
  /** Trying again would not help. */
  | { readonly do: 'give-up'; readonly because: string; readonly payload: Payload };

/** A kind of work. */
export type Task<Payload> = {
  /** Verb and noun, as the file: also the outbox's `kind`. */
  readonly name: string;
  readonly payload: z.ZodType<Payload>;
  readonly retry: RetrySchedule;
  /** Present on housekeeping: the work is owed once per period, whatever the number of processes. Its payload is `{}`. */
  readonly everyMs?: number;
  readonly run: (context: TaskContext, payload: Payload) => Promise<TaskResult<Payload>>;
};

/** A task whose payload is no longer known outside: what the worker keeps in its table of tasks. */
export type AnyTask = {
  readonly name: string;
  readonly retry: RetrySchedule;
  readonly everyMs: number | undefined;
  /** Undefined when the payload has not the task's shape. */
  readonly attempt: (context: TaskContext, payload: unknown) => Promise<TaskResult<unknown>> | undefined;
};

/** Declares a task, one file each. */
export function task<Payload>(definition: Task<Payload>): AnyTask {
  return {
    name: definition.name,
    retry: definition.retry,
    everyMs: definition.everyMs,
    attempt: (context, payload) => {
      const parsed = definition.payload.safeParse(payload);
      return parsed.success ? definition.run(context, parsed.data) : undefined;
    },
  };
}
