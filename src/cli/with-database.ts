// The life of a command that asks the database: configuration, database, work, answer, and everything closed again.
import type { Command } from 'commander';
import { loadConfig } from '../config/load-config.ts';
import type { Config } from '../config/schema.ts';
import type { OpenDatabase } from '../database/open-database.ts';
import type { Db } from '../database/tables.ts';
import { type Answer, printAnswer } from './answer.ts';
import { openForCommand } from './open-for-command.ts';
import { readTyped } from './typed-input.ts';

/** What a command works with. */
export type CommandWorld = {
  readonly config: Config;
  readonly db: Db;
  readonly now: Date;
};

type Work<Words extends readonly (string | undefined)[], Options> = (
  world: CommandWorld,
  words: Words,
  options: Options,
) => Promise<Answer>;

/** The action of such a command. `Words` are its arguments, in their order; `Options` those it has beside the common ones. */
export function withDatabase<Words extends readonly (string | undefined)[], Options = object>(work: Work<Words, Options>) {
  return async (...given: unknown[]): Promise<void> => {
    const command = given.at(-1) as Command;
    const { config: file, json } = command.opts<{ config?: string; json?: boolean }>();
    const config = loadConfig(file === undefined ? {} : { file });
    const typed = await readTyped(command);
    const opening = openForCommand(config);
    const forget = closeOnSignal(opening);
    try {
      const database = await opening;
      const world = { config, db: database.db, now: new Date() };
      // As the command declares them: commander has checked how many there are.
      printAnswer(await work(world, typed.words as unknown as Words, typed.options as Options), json === true);
    } finally {
      await opening.then((database) => database.close());
      forget();
    }
  };
}

// A server started for this command alone must not be left behind by Ctrl-C, even while it starts. The signal then does what it always does.
function closeOnSignal(opening: Promise<OpenDatabase>): () => void {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const onSignal = (signal: NodeJS.Signals) =>
    void opening
      .then((database) => database.close())
      .catch(() => undefined)
      .then(() => process.kill(process.pid, signal));
  for (const signal of signals) process.once(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}
