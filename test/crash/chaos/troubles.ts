// What goes wrong while letters are on their way: one trouble after another, each let pass before the next.
import type { GatewayHome } from '../../support/gateway-process.ts';
import { GatewayProcess } from '../../support/gateway-process.ts';
import type { TestRedis } from '../../support/redis-server.ts';
import type { Random } from '../random.ts';
import type { OwnPostgres } from './own-postgres.ts';

/** The gateway of the moment: another process after each kill. */
export class LivingGateway {
  readonly #home: GatewayHome;
  readonly #environment: Readonly<Record<string, string>>;
  current: GatewayProcess;

  constructor(home: GatewayHome, environment: Readonly<Record<string, string>>, first: GatewayProcess) {
    this.#home = home;
    this.#environment = environment;
    this.current = first;
  }

  /** SIGKILL to all its processes, the ones at work on the queue among them, and a new start. */
  async killAndStart(): Promise<void> {
    this.current.kill();
    await this.current.ended();
    this.current = await GatewayProcess.start(this.#home, { environment: this.#environment });
  }

  /** An orderly stop, while work is under way, and a new start. */
  async stopAndStart(): Promise<void> {
    await this.current.stop();
    this.current = await GatewayProcess.start(this.#home, { environment: this.#environment });
  }
}

/** What can be troubled. Without Redis, the queues live in PostgreSQL. */
export type Victims = { readonly gateway: LivingGateway; readonly postgres: OwnPostgres; readonly redis: TestRedis | undefined };

/** Troubles, each by its name with what it does. */
export function troublesFor({ gateway, postgres, redis }: Victims): readonly (readonly [string, () => Promise<void>])[] {
  const everywhere = [
    ['the gateway is killed', () => gateway.killAndStart()],
    ['PostgreSQL is killed', () => postgres.restart('kill')],
    ['the gateway is stopped in order', () => gateway.stopAndStart()],
    ['PostgreSQL is restarted', () => postgres.restart('in-order')],
  ] as const;
  if (!redis) return everywhere;
  const killRedis = async () => {
    await redis.kill();
    await redis.restart();
  };
  return [['Redis is killed, and comes back empty', killRedis] as const, ['Redis is emptied', () => redis.flush()] as const, ...everywhere];
}

/** How far the load has come, and how many letters pass between two troubles: a slow machine must not meet troubles alone. */
export type Progress = { readonly acknowledged: () => number; readonly between: number; readonly isOver: () => boolean };

/** Troubles in turn until the load is over, each a moment after enough letters have passed. Returns how often each happened. */
export async function makeTrouble(victims: Victims, random: Random, progress: Progress): Promise<Record<string, number>> {
  const troubles = troublesFor(victims);
  const counts: Record<string, number> = {};
  for (let turn = 0; ; turn += 1) {
    const next = progress.acknowledged() + progress.between;
    while (!progress.isOver() && progress.acknowledged() < next) await pause(20);
    if (progress.isOver()) return counts;
    await pause(random.between(0, 300));
    const [name, happen] = troubles[turn % troubles.length] ?? ['', async () => {}];
    await happen();
    counts[name] = (counts[name] ?? 0) + 1;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((next) => setTimeout(next, ms));
}
