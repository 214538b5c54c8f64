// Reads a Dockerfile of the few instructions ours is made of, and plays it in plain folders: one per stage, no container engine needed.
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** One instruction: `COPY`, and the rest of its line. */
export type Instruction = { readonly name: string; readonly rest: string };

/** A stage: the image it starts from, its name when it has one, what it does. */
export type Stage = { readonly image: string; readonly name: string; readonly instructions: readonly Instruction[] };

/** What a played stage leaves: its root folder, the folder it ends in, its variables and its command. */
export type Played = {
  readonly root: string;
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly command: readonly string[];
};

/** The stages of a Dockerfile without line continuations. */
export async function readDockerfile(file: string): Promise<Stage[]> {
  const stages: { image: string; name: string; instructions: Instruction[] }[] = [];
  for (const line of (await readFile(file, 'utf8')).split('\n')) {
    const found = /^([A-Z]+)\s+(.*)$/.exec(line.trim());
    if (!found) continue;
    const [, name = '', rest = ''] = found;
    if (name !== 'FROM') stages.at(-1)?.instructions.push({ name, rest });
    else stages.push({ image: rest.split(' ')[0] ?? '', name: /\bAS (\S+)/.exec(rest)?.[1] ?? '', instructions: [] });
  }
  return stages;
}

/** The variables that ENV gives, with all stages together. */
export function variablesOf(stages: readonly Stage[]): Record<string, string> {
  const envs = stages.flatMap(({ instructions }) => instructions.filter(({ name }) => name === 'ENV'));
  return Object.fromEntries(envs.flatMap(({ rest }) => rest.split(/\s+/).map((pair) => pair.split('=', 2) as [string, string])));
}

/**
 * Plays the stages under `folder`, copying from `context` what the Dockerfile copies. An absolute path is taken inside the stage's root.
 * Who owns a file is not played: everything belongs to whoever runs this. Throws at the first step that fails.
 */
export async function playStages(stages: readonly Stage[], context: string, folder: string): Promise<Played> {
  const played = new Map<string, Played>();
  let last: Played | undefined;
  for (const [index, stage] of stages.entries()) {
    last = await playStage(stage, context, join(folder, stage.name || String(index)), played);
    played.set(stage.name, last);
  }
  if (!last) throw new Error('The Dockerfile has no stage');
  return last;
}

async function playStage(stage: Stage, context: string, root: string, earlier: ReadonlyMap<string, Played>): Promise<Played> {
  let workdir = root;
  let command: string[] = [];
  for (const { name, rest } of stage.instructions) {
    if (name === 'WORKDIR') {
      workdir = join(root, rest);
      await mkdir(workdir, { recursive: true });
    } else if (name === 'COPY') await copy(rest, { context, root, workdir, earlier });
    else if (name === 'RUN') await run('sh', ['-c', rest], { cwd: workdir, maxBuffer: 64 * 1024 * 1024 });
    else if (name === 'CMD') command = JSON.parse(rest) as string[];
    else if (!['ENV', 'USER', 'EXPOSE', 'VOLUME', 'HEALTHCHECK'].includes(name)) throw new Error(`${name} cannot be played`);
  }
  return { root, workdir, env: variablesOf([stage]), command };
}

type Places = { context: string; root: string; workdir: string; earlier: ReadonlyMap<string, Played> };

async function copy(rest: string, { context, root, workdir, earlier }: Places): Promise<void> {
  const words = rest.split(/\s+/);
  const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
  const paths = words.filter((word) => !word.startsWith('--'));
  const to = paths.pop() ?? '.';
  const target = to.startsWith('/') ? join(root, to) : join(workdir, to);
  const source = from === undefined ? context : earlier.get(from)?.root;
  if (source === undefined) throw new Error(`No stage ${from}`);
  for (const path of paths) {
    // As Docker does: a file goes into a folder whose name ends with a slash, a folder's content becomes the target.
    const isInto = to.endsWith('/') || to === '.';
    const into = isInto && !(await isFolder(join(source, path))) ? join(target, relative(dirname(path), path)) : target;
    await mkdir(dirname(into), { recursive: true });
    await cp(join(source, path), into, { recursive: true, verbatimSymlinks: true });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path)).isDirectory();
}
