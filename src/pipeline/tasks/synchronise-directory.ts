// Brings the registry in line with the national extraction: fetched when it is elsewhere, imported when it changed. Requirement 24.
// Twice is harmless: a file is applied once, at once waits for the import's lock, and what was interrupted goes on where it stopped.
import { join } from 'node:path';
import { z } from 'zod';
import { runImport } from '../../../directory/extraction/run-import.ts';
import { noteSucceeded, noteTried } from '../../../directory/feed/synchronisations.ts';
import { fetchFile } from '../../../directory/imports/fetch-file.ts';
import { type RegistrySources, type TaskContext, task } from '../task.ts';

const minuteMs = 60_000;

/** As often as the operator wishes; tried again within that time. */
export const synchroniseDirectory = task({
  name: 'synchronise-directory',
  payload: z.strictObject({}),
  lane: 'upkeep',
  retry: ({ sources }) => ({
    firstDelayMs: minuteMs,
    longestDelayMs: 30 * minuteMs,
    giveUpAfterMs: sources.extraction?.everyMs ?? minuteMs,
  }),
  everyMs: ({ sources }) => sources.extraction?.everyMs,
  run: async (context) => {
    const { db, clock, events, signal, sources } = context;
    if (!sources.extraction) return { do: 'done' };
    await noteTried(db, 'extraction', clock());
    const fetched = await fileOf(sources.extraction, context);
    if ('failure' in fetched) {
      if (signal.aborted) return { do: 'again', because: 'gateway-stopped' };
      return { do: 'again', because: `fetch-${fetched.failure}`.toLowerCase() };
    }
    const outcome = await runImport({
      db,
      source: fetched.file,
      hosted: sources.extraction.hosted,
      by: 'synchronise-directory',
      unlessApplied: true,
      signal,
    });
    switch (outcome.result) {
      // Somebody is at it, perhaps with another file, perhaps without coming to the end: a period is too long to wait for the next look.
      case 'busy':
        return { do: 'again', because: outcome.result };
      case 'interrupted':
        return { do: 'again', because: 'gateway-stopped' };
      case 'unreadable':
        return { do: 'again', because: `file-${outcome.trouble}` };
      case 'too-many-withdrawn':
        return { do: 'give-up', because: outcome.result };
      case 'applied':
        events.registryFed({
          source: 'extraction',
          importId: outcome.record.importId,
          lines: outcome.record.linesDone,
          refused: outcome.record.refused,
        });
    }
    await noteSucceeded(db, 'extraction', clock());
    return { do: 'done' };
  },
});

async function fileOf(
  { from }: NonNullable<RegistrySources['extraction']>,
  { signal }: TaskContext,
): Promise<{ readonly file: string } | { readonly failure: string }> {
  if ('file' in from) return from;
  const { url, authority } = from;
  return await fetchFile({ url, folder: join(from.folder, 'extraction'), ...(authority !== undefined && { authority }), signal });
}
