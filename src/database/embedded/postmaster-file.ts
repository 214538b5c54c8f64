// What a running server says of itself in its data folder, line by line, as pg_ctl reads it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The lines of `postmaster.pid` that matter here. */
export type PostmasterFile = {
  readonly pid: number;
  readonly port: number;
  readonly socketFolder: string;
  /** It takes connections. */
  readonly isReady: boolean;
};

/** Reads the file; rejects when there is none, or it may not be read. A server that was killed leaves its file behind. */
export async function readPostmasterFile(data: string): Promise<PostmasterFile> {
  const [pid, , , port, socketFolder = '', , , state = ''] = (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n');
  return { pid: Number(pid), port: Number(port), socketFolder, isReady: state.trim() === 'ready' };
}
