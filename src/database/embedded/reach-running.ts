// The server that a running gateway has started, reached by what lies in its data folder. Nothing is opened wider for it:
// whoever may read the password's file and pass through the socket's folder is the gateway's own account, or root.
import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from '../connect.ts';
import { clusterFolder, passwordFileOf, serverUser } from './cluster.ts';
import { readPostmasterFile } from './postmaster-file.ts';
import { EmbeddedStartError } from './start-error.ts';

/**
 * The way to the server of a data folder that another process holds; undefined while it is not ready. It may be gone by the time
 * the way is taken. Throws EmbeddedStartError when this account may not read what the folder holds.
 */
export async function reachRunningServer(dataDir: string): Promise<ConnectionOptions | undefined> {
  try {
    const [{ socketFolder, port, isReady }, password] = await Promise.all([
      readPostmasterFile(clusterFolder(dataDir)),
      readFile(passwordFileOf(dataDir), 'utf8'),
    ]);
    return isReady ? { host: socketFolder, port, user: serverUser, password: password.trim(), database: 'postgres' } : undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
    throw new EmbeddedStartError(`Only the account that runs Passerelle may use the database of ${dataDir}: run this under that account`);
  }
}
