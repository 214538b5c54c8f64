// A pipeline that relays, in a process of its own, for the test that kills it between the next hop's answer and its own next write.
// Arguments: the database's connection as JSON, the folder of the bytes, the next hop's port.
import { type ConnectionOptions, connect } from '../../src/database/connect.ts';
import { Pipeline } from '../../src/pipeline/pipeline.ts';
import { relayLetter } from '../../src/pipeline/tasks/relay-letter.ts';
import { servicesFor } from './effects.ts';
import { relayTo } from './relay-world.ts';

const [connectionText = '', folder = '', port = ''] = process.argv.slice(2);
const connection = JSON.parse(connectionText) as ConnectionOptions;
const db = connect({ ...connection, poolSize: 4 });
const services = { ...servicesFor(db, folder), relay: relayTo(Number(port)) };
await new Pipeline({ services, tasks: [relayLetter], connection, pollMs: 50, handOverLeaseMs: 500, lockMs: 1000 }).start();
