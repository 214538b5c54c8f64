// Words that need not stand in a shell history: `-` for an argument is the next line of the standard input, for an option all that is
// left of it. Read before the database is opened: nobody waits for a person who types.

import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { UsageError } from './failures.ts';

/** The arguments and options of a command with every `-` replaced. Throws UsageError when the input ends too early. */
export async function readTyped(command: Command): Promise<{ readonly words: unknown[]; readonly options: Record<string, unknown> }> {
  const words: unknown[] = [...command.processedArgs];
  const options: Record<string, unknown> = { ...command.opts() };
  if (![...words, ...Object.values(options)].includes('-')) return { words, options };
  const reader = createInterface({ input: process.stdin });
  try {
    const lines = reader[Symbol.asyncIterator]();
    for (const [at, word] of words.entries()) {
      if (word !== '-') continue;
      const name = command.registeredArguments[at]?.name() ?? '';
      ask(name);
      const line = await lines.next();
      if (line.done === true) throw new UsageError(`Rien à lire sur l’entrée standard : <${name}> y est attendu.`);
      words[at] = line.value.trim();
    }
    for (const [name, value] of Object.entries(options)) {
      if (value !== '-') continue;
      ask(`${name} (Ctrl-D pour finir)`);
      const rest: string[] = [];
      for (let line = await lines.next(); line.done !== true; line = await lines.next()) rest.push(line.value);
      options[name] = rest.join('\n');
    }
    return { words, options };
  } finally {
    reader.close();
    // An input left open would keep the process alive.
    process.stdin.destroy();
  }
}

function ask(name: string): void {
  if (process.stdin.isTTY) process.stderr.write(`${name} : `);
}
