// The address book of the size of the nation's, through the LDAP door: how long its file takes to come in, and how long people wait for names.
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Client, SizeLimitExceededError } from 'ldapts';
import { runImport } from '../../directory/extraction/run-import.ts';
import { connect } from '../../src/database/connect.ts';
import { extractionLines, publishedHeader } from '../support/extraction-lines.ts';
import { familyNameOf, givenNameOf, nameOf } from './book-lines.ts';
import { percentile } from './percentile.ts';
import type { Row } from './rows.ts';
import type { BenchWorld } from './world.ts';

/** `lines` of an extraction; each question is put `rounds` times. */
export type BookPlan = { readonly lines: number; readonly rounds: number };

/** A question in words, and its filter, another one each time it is put. */
type Question = { readonly what: string; readonly filter: (round: number) => string };

/** What Thunderbird asks after some letters were typed. */
const completes = (typed: string) =>
  `(&(objectClass=*)(|(mail=${typed}*)(cn=*${typed}*)(givenName=*${typed}*)(sn=*${typed}*)(displayName=*${typed}*)))`;
/** What Outlook asks. */
const resolves = (typed: string) => `(&(mail=*)(anr=${typed}))`;
const towns = ['Bastia', 'Brest', 'Montpellier', 'Saint Denis'];

const questions: readonly Question[] = [
  { what: 'Thunderbird, four letters of a rare name', filter: (round) => completes(familyNameOf(40_000 + 997 * round).slice(0, 4)) },
  { what: 'Thunderbird, a rare name', filter: (round) => completes(familyNameOf(40_000 + 997 * round)) },
  { what: 'Thunderbird, a common name', filter: (round) => completes(familyNameOf(round % 10)) },
  { what: 'Thunderbird, a common given name', filter: (round) => completes(givenNameOf(round % 10)) },
  { what: 'Thunderbird, nobody', filter: (round) => completes(`zzyx${round}`) },
  { what: 'Outlook, a rare name', filter: (round) => resolves(familyNameOf(40_000 + 997 * round)) },
  { what: 'Outlook, a common name', filter: (round) => resolves(familyNameOf(round % 10)) },
  { what: 'Outlook, a common given name', filter: (round) => resolves(givenNameOf(round % 10)) },
  { what: 'a name and a town', filter: (round) => `(&(sn=${familyNameOf(round % 10)})(l=${towns[round % 4]}))` },
  {
    what: 'a speciality, a town and a given name',
    filter: (round) => `(&(title=*cardio*)(l=${towns[round % 4]})(givenName=${givenNameOf(round % 10)}))`,
  },
  { what: 'an RPPS', filter: (round) => `(mssRPPS=${99_000_000_000 + 1000 + round})` },
  { what: 'not in a town', filter: (round) => `(!(l=${towns[round % 4]}))` },
  { what: 'two letters inside a name', filter: (round) => `(sn=*${['zz', 'qk', 'xj'][round % 3]}*)` },
];

/** The lines of the table, and what is wrong: an import that does not end, an address that is not found. */
export async function measureBook(world: BenchWorld, { lines, rounds }: BookPlan): Promise<{ rows: Row[]; problems: string[] }> {
  const { seconds, problems } = await fillBook(world, lines);
  const rows: Row[] = [{ what: `import of ${lines} lines`, value: seconds, unit: 's' }];
  const client = await bound(world);
  try {
    for (const { what, filter } of questions) {
      const times: number[] = [];
      let found = 0;
      for (let round = -1; round < rounds; round += 1) {
        const startedAt = performance.now();
        found = await countFound(client, filter(Math.max(0, round)));
        // What is asked first has its plan and its pages fetched.
        if (round >= 0) times.push(performance.now() - startedAt);
      }
      const detail = `slowest ${percentile(times, 1).toFixed(1)}; the last found ${found}${found === most ? ' or more' : ''}`;
      rows.push({ what: `book: ${what}`, value: percentile(times, 0.5), unit: 'ms', detail });
    }
    if ((await countFound(client, '(mail=p.0@*)')) + (await countFound(client, '(mail=service.0@*)')) === 0)
      problems.push('The first address is not found');
  } finally {
    await client.unbind();
  }
  return { rows, problems };
}

const most = 100;

async function fillBook({ data, report }: BenchWorld, lines: number): Promise<{ seconds: number; problems: string[] }> {
  const file = join(data, '..', 'extraction.txt');
  await pipeline(Readable.from(textOf(lines)), createWriteStream(file));
  const db = connect({ ...report.connection, poolSize: 2 });
  try {
    const startedAt = performance.now();
    const outcome = await runImport({ db, source: file, hosted: [], by: 'bench' });
    const problems = outcome.result === 'applied' ? [] : [`The import ended as ${outcome.result}`];
    return { seconds: (performance.now() - startedAt) / 1000, problems };
  } finally {
    await db.destroy();
    await rm(file, { force: true });
  }
}

function* textOf(lines: number): Generator<string> {
  yield `${publishedHeader}\r\n`;
  for (const line of extractionLines(lines, { nameOf })) yield `${line}\r\n`;
}

async function bound({ report, authority, crowd }: BenchWorld): Promise<Client> {
  const [doctor] = crowd.doctors;
  const client = new Client({ url: `ldaps://localhost:${report.ports.ldapTls}`, tlsOptions: { ca: authority } });
  await client.bind(doctor?.address ?? '', doctor?.password ?? '');
  return client;
}

async function countFound(client: Client, filter: string): Promise<number> {
  try {
    const { searchEntries } = await client.search('o=mssante,c=fr', { scope: 'sub', filter, sizeLimit: most });
    return searchEntries.length;
  } catch (error) {
    if (error instanceof SizeLimitExceededError) return most;
    throw error;
  }
}
