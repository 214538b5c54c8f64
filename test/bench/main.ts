// `npm run bench`: one table of what this gateway does on this machine, beside what the machine itself can do.
// `--jobs` measures the pipeline's queues alone, beside BullMQ without them; `--book` the address book alone.
// `--quick` takes half a minute and is for a first look; `--json FILE` also writes the figures. Ends with an error only when
// something is wrong, such as an acknowledged letter that is not there: never because a figure is low.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureBook } from './measure-book.ts';
import { type ImapPlan, measureFetch, measureIdleMemory, measurePush } from './measure-imap.ts';
import { measureJobs } from './measure-jobs.ts';
import { type LettersPlan, measureLetters } from './measure-letters.ts';
import { type Row, tableOf } from './rows.ts';
import { runLoad } from './run-load.ts';
import { openBenchWorld } from './world.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    jobs: { type: 'boolean', default: false },
    book: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const print = (text: string) => process.stdout.write(`${text}\n`);

const sizes = [
  { name: '2 KB', bytes: 2048 },
  { name: '50 KB', bytes: 51_200 },
];
const letters: LettersPlan = {
  sizes,
  connections: [10, 50],
  warmUpMs: options.quick ? 500 : 3000,
  durationMs: options.quick ? 1000 : 8000,
};
const imap: ImapPlan = options.quick
  ? { messages: 2000, rounds: 3, pushes: 20, idleConnections: 100 }
  : { messages: 10_000, rounds: 5, pushes: 200, idleConnections: 500 };
const citizens = options.quick ? 100 : 500;

const rows: Row[] = [];
const problems: string[] = [];
const startedAt = performance.now();

if (options.jobs) note(await measureJobs(options.quick ? { jobs: 2000, rounds: 1 } : { jobs: 10_000, rounds: 5 }));
else if (options.book) await measureDirectory();
else await measureGateway();

const seconds = Math.round((performance.now() - startedAt) / 1000);
print(`\n${tableOf(rows)}\n\nIn ${seconds} s, on ${cpus().length} cores shared with the senders.`);
if (options.json !== undefined) {
  const machine = { cores: cpus().length, model: cpus()[0]?.model, node: process.version, platform: process.platform };
  await writeFile(
    options.json,
    `${JSON.stringify({ at: new Date().toISOString(), quick: options.quick, machine, seconds, rows, problems }, undefined, 2)}\n`,
  );
}
for (const problem of problems) print(`WRONG: ${problem}`);
if (problems.length > 0) process.exitCode = 1;

function note(measured: { readonly rows: readonly Row[]; readonly problems: readonly string[] }): void {
  rows.push(...measured.rows);
  problems.push(...measured.problems);
}

async function measureDirectory(): Promise<void> {
  const world = await openBenchWorld({ workers: 1, citizens: 1 });
  try {
    note(await measureBook(world, options.quick ? { lines: 20_000, rounds: 5 } : { lines: 600_000, rounds: 20 }));
  } finally {
    await world.close();
  }
}

async function measureGateway(): Promise<void> {
  const fsyncsPerSecond = await measureFsync(1);
  await measureFsync(10);
  for (const workers of [1, 2]) await measureWith(workers, fsyncsPerSecond);
}

async function measureWith(workers: number, fsyncsPerSecond: number): Promise<void> {
  const world = await openBenchWorld({ workers, citizens });
  try {
    // Before the heavy work, whose garbage would hide what a connection costs.
    if (workers === 1 && process.platform === 'linux') rows.push(...(await measureIdleMemory(world, imap)));
    note(await measureLetters(world, letters, `${workers} worker${workers > 1 ? 's' : ''}`, fsyncsPerSecond));
    if (workers === 1) rows.push(...(await measurePush(world, imap)), ...(await measureFetch(world, imap)));
  } finally {
    await world.close();
  }
}

/** Durable appends a second, where the gateway's data is kept. */
async function measureFsync(writers: number): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-bench-'));
  try {
    const { count, seconds } = await runLoad({ do: 'fsync', folder, writers, durationMs: options.quick ? 1000 : 3000 });
    rows.push({ what: `fsync of 4 KiB, ${writers} writer${writers > 1 ? 's' : ''}`, value: count / seconds, unit: '/s' });
    return count / seconds;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
