// The two engines that carry the queues: every story of the pipeline is told on both.
import { afterAll, beforeAll, describe } from 'vitest';
import { startRedis, type TestRedis } from '../support/redis-server.ts';

/** The engine a story runs on. `redis` is a server of this file's own, which stories may kill. */
export type TestEngine = {
  readonly name: 'PostgreSQL' | 'Redis';
  /** What a pipeline is given. */
  readonly redisUrl: string | undefined;
  readonly redis: TestRedis;
};

/** Declares the stories twice: with the queues on PostgreSQL, and on Redis. */
export function onEachEngine(stories: (engine: TestEngine) => void): void {
  for (const name of ['PostgreSQL', 'Redis'] as const) describe(`queues on ${name}`, () => stories(engineOf(name)));
}

/** For stories that only one engine can tell. Called inside a describe. */
export function engineOf(name: TestEngine['name']): TestEngine {
  let redis: TestRedis | undefined;
  if (name === 'Redis') {
    beforeAll(async () => {
      redis = await startRedis();
    });
    afterAll(() => redis?.stop());
  }
  return {
    name,
    get redisUrl() {
      return redis?.url;
    },
    get redis() {
      if (!redis) throw new Error('These queues are not on Redis');
      return redis;
    },
  };
}
