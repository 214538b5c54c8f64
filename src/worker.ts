// One of several processes that serve the doors: it is told the configuration and the way to the database by the first process,
// and ends when that process says so or is gone.
import cluster from 'node:cluster';
import { createContext } from './context.ts';
import { atMostEvery } from './core/at-most-every.ts';
import { joinDatabase } from './database/open-database.ts';
import { openDoors } from './doors.ts';
import type { WorkerReport, WorkerTask } from './gateway.ts';
import { createLog } from './observe/log.ts';

/** The first process has one core: it need not hear of each commit of ours. */
const pokePauseMs = 10;

process.once('message', (task: WorkerTask) => void serve(task));
tell({ is: 'listening' });
// The terminal's Ctrl-C reaches every process, and so does what a service manager sends: the first one decides when the others stop.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);

async function serve({ config, connection }: WorkerTask): Promise<void> {
  const log = createLog({ level: config.observe.logLevel });
  const database = joinDatabase(connection, config.database.poolSize, log);
  const owing = atMostEvery(pokePauseMs, () => tell({ is: 'owing' }));
  const context = await createContext(config, database, log, owing);
  const doors = await openDoors(context);
  process.on('message', (message) => {
    if (message !== 'stop') return;
    void doors
      .close()
      .then(() => context.close())
      .then(() => database.close())
      .then(() => cluster.worker?.disconnect());
  });
  tell({ is: 'open', ports: doors.ports });
}

function tell(report: WorkerReport): void {
  // Between `stop` and the end the channel may be closed already; the next poll finds what is owed.
  if (process.connected) process.send?.(report, undefined, undefined, () => undefined);
}
