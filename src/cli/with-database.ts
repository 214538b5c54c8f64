// The life of a command that asks the database: configuration, database, work, answer, and everything closed again.
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { loadConfig } from '../config/load-config.ts';
import type { Config } from '../config/schema.ts';
import type { OpenDatabase } from '../database/open-database.ts';
import type { Db } from '../database/tables.ts';
import { type Answer, printAnswer } from './answer.ts';
import { openForCommand } from './open-for-command.ts';
import { exitCodes } from './operator-command.ts';
import { type Progress, progressFor } from './progress.ts';
import { readTyped } from './typed-input.ts';

/** What a command works with. */
export type CommandWorld = {
  readonly config: Config;
  readonly db: Db;
  readonly now: Date;
  /** How far a long work is; taken away before the answer is printed. */
  readonly progress: Progress;
  /** Raised by Ctrl-C: a long work ends at its next good place, and says how to go on. */
  readonly signal: AbortSignal;
};

type TypedWord = string | undefined | readonly string[];

type Work<Words extends readonly TypedWord[], Options> = (
  world: CommandWorld,
  words: Words,
  options: Options,
) => Promise<Answer | undefined>;

/**
 * The action of such a command. `Words` are its arguments, in their order; `Options` those it has beside the common ones. Without an
 * answer nothing is printed: it has written what was asked.
 */
export function withDatabase<Words extends readonly TypedWord[], Options = object>(work: Work<Words, Options>) {
  return async (...given: unknown[]): Promise<void> => {
    const command = given.at(-1) as Command;
    const { config: file, json, progress: wantsLines } = command.opts<{ config?: string; json?: boolean; progress?: boolean }>();
    const config = loadConfig(file === undefined ? {} : { file });
    const typed = await readTyped(command);
    const opening = openForCommand(config);
    const interruption = new AbortController();
    let sayFinished = () => {};
    const finished = new Promise<void>((resolve) => {
      sayFinished = resolve;
    });
    const forget = closeOnSignal(opening, interruption, finished);
    const progress = progressFor({ json: json === true, progress: wantsLines === true });
    try {
      const database = await opening;
      const world = { config, db: database.db, now: new Date(), progress, signal: interruption.signal };
      // As the command declares them: commander has checked how many there are.
      const answer = await work(world, typed.words as unknown as Words, typed.options as Options);
      progress.end();
      if (answer) printAnswer(answer, json === true);
      if (answer?.isRefused) process.exitCode = exitCodes.refused;
    } finally {
      progress.end();
      sayFinished();
      await opening.then((database) => database.close());
      forget();
    }
  };
}

/** How long what a command had to say is waited for, once the database it asks is closed. */
const lastWordsMs = 1000;

// A server started for this command alone must not be left behind by Ctrl-C, even while it starts. Closing waits for the statements under
// way; a work that heeds the signal ends there, and says so. The signal then does what it always does.
function closeOnSignal(opening: Promise<OpenDatabase>, interruption: AbortController, finished: Promise<void>): () => void {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const onSignal = (signal: NodeJS.Signals) => {
    interruption.abort();
    void opening
      .then((database) => database.close())
      .then(() => Promise.race([finished, delay(lastWordsMs)]))
      .catch(() => undefined)
      .then(() => process.kill(process.pid, signal));
  };
  for (const signal of signals) process.once(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}
