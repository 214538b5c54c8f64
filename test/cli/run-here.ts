// A command in the process of the test, for those that are many: a process of its own costs a second. Nothing can be typed into it.
import { failureOf } from '../../src/cli/failures.ts';
import { createProgram } from '../../src/cli/program.ts';
import type { CommandRun } from './run-cli.ts';

/** Runs `passerelle <words>` as main.ts does, and hands back what it wrote. One at a time. */
export async function runHere(words: readonly string[], environment: Readonly<Record<string, string>>): Promise<CommandRun> {
  const said = { out: '', err: '' };
  const before = { out: process.stdout.write, err: process.stderr.write, environment: process.env, exitCode: process.exitCode };
  const into = (stream: keyof typeof said) => (text: string | Uint8Array) => {
    said[stream] += String(text);
    return true;
  };
  process.stdout.write = into('out') as typeof process.stdout.write;
  process.stderr.write = into('err') as typeof process.stderr.write;
  process.env = { ...process.env, ...environment };
  process.exitCode = 0;
  try {
    await createProgram().parseAsync(words, { from: 'user' });
    return { ...said, exitCode: Number(process.exitCode) };
  } catch (error) {
    const { line, exitCode } = failureOf(error);
    return { out: said.out, err: `${said.err}${line}`, exitCode };
  } finally {
    process.stdout.write = before.out;
    process.stderr.write = before.err;
    process.env = before.environment;
    process.exitCode = before.exitCode;
  }
}
