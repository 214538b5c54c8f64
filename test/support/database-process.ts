// A process that opens the database of a data folder as a gateway does, for tests that kill it.
// Prints one line of JSON when open, or the refusal; ends its database on SIGTERM.
import pino from 'pino';
import { loadConfig } from '../../src/config/load-config.ts';
import { openDatabase } from '../../src/database/open-database.ts';

const config = loadConfig();
try {
  const database = await openDatabase(config.database, config.dataDir, pino({ level: 'silent' }));
  process.stdout.write(`${JSON.stringify({ connection: database.connection })}\n`);
  const alive = setInterval(() => {}, 60_000);
  process.once('SIGTERM', async () => {
    await database.close();
    clearInterval(alive);
  });
} catch (error) {
  process.stdout.write(`${JSON.stringify({ refused: error instanceof Error ? error.message : String(error) })}\n`);
}
