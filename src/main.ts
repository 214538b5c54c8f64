// Starts the gateway, waits for a signal, stops it. What keeps it from starting is said in a line, not in a stack of calls.
import { loadConfig } from './config/load-config.ts';
import { ConfigError } from './config/problems.ts';
import { DataFolderLockedError } from './database/data-folder-lock.ts';
import { EmbeddedStartError } from './database/embedded/start-error.ts';
import { startGateway } from './gateway.ts';
import { createLog } from './observe/log.ts';

/** What the doors and the connections have to be closed, beside the time that work under way has. */
const closingMs = 25_000;

try {
  const config = loadConfig();
  const gateway = await startGateway(config, createLog({ level: config.observe.logLevel }));
  const because = await Promise.race([signalled(), gateway.lost]);
  endWithin(config.pipeline.stopGraceSeconds * 1000 + closingMs);
  await gateway.stop(because);
  if (!because.startsWith('SIG')) process.exitCode = 1;
} catch (error) {
  const isExpected = error instanceof ConfigError || error instanceof DataFolderLockedError || error instanceof EmbeddedStartError;
  if (!isExpected) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

/** A database, or anybody else, who does not answer keeps a connection from being closed: what is left of it ends with the process. */
function endWithin(ms: number): void {
  setTimeout(() => {
    process.stderr.write('stopped without waiting any longer for a server that does not answer\n');
    process.exit(1);
  }, ms).unref();
}

function signalled(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
  });
}
