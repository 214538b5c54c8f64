// Watches the memory of a gateway from a process of its own: the test's is busy with letters, and a peak may last milliseconds.
import { processesOf, pssBytes } from '../support/process-memory.ts';
import type { Peak, SamplerOrder } from './sampler.ts';

const everyMs = 20;

const [gatewayPid = 0, dataDir = ''] = [Number(process.argv[2]), process.argv[3]];
let peak = sample();

setInterval(() => {
  const now = sample();
  if (now.totalBytes > peak.totalBytes) peak = now;
}, everyMs);

process.on('message', (order: SamplerOrder) => {
  const answer = order === 'now' ? sample() : peak;
  if (order === 'peak-and-reset') peak = sample();
  process.send?.(answer);
});
process.once('disconnect', () => process.exit());

function sample(): Peak {
  const processes = processesOf(gatewayPid, dataDir);
  const gatewayBytes = pssBytes(processes.gateway);
  const postgresBytes = pssBytes(processes.postgres);
  return { gatewayBytes, postgresBytes, totalBytes: gatewayBytes + postgresBytes };
}
