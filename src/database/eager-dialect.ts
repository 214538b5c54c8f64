// kysely's PostgreSQL, with transactions that begin without waiting: on a pipelining client « begin » leaves together with the
// first statement, and whatever a caller asks at once (Promise.all on one transaction) is one trip to the server and back.
// A busy gateway is bound by these trips: each costs a turn of two event loops, whatever the statement.
import {
  type DatabaseConnection,
  type Driver,
  PostgresDialect,
  type PostgresDialectConfig,
  PostgresDriver,
  type TransactionSettings,
} from 'kysely';

/** PostgreSQL for kysely, eager to begin. */
export class EagerDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig;

  constructor(config: PostgresDialectConfig) {
    super(config);
    this.#config = config;
  }

  override createDriver(): Driver {
    return new EagerDriver(this.#config);
  }
}

class EagerDriver extends PostgresDriver {
  override async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    // Nothing but a broken connection refuses to begin, and that fails the statements behind it as well.
    super.beginTransaction(connection, settings).catch(() => undefined);
  }
}
