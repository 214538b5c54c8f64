// The log: JSON, one line per event, a constant message and data as fields. Everything passes the scrubber.
import pino from 'pino';
import { scrub, scrubMessage, scrubText } from './scrub.ts';

/** What everything that logs is handed. Errors go under `err`. */
export type Log = pino.Logger;

/** How much is logged, and where to. */
export type LogOptions = {
  readonly level: pino.LevelWithSilent;
  /** Standard output when absent. */
  readonly destination?: pino.DestinationStream;
};

// pino's own type is generic over custom levels, which this house has none of.
type AnyChild = (this: unknown, bindings: object, options?: pino.ChildLoggerOptions) => Log;

/** The log of a process. */
export function createLog({ level, destination }: LogOptions): Log {
  const log = pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      // The scrubber makes plain data of errors before a serializer sees them.
      serializers: { err: (value: unknown) => value },
      formatters: {
        level: (label) => ({ level: label }),
        bindings: scrubFields,
        log: scrubFields,
      },
      hooks: { logMethod },
    },
    destination ?? pino.destination({ fd: 1, sync: true }),
  );
  // pino does not format the bindings of children. Children inherit this property, and so do theirs.
  const child = log.child as unknown as AnyChild;
  log.child = function scrubbedChild(this: Log, bindings: object, options?: pino.ChildLoggerOptions) {
    return child.call(this, scrubFields(bindings), options);
  } as unknown as Log['child'];
  return log;
}

function scrubFields(fields: object): Record<string, unknown> {
  return scrub(fields) as Record<string, unknown>;
}

// Messages are constant by custom; what is put in all the same is scrubbed. pino would take the message of an error
// unseen when none is given, so one is given here.
function logMethod(this: Log, parameters: Parameters<pino.LogFn>, method: pino.LogFn): void {
  const [first, message, ...rest] = parameters as unknown[];
  const scrubbed: unknown[] =
    typeof first === 'string' ? [scrubText(first)] : [first, typeof message === 'string' ? scrubText(message) : messageOf(first)];
  const values = typeof first === 'string' ? [message, ...rest].slice(0, parameters.length - 1) : rest;
  method.apply(this, [...scrubbed, ...values.map((value) => scrub(value))] as Parameters<pino.LogFn>);
}

function messageOf(first: unknown): string | undefined {
  const error = first instanceof Error ? first : (first as { err?: unknown } | null)?.err;
  return error instanceof Error ? scrubMessage(error.message) : undefined;
}
