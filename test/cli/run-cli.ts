// The real command in a process of its own, as an operator starts it.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What came of a command. */
export type CommandRun = { readonly exitCode: number | null; readonly out: string; readonly err: string };

/** How a command is run: what it finds in its environment, and on its standard input. */
export type CliOptions = { readonly environment: Readonly<Record<string, string>>; readonly typed?: string };

const script = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** Starts `passerelle <words>` and lets it wait for its input. */
export function startCli(words: readonly string[], environment: Readonly<Record<string, string>>): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, ['--import', 'tsx', script, ...words], { env: { ...process.env, ...environment } });
}

/** Runs `passerelle <words>`. */
export function runCli(words: readonly string[], { environment, typed = '' }: CliOptions): Promise<CommandRun> {
  return new Promise((resolve, reject) => {
    const child = startCli(words, environment);
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    // A command that needs no input may end before it was given any.
    child.stdin.on('error', () => undefined);
    child.stdin.end(typed);
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, out, err }));
  });
}
