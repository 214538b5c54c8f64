// A command in the process of the test, for those that are many: a process of its own costs two seconds.
import { Readable } from 'node:stream';
import { failureOf } from '../../src/cli/failures.ts';
import { createProgram } from '../../src/cli/program.ts';
import type { CliOptions, CommandRun } from './run-cli.ts';

let last: Promise<unknown> = Promise.resolve();

/** Runs `passerelle <words>` as main.ts does, and hands back what it wrote. `typed` is its standard input. One runs after the other. */
export function runHere(words: readonly string[], options: CliOptions): Promise<CommandRun> {
  const run = last.then(() => runAlone(words, options));
  last = run.catch(() => undefined);
  return run;
}

async function runAlone(words: readonly string[], { environment, typed = '' }: CliOptions): Promise<CommandRun> {
  const said = { out: '', err: '' };
  const before = { out: process.stdout.write, err: process.stderr.write, environment: process.env, exitCode: process.exitCode };
  const into = (stream: keyof typeof said) => (text: string | Uint8Array) => {
    said[stream] += String(text);
    return true;
  };
  process.stdout.write = into('out') as typeof process.stdout.write;
  process.stderr.write = into('err') as typeof process.stderr.write;
  process.env = { ...process.env, ...environment };
  const stdin = Object.getOwnPropertyDescriptor(process, 'stdin') as PropertyDescriptor;
  Object.defineProperty(process, 'stdin', { configurable: true, value: Readable.from(typed === '' ? [] : [Buffer.from(typed)]) });
  process.exitCode = 0;
  try {
    await createProgram().parseAsync(words, { from: 'user' });
    return { ...said, exitCode: Number(process.exitCode) };
  } catch (error) {
    const { line, exitCode } = failureOf(error);
    return { out: said.out, err: `${said.err}${line}${line === '' ? '' : '\n'}`, exitCode };
  } finally {
    process.stdout.write = before.out;
    process.stderr.write = before.err;
    process.env = before.environment;
    process.exitCode = before.exitCode;
    Object.defineProperty(process, 'stdin', stdin);
  }
}
