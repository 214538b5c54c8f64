// Starts the gateway, waits for a signal, stops it. What keeps it from starting is said in a line, not in a stack of calls.
import { loadConfig } from './config/load-config.ts';
import { ConfigError } from './config/problems.ts';
import { DataFolderLockedError } from './database/data-folder-lock.ts';
import { EmbeddedStartError } from './database/embedded/start-error.ts';
import { startGateway } from './gateway.ts';
import { createLog } from './observe/log.ts';

try {
  const config = loadConfig();
  const gateway = await startGateway(config, createLog({ level: config.observe.logLevel }));
  const because = await Promise.race([signalled(), gateway.lost]);
  await gateway.stop(because);
  if (!because.startsWith('SIG')) process.exitCode = 1;
} catch (error) {
  const isExpected = error instanceof ConfigError || error instanceof DataFolderLockedError || error instanceof EmbeddedStartError;
  if (!isExpected) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

function signalled(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
  });
}
