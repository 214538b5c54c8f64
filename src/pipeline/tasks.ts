// Every kind of work the gateway does later, one file each under tasks/.
import type { AnyTask } from './task.ts';
import { collectOrphanBlobs } from './tasks/collect-orphan-blobs.ts';
import { purgeFinishedRows } from './tasks/purge-outbox.ts';
import { relayLetter } from './tasks/relay-letter.ts';

/** What a gateway's pipeline is started with. */
export const gatewayTasks: readonly AnyTask[] = [relayLetter, collectOrphanBlobs, purgeFinishedRows];
