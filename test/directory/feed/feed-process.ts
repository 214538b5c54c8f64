// A feed taken by a process of its own, for tests that kill it and weigh it. Arguments: the database's connection as JSON, the file.
// Prints a line of JSON after each batch, and one when it has ended.
import { runFeed } from '../../../directory/feed/run-feed.ts';
import { type ConnectionOptions, connect } from '../../../src/database/connect.ts';
import { nothingToMove } from './nothing-to-move.ts';

const [connectionText = '', source = ''] = process.argv.slice(2);
const print = (told: object) => process.stdout.write(`${JSON.stringify(told)}\n`);
const db = connect({ ...(JSON.parse(connectionText) as ConnectionOptions), poolSize: 2 });
const outcome = await runFeed({ db, source, by: 'test', moveAlong: nothingToMove, onProgress: (line) => print({ line }) });
await db.destroy();
print({ outcome, peakBytes: process.resourceUsage().maxRSS * 1024 });
