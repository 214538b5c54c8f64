// A gateway in a process of its own, for tests that kill it: started by GatewayProcess, configured by the environment. It reports its
// ports over IPC, registers a crowd first when its argument says how large, and stops on SIGTERM or when the test is gone.
import { loadConfig } from '../../src/config/load-config.ts';
import { startGateway } from '../../src/gateway.ts';
import { createLog } from '../../src/observe/log.ts';
import { type CrowdSize, registerCrowd } from './crowd.ts';
import type { GatewayReport } from './gateway-process.ts';

const config = loadConfig();
const stopped = new Promise<string>((resolve) => {
  process.once('SIGTERM', () => resolve('SIGTERM'));
  process.once('disconnect', () => resolve('the test is gone'));
});
const gateway = await startGateway(config, createLog({ level: config.observe.logLevel }));
const { database, pepper } = gateway.context;
const wanted = process.argv[2];
const registry = { db: database.db, pepper, quotaBytes: config.storage.quotaBytes };
const crowd = wanted === undefined ? undefined : await registerCrowd(registry, JSON.parse(wanted) as CrowdSize);
process.send?.({
  ports: gateway.ports,
  connection: database.connection,
  observeUrl: gateway.observeUrl,
  ...(crowd && { crowd }),
} satisfies GatewayReport);

const because = await Promise.race([stopped, gateway.lost]);
await gateway.stop(because);
if (process.connected) process.disconnect();
