// A town whose letters for elsewhere go to a next hop that keeps them, and answers as the test wants.
import { Sink } from '../../src/demo/sink.ts';
import { relayTo } from './relay-world.ts';
import { openWorkingTown, type WorkingTown } from './working-town.ts';

/** Both, and their end. */
export type TownWithHop = { readonly town: WorkingTown; readonly sink: Sink; close(): Promise<void> };

/** Opens them; `redisUrl` when the queues are there. */
export async function openTownWithHop({ redisUrl }: { readonly redisUrl?: string | undefined }): Promise<TownWithHop> {
  const sink = new Sink();
  const town = await openWorkingTown({ redisUrl, relay: relayTo(await sink.start()) });
  return {
    town,
    sink,
    async close() {
      await town.close();
      await sink.stop();
    },
  };
}
