// What a check is, and the two things most of them need: running a tool, and listing the project's own TypeScript files.
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top of the clone, with a final separator. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a check found. It passes when `problems` is empty; `note` is said beside the outcome either way. */
export type Outcome = { readonly problems: readonly string[]; readonly note?: string };

/** One check of `npm run check`. `name` is what the outcome line shows. */
export type Check = { readonly name: string; run(): Promise<Outcome> };

/** A source file: its path from the top with forward slashes, and its text. */
export type SourceFile = { readonly path: string; readonly text: string };

const sourceFolders = ['src', 'directory', 'mailboxes', 'policies', 'certs', 'test', 'scripts'];
const maxOutputBytes = 64 * 1024 * 1024;

/** A check that passes when a tool of node_modules exits 0; its output lines are the problems otherwise. */
export function toolCheck(name: string, tool: string, args: readonly string[]): Check {
  return {
    name,
    run: async () => {
      const { exitCode, output } = await runTool(tool, args);
      if (exitCode === 0) return { problems: [] };
      const lines = output.split('\n').filter((line) => line.trim() !== '');
      return { problems: lines.length > 0 ? lines : [`${tool} ended with exit code ${exitCode} and said nothing`] };
    },
  };
}

/** Runs a tool of node_modules/.bin from the top of the clone. Never throws: a tool that cannot start is an exit code of -1. */
export function runTool(tool: string, args: readonly string[]): Promise<{ exitCode: number; output: string; stdout: string }> {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' };
  return new Promise((resolve) => {
    const file = join(root, 'node_modules', '.bin', tool);
    execFile(file, args, { cwd: root, env, maxBuffer: maxOutputBytes }, (error, stdout, stderr) => {
      const exitCode = error ? (typeof error.code === 'number' ? error.code : -1) : 0;
      resolve({ exitCode, output: `${stdout}${stderr}${exitCode === -1 ? error?.message : ''}`, stdout });
    });
  });
}

/** Every TypeScript file the project wrote, in path order. */
export async function listSources(folders: readonly string[] = sourceFolders): Promise<SourceFile[]> {
  const paths = (await Promise.all(folders.map(listFolder))).flat().sort();
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(root, path), 'utf8') })));
}

async function listFolder(folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'));
}
