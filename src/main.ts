// Starts the gateway, waits for a signal, stops it.
import { loadConfig } from './config/load-config.ts';
import { startGateway } from './gateway.ts';
import { createLog } from './observe/log.ts';

const config = loadConfig();
const log = createLog({ level: config.observe.logLevel });
const gateway = await startGateway(config, log);
const because = await Promise.race([
  new Promise<string>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
  }),
  gateway.lost,
]);
await gateway.stop(because);
if (because !== 'SIGINT' && because !== 'SIGTERM') process.exitCode = 1;
