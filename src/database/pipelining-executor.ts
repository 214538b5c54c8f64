// Lets statements that are asked at once on one connection leave at once (ADR 0007). Kysely hands a transaction its connection
// through a provider that waits for each answer before it sends the next statement; pg's own pipeline mode keeps the order by itself.
import { type ConnectionProvider, DefaultQueryExecutor, SingleConnectionProvider } from 'kysely';

/**
 * Kysely's executor, but for how statements of one transaction or connection share it. Nothing keeps them apart: what is asked on a
 * `connection()` while a transaction opened from it is under way is part of that transaction.
 */
export class PipeliningExecutor extends DefaultQueryExecutor {
  override withConnectionProvider(provider: ConnectionProvider): DefaultQueryExecutor {
    return super.withConnectionProvider(provider instanceof SingleConnectionProvider ? sharedAtOnce(provider) : provider);
  }
}

function sharedAtOnce(provider: SingleConnectionProvider): ConnectionProvider {
  const connection = provider.provideConnection((one) => Promise.resolve(one));
  return { provideConnection: async (consumer) => await consumer(await connection) };
}
