// A pg client that gives repeated statements a name, so that PostgreSQL parses and plans them once per connection.
import type { Duplex } from 'node:stream';
import pg from 'pg';
import { StatementNames } from './statement-names.ts';

const names = new StatementNames();

/** SQLSTATE feature_not_supported: raised as « cached plan must not change result type » after a table has changed. */
const cachedPlanIsStale = '0A000';

type AnyQuery = (...args: unknown[]) => unknown;

/** Handed to pg.Pool as its client class. Only statements with parameters are named: begin and commit stay one message. */
export class NamingClient extends pg.Client {
  // pg declares eight overloads; the one that matters here is (text, values, callback?), everything else passes untouched.
  override query: never = ((config: unknown, values: unknown, callback: unknown) => this.#ask(config, values, callback)) as never;

  #ask(config: unknown, values: unknown, callback: unknown): unknown {
    this.#gather();
    const ask = (pg.Client.prototype.query as AnyQuery).bind(this);
    const name = typeof config === 'string' && Array.isArray(values) && values.length > 0 ? names.nameOf(config) : undefined;
    if (name === undefined) return ask(config, values, callback);
    const named = { name, text: config };
    if (typeof callback === 'function') {
      return ask(named, values, (error: unknown, result: unknown) => {
        retireIfStale(error, name);
        callback(error, result);
      });
    }
    return (ask(named, values) as Promise<unknown>).catch((error: unknown) => {
      retireIfStale(error, name);
      throw error;
    });
  }

  /** What is asked in one turn leaves in one write: each write wakes the server, and costs more than a small statement does. */
  #gather(): void {
    const { stream } = (this as unknown as { connection: { stream: Duplex } }).connection;
    stream.cork();
    process.nextTick(() => stream.uncork());
  }
}

// The failed statement may stand inside a transaction, so it cannot be asked again from here: the caller sees the error once.
function retireIfStale(error: unknown, name: string): void {
  if ((error as { code?: string } | undefined)?.code === cachedPlanIsStale) names.retire(name);
}
