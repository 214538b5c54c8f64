// Folders the server's account must reach.
import { chmod, mkdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { ServerAccount } from './account.ts';
import { EmbeddedStartError, inOneLine } from './start-error.ts';

/**
 * Makes `folder` and its missing parents. When the server runs under another account, that account may pass through
 * `folder` (not list it), and a parent that bars the way is named in the error.
 */
export async function makeReachable(folder: string, account: ServerAccount): Promise<void> {
  const path = resolve(folder);
  try {
    await mkdir(path, { recursive: true, mode: account.ours ? 0o700 : 0o711 });
    if (!account.ours) await chmod(path, ((await stat(path)).mode & 0o777) | 0o111);
  } catch (error) {
    throw new EmbeddedStartError(`Cannot use the folder ${path}: ${inOneLine(error)}`, { cause: error });
  }
  if (account.ours) return;
  for (let parent = dirname(path); ; parent = dirname(parent)) {
    if (!mayPass(await stat(parent), account)) {
      throw new EmbeddedStartError(
        `As root, PostgreSQL runs under the account nobody, which may not pass through ${parent}: choose another data folder, for example PASSERELLE_DATA_DIR=/var/lib/passerelle`,
      );
    }
    if (parent === dirname(parent)) return;
  }
}

function mayPass(folder: { mode: number; uid: number; gid: number }, account: ServerAccount): boolean {
  if (folder.uid === account.uid) return (folder.mode & 0o100) !== 0;
  if (folder.gid === account.gid) return (folder.mode & 0o010) !== 0;
  return (folder.mode & 0o001) !== 0;
}

/** `name` inside `folder`, absolute. */
export function inside(folder: string, name: string): string {
  return join(resolve(folder), name);
}
