// Takes the files of citizens that appear in a folder, in the order of their names: those taken move to « done », those that are no feed to
// « refused ». Twice is harmless: lines that say what the registry has change nothing, at once is refused by the import's lock, and a file
// that was interrupted goes on where it stopped.
import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { type FeedOutcome, runFeed } from '../../../directory/feed/run-feed.ts';
import { noteSucceeded, noteTried } from '../../../directory/feed/synchronisations.ts';
import { moveAccounts } from '../../accounts/move-accounts.ts';
import { syncFolder } from '../../core/durable-files.ts';
import { type TaskContext, type TaskResult, task } from '../task.ts';

const minuteMs = 60_000;

/** A file that somebody may still be writing is left for the next look. */
const settledMs = minuteMs;

/** Files put there under another name first are taken whole; those that begin with a dot are nobody's. */
const isFeed = (name: string) => /^[^.].*\.(csv|ldif|zip)$/i.test(name);

/** As often as the operator wishes; tried again within that time. */
export const takeCitizenFeed = task({
  name: 'take-citizen-feed',
  payload: z.strictObject({}),
  lane: 'upkeep',
  retry: ({ sources }) => ({
    firstDelayMs: minuteMs / 2,
    longestDelayMs: 10 * minuteMs,
    giveUpAfterMs: sources.citizenFeed?.everyMs ?? minuteMs,
  }),
  everyMs: ({ sources }) => sources.citizenFeed?.everyMs,
  run: async (context) => {
    const { db, clock, sources } = context;
    if (!sources.citizenFeed) return { do: 'done' };
    await noteTried(db, 'citizens', clock());
    const { folder } = sources.citizenFeed;
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => error.code ?? 'unknown');
    if (typeof names === 'string') return { do: 'again', because: `folder-${names}`.toLowerCase() };
    for (const name of names.filter(isFeed).sort()) {
      const ended = await takeFile(context, join(folder, name));
      if (ended) return ended;
    }
    await noteSucceeded(db, 'citizens', clock());
    return { do: 'done' };
  },
});

/** Undefined when the next file may follow. */
async function takeFile(
  { db, clock, events, signal, citizensDomain }: TaskContext,
  file: string,
): Promise<TaskResult<Record<string, never>> | undefined> {
  const at = await stat(file).catch(() => undefined);
  if (!at?.isFile() || clock().getTime() - at.mtimeMs < settledMs) return undefined;
  const outcome = await runFeed({
    db,
    source: file,
    by: 'take-citizen-feed',
    moveAlong: async (trx, moves) => void (await moveAccounts(trx, citizensDomain, moves)),
    unlessApplied: true,
    signal,
  });
  switch (outcome.result) {
    // Somebody is at it: this period is served.
    case 'busy':
      return { do: 'done' };
    case 'interrupted':
      return { do: 'again', because: 'gateway-stopped' };
    case 'unreadable':
      return await putAway(outcome, file, events);
    case 'applied':
      events.registryFed({
        source: 'citizens',
        importId: outcome.record.importId,
        lines: outcome.counts.read,
        refused: outcome.counts.refused,
      });
  }
  await moveBeside(file, 'done');
  return undefined;
}

/** A file that no second look would make readable waits for a person; one that changed under our eyes is looked at again. */
async function putAway(
  { trouble }: Extract<FeedOutcome, { result: 'unreadable' }>,
  file: string,
  events: TaskContext['events'],
): Promise<TaskResult<Record<string, never>> | undefined> {
  if (trouble === 'missing') return undefined;
  if (trouble === 'changed' || trouble === 'unreadable') return { do: 'again', because: `file-${trouble}` };
  events.feedRefused({ because: trouble });
  await moveBeside(file, 'refused');
  return undefined;
}

/** Moves a file into a folder beside it, under a name that says when: none that is there is written over. */
async function moveBeside(file: string, folderName: string): Promise<void> {
  const folder = join(file, '..', folderName);
  await mkdir(folder, { recursive: true });
  const stamp = new Date().toISOString().replace(/[:.]/g, '-');
  await rename(file, join(folder, `${stamp}-${basename(file)}`));
  await syncFolder(folder);
}
