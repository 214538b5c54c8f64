// The DMP in a process of its own, for tests that kill it: same port and same folder from one life to the next.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Credential } from '../../certs/issue-credential.ts';
import type { DmpUrls } from '../../src/demo/dmp-server/dmp-server.ts';
import type { HeldDocument } from '../../src/demo/dmp-server/holdings.ts';

const program = fileURLToPath(new URL('../../src/demo/dmp-server/main.ts', import.meta.url));

/** As Behaviour of the server; `seed` stands for its source of numbers. */
export type DmpMood = { down?: boolean; slowMs?: number; errorRate?: number; seed?: number; answerThenCut?: boolean };

/** A DMP in its process; its methods are the server's, over the control port. */
export type DmpProcess = {
  readonly urls: DmpUrls;
  readonly folder: string;
  openRecord(matricule: string, status: 'active' | 'closed'): Promise<void>;
  behave(mood: DmpMood): Promise<void>;
  holds(): Promise<readonly HeldDocument[]>;
  capture(folder: string): Promise<void>;
  /** SIGKILL, and resolves when it is gone. */
  kill(): Promise<void>;
  /** After kill(): on the same port, with what the folder holds; well-behaved. */
  startAgain(): Promise<void>;
};

/** Starts one, in a folder that goes when the test ends, process included. */
export async function startDmpProcess(stage: {
  readonly server: Credential;
  readonly authority: { readonly certificate: string };
}): Promise<DmpProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'dmp-process-'));
  const files = { key: join(folder, 'server.key'), cert: join(folder, 'server.crt'), authority: join(folder, 'authority.crt') };
  await writeFile(files.key, stage.server.key, { mode: 0o600 });
  await writeFile(files.cert, stage.server.cert);
  await writeFile(files.authority, stage.authority.certificate);
  const start = (ports: readonly string[]) =>
    launch([...Object.entries(files).flatMap(([name, file]) => [`--${name}`, file]), '--folder', folder, ...ports]);
  let life = await start([]);
  const { urls, control } = life;
  const kill = async () => {
    if (life.child.exitCode !== null || life.child.signalCode !== null) return;
    const gone = once(life.child, 'exit');
    life.child.kill('SIGKILL');
    await gone;
  };
  onTestFinished(async () => {
    await kill();
    await rm(folder, { recursive: true, force: true });
  });
  const tell = async (path: string, message: object) => {
    const { status } = await fetch(`${control}${path}`, { method: 'POST', body: JSON.stringify(message) });
    if (status !== 204) throw new Error(`The DMP's control answered ${status} to ${path}`);
  };
  return {
    urls,
    folder,
    openRecord: (matricule, status) => tell('/records', { matricule, status }),
    behave: (mood) => tell('/behaviour', mood),
    capture: (into) => tell('/capture', { folder: into }),
    holds: async () => (await (await fetch(`${control}/documents`)).json()) as readonly HeldDocument[],
    kill,
    startAgain: async () => {
      life = await start(['--port', new URL(urls.page).port, '--control-port', new URL(control).port]);
    },
  };
}

async function launch(args: readonly string[]): Promise<{ child: ChildProcess; urls: DmpUrls; control: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => undefined)]);
  if (!first) throw new Error('The DMP ended before it answered');
  return { child, ...(JSON.parse(String(first[0])) as { urls: DmpUrls; control: string }) };
}
