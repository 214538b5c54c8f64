// Kysely's driver, but nobody is left waiting for a connection of a pool that has ended: pg's pool forgets them until their timeout.
import { type DatabaseConnection, PostgresDriver } from 'kysely';
import type pg from 'pg';

type OwnConnection = Parameters<PostgresDriver['releaseConnection']>[0];

/** Statements under way when `destroy()` is called are carried out; those that wait for a connection, and later ones, are refused. */
export class EndingDriver extends PostgresDriver {
  readonly #waiting = new Set<(reason: Error) => void>();
  #hasEnded = false;

  constructor(pool: pg.Pool) {
    super({ pool });
    // Takes the pool at once; kysely would do it before the first query, but only for an executor of its own making.
    void this.init();
  }

  override acquireConnection(): Promise<DatabaseConnection> {
    if (this.#hasEnded) return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      super.acquireConnection().then(
        // One that arrives for somebody who was refused meanwhile must go back: the pool waits for it before it ends.
        (connection) => (this.#waiting.delete(reject) ? resolve(connection) : this.releaseConnection(connection as OwnConnection)),
        (error: unknown) => this.#waiting.delete(reject) && reject(error),
      );
    });
  }

  override async destroy(): Promise<void> {
    this.#hasEnded = true;
    const ended = super.destroy();
    for (const refuse of this.#waiting) refuse(closed());
    this.#waiting.clear();
    await ended;
  }
}

function closed(): Error {
  return new Error('The database was closed');
}
