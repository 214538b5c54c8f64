// A database of its own with a few people, and commands that work on it through DATABASE_URL.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerAddress } from '../../directory/registry.ts';
import { createMailbox } from '../../mailboxes/mailbox.ts';
import { allMigrations } from '../../src/all-migrations.ts';
import { type Address, localPart } from '../../src/core/address.ts';
import type { ConnectionOptions } from '../../src/database/connect.ts';
import { address } from '../support/address.ts';
import { doctorsDomain, registerCrowd, type Someone } from '../support/crowd.ts';
import { createTestDatabase } from '../support/database.ts';
import { type CommandRun, runCli } from './run-cli.ts';
import { runHere } from './run-here.ts';

/** The key that hashes the passwords of this town. */
export const pepper = Buffer.alloc(32, 3);

const quotaBytes = 10_000_000;

/** Opens the town: three citizens, two doctors, and a ward of their hospital. */
export async function openCliTown() {
  const { db, connection, close } = await createTestDatabase(allMigrations);
  const { doctors, citizens } = await registerCrowd({ db, pepper, quotaBytes }, { doctors: 2, citizens: 3 });
  const ward = address(`pediatrie@${doctorsDomain}`);
  await registerAddress(db, { address: ward, type: 'ORG', label: 'Service de pédiatrie', structureId: '1990009001' });
  await createMailbox(db, ward, quotaBytes, 'professional');
  const dataDir = await mkdtemp(join(tmpdir(), 'passerelle-cli-'));
  const environment = {
    DATABASE_URL: urlOf(connection),
    PASSERELLE_DATA_DIR: dataDir,
    PASSERELLE_HOSTED_DOMAINS_PROFESSIONALS: doctorsDomain,
  };
  const someone = (people: readonly Someone[], at: number): Address => (people[at] as Someone).address;
  const unsaid = (run: CommandRun): CommandRun => {
    const matricules = citizens.map(({ address }) => localPart(address).toUpperCase());
    const said = `${run.out}${run.err}`.toUpperCase();
    if (matricules.some((matricule) => said.includes(matricule))) throw new Error('A command has said a matricule');
    return run;
  };
  const town = {
    db,
    environment,
    ward,
    doctor: someone(doctors, 0),
    colleague: someone(doctors, 1),
    citizen: someone(citizens, 0),
    neighbour: someone(citizens, 1),
    passwordOf: (address: Address) => citizens.find((one) => one.address === address)?.password ?? '',
    /** Runs a command in this process; none of them may ever say a matricule. */
    async run(words: string, { typed = '' } = {}): Promise<CommandRun> {
      return unsaid(await runHere(words.split(' '), { environment, typed }));
    },
    /** The same with words that may hold spaces, and nothing typed. */
    async here(...words: readonly string[]): Promise<CommandRun> {
      return unsaid(await runHere(words, { environment }));
    },
    /** The same in a process of its own, as an operator runs it. */
    async runApart(words: string, { typed = '' } = {}): Promise<CommandRun> {
      return unsaid(await runCli(words.split(' '), { environment, typed }));
    },
    /** As `run`, with `--json`, which must succeed. */
    async ask(words: string, typed = ''): Promise<unknown> {
      const { exitCode, out, err } = await town.run(`${words} --json`, { typed });
      if (exitCode !== 0 || err !== '') throw new Error(`Exit code ${exitCode}: ${err}`);
      return JSON.parse(out);
    },
    async close() {
      await close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  return town;
}

/** A URL of the same database: the folder of the socket travels as a parameter, as libpq has it. */
export function urlOf(connection: ConnectionOptions): string {
  if ('connectionString' in connection) return connection.connectionString;
  const { user, password, host, port, database } = connection;
  return `postgres://${user}:${encodeURIComponent(password)}@localhost/${database}?host=${encodeURIComponent(host)}&port=${port}`;
}
