// One gateway per data folder. Node has no flock(2), and a single lock file cannot be taken over from a dead owner without
// a moment in which two starters both believe they have it. So every starter writes a claim of its own, named after its
// process, and then looks at all of them: of two starters at least one sees the other. Nobody ever removes the claim of
// a living process, a dead one holds nothing (after SIGKILL too), and a pid that the system has given out again is told
// from the old one by the time of its start. A command of the operator holds it briefly, and is waited for.
import { createHash, randomInt } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { processStart } from './processes.ts';

/** The data folder is in use. The message is one line and names the other gateway's pid. */
export class DataFolderLockedError extends Error {
  override readonly name = 'DataFolderLockedError';
  readonly pid: number;
  constructor(folder: string, pid: number) {
    super(`Another Passerelle (pid ${pid}) is using the data folder ${folder}: stop it first, or choose another data folder`);
    this.pid = pid;
  }
}

/** Held until released, or until the process ends in any way. */
export type DataFolderLock = { release(): Promise<void> };

/** For how long: a gateway holds its folder for its life, a command for the seconds it takes. */
export type Hold = 'life' | 'moment';

const states = { life: 'holding', moment: 'holding briefly' } as const;

type Claim = { readonly pid: number; readonly state: 'asking' | (typeof states)[Hold] };

/** How often two starters that met each other withdraw and ask again. */
const attempts = 20;
/** How long whoever holds the folder for a moment is waited for. */
const longestMomentMs = 30_000;

/** Takes the lock, or throws DataFolderLockedError. The folder must exist. Waits for a command that holds it for a moment. */
export async function lockDataFolder(dataDir: string, hold: Hold = 'life'): Promise<DataFolderLock> {
  const folder = resolve(dataDir);
  const claims = join(folder, 'gateway-claims');
  await mkdir(claims, { recursive: true, mode: 0o700 });
  const start = (await processStart(process.pid)) ?? '';
  const ours = claimName(process.pid, start);
  const release = () => rm(join(claims, ours), { force: true });
  const deadline = Date.now() + longestMomentMs;
  for (let attempt = 1; ; ) {
    await claim(folder, join(claims, ours));
    const others = await livingClaims(claims, ours);
    if (others.length === 0) {
      await writeFile(join(claims, ours), states[hold], { mode: 0o600 });
      return { release };
    }
    await release();
    const holder = others.find((other) => other.state === states.life);
    const passing = others.find((other) => other.state === states.moment);
    if (holder || attempt === attempts || Date.now() > deadline)
      throw new DataFolderLockedError(folder, (holder ?? passing ?? others[0])?.pid ?? 0);
    if (!passing) attempt++;
    // Both were asking: whoever asks again first will hold it.
    await new Promise((next) => setTimeout(next, randomInt(10, 100)));
  }
}

async function claim(folder: string, path: string): Promise<void> {
  try {
    await writeFile(path, 'asking', { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // Named after this very process: it has the folder open already.
    throw new DataFolderLockedError(folder, process.pid);
  }
}

function claimName(pid: number, start: string): string {
  return `${pid}-${createHash('sha256').update(start).digest('hex').slice(0, 16)}`;
}

async function livingClaims(folder: string, ours: string): Promise<Claim[]> {
  const living: Claim[] = [];
  for (const name of await readdir(folder)) {
    const pid = Number(/^(\d+)-[0-9a-f]{16}$/.exec(name)?.[1]);
    if (name === ours || !Number.isInteger(pid)) continue;
    const start = await processStart(pid);
    if (start !== undefined && claimName(pid, start) === name) {
      const state = await readFile(join(folder, name), 'utf8').catch(() => undefined);
      // Gone meanwhile: withdrawn by its owner.
      if (state !== undefined) living.push({ pid, state: Object.values(states).find((known) => known === state) ?? 'asking' });
    } else {
      await rm(join(folder, name), { force: true });
    }
  }
  return living;
}
