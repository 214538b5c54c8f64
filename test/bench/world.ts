// The gateway under measure: a real one on a fresh data folder, with a crowd to write from and to.
import { join } from 'node:path';
import type { Crowd } from '../support/crowd.ts';
import { GatewayProcess, type GatewayReport, makeGatewayHome } from '../support/gateway-process.ts';
import { cpuSeconds, heldBytes, processesOf } from '../support/process-memory.ts';

/** A gateway with its crowd. */
export type BenchWorld = {
  readonly data: string;
  readonly authority: string;
  readonly report: GatewayReport;
  readonly crowd: Crowd;
  /** CPU seconds spent so far, zero where there is no /proc. */
  cpu(): { readonly gateway: number; readonly postgres: number };
  /** What the gateway's own processes hold in memory, in bytes; zero where there is no /proc. */
  gatewayBytes(): number;
  close(): Promise<void>;
};

const isLinux = process.platform === 'linux';

/** Starts a gateway as an operator would run it, its log going to a file. */
export async function openBenchWorld(options: { workers: number; citizens: number }): Promise<BenchWorld> {
  const home = await makeGatewayHome();
  try {
    const gateway = await GatewayProcess.start(home, {
      crowd: { doctors: 10, citizens: options.citizens },
      environment: { PASSERELLE_WORKERS: String(options.workers), PASSERELLE_OBSERVE_LOG_LEVEL: 'info' },
      logFile: join(home.folder, 'gateway.log'),
    });
    const { report } = gateway;
    if (!report.crowd) throw new Error('The gateway reported no crowd');
    return {
      data: home.data,
      authority: home.authority,
      report,
      crowd: report.crowd,
      cpu() {
        if (!isLinux) return { gateway: 0, postgres: 0 };
        const processes = processesOf(gateway.pid, home.data);
        return { gateway: cpuSeconds(processes.gateway), postgres: cpuSeconds(processes.postgres) };
      },
      gatewayBytes: () => (isLinux ? heldBytes(processesOf(gateway.pid, home.data).gateway) : 0),
      async close() {
        await gateway.stop();
        await gateway.destroy();
        await home.remove();
      },
    };
  } catch (error) {
    await home.remove();
    throw error;
  }
}
