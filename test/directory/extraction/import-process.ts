// An import in a process of its own, for tests that kill it and weigh it. Arguments: the database's connection as JSON, the file.
// Prints a line of JSON for each step of the reading, and one when it has ended.
import { runImport } from '../../../directory/extraction/run-import.ts';
import { type ConnectionOptions, connect } from '../../../src/database/connect.ts';

const [connectionText = '', source = ''] = process.argv.slice(2);
const print = (told: object) => process.stdout.write(`${JSON.stringify(told)}\n`);
const db = connect({ ...(JSON.parse(connectionText) as ConnectionOptions), poolSize: 2 });
const outcome = await runImport({ db, source, hosted: [], by: 'test', onProgress: (line, byte, bytes) => print({ line, byte, bytes }) });
await db.destroy();
print({ outcome, peakBytes: process.resourceUsage().maxRSS * 1024 });
