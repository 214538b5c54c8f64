// Watches the memory of a gateway from a process of its own: the test's is busy with letters, and a peak may last milliseconds.
import { heldBytes, processesOf } from '../support/process-memory.ts';
import type { Peak } from './sampler.ts';

const everyMs = 20;

const [gatewayPid = 0, dataDir = ''] = [Number(process.argv[2]), process.argv[3]];
let peak = sample();

setInterval(() => {
  const now = sample();
  if (now.totalBytes > peak.totalBytes) peak = now;
}, everyMs);

process.on('message', () => {
  process.send?.(peak);
  peak = sample();
});
process.once('disconnect', () => process.exit());

function sample(): Peak {
  const processes = processesOf(gatewayPid, dataDir);
  const gatewayBytes = heldBytes(processes.gateway);
  const postgresBytes = heldBytes(processes.postgres);
  return { gatewayBytes, postgresBytes, totalBytes: gatewayBytes + postgresBytes };
}
