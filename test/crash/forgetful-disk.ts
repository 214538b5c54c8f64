// A disk that keeps only what was synced: compiles power-cut.c, gives gateways the environment that loads it, and puts the data folder into
// the state a power cut leaves. Linux, with a C compiler.
import { execFile } from 'node:child_process';
import { chmod, chown, copyFile, lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { GatewayHome } from '../support/gateway-process.ts';

const run = promisify(execFile);
const source = fileURLToPath(new URL('./power-cut.c', import.meta.url));

/** A sync that the disk forgets: of the files below a folder, or of that folder and those below it. */
export type Forgets = { readonly filesBelow?: string; readonly foldersBelow?: string };

/** A home's data folder on a disk that forgets. */
export class ForgetfulDisk {
  readonly #home: GatewayHome;
  readonly #library: string;
  readonly #image: string;

  private constructor(home: GatewayHome, library: string) {
    this.#home = home;
    this.#library = library;
    this.#image = join(home.folder, 'image');
  }

  /** Compiles the library into the home. */
  static async make(home: GatewayHome): Promise<ForgetfulDisk> {
    if (process.platform !== 'linux') throw new Error('The power-cut test needs Linux: it preloads a library and reads /proc');
    const library = join(home.folder, 'power-cut.so');
    await run('cc', ['-O2', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC', '-o', library, source]);
    return new ForgetfulDisk(home, library);
  }

  /** The environment of a gateway that writes to this disk. */
  environment(forgets: Forgets = {}): Record<string, string> {
    return {
      LD_PRELOAD: this.#library,
      POWER_CUT_ROOT: this.#home.data,
      POWER_CUT_IMAGE: this.#image,
      POWER_CUT_FORGETS_FILES: forgets.filesBelow ?? '',
      POWER_CUT_FORGETS_FOLDERS: forgets.foldersBelow ?? '',
      // Syncs that go past the C library would not be seen.
      UV_USE_IO_URING: '0',
    };
  }

  /** The data folder as it is now is durable: after an orderly stop, or before the first start. No gateway may be running. */
  async settle(): Promise<void> {
    await rm(this.#image, { recursive: true, force: true });
    await mkdir(this.#image);
    // Writable by PostgreSQL's account too, whatever the umask.
    await chmod(this.#image, 0o777);
    await mkdir(this.#home.data, { recursive: true, mode: 0o755 });
    // sync(1) syncs each file it is given, through the library.
    await run('find', [this.#home.data, '!', '-type', 's', '-exec', 'sync', '{}', '+'], { env: { ...process.env, ...this.environment() } });
  }

  /** Makes the data folder anew from the image alone. Every process that wrote to it must be gone. */
  async cutPower(): Promise<void> {
    const { data } = this.#home;
    const rebuilt = `${data}.rebuilt`;
    const { birthtimeNs, ino, mode } = await lstat(data, { bigint: true });
    await mkdir(rebuilt, { mode: Number(mode & 0o7777n) });
    await this.#restoreFolder(`${ino}-${birthtimeNs}`, rebuilt);
    await rm(data, { recursive: true });
    await rename(rebuilt, data);
  }

  async #restoreFolder(key: string, folder: string): Promise<void> {
    // Never synced: it has no names yet.
    const names = await readFile(join(this.#image, `${key}.names`), 'utf8').catch(absent);
    for (const line of names?.split('\n').slice(0, -1) ?? []) {
      const [, kind, entryKey, mode, uid, gid, name] = /^([fd]) (\S+) (\d+) (\d+) (\d+) (.+)$/.exec(line) ?? [];
      if (entryKey === undefined || mode === undefined || name === undefined)
        throw new Error(`The image has a line that cannot be read: ${line}`);
      const path = join(folder, name);
      if (kind === 'd') {
        await mkdir(path);
        await this.#restoreFolder(entryKey, path);
      } else if ((await copyFile(join(this.#image, entryKey), path).then(() => '', absent)) === undefined) {
        // Its name was synced, its bytes never were.
        await writeFile(path, '');
      }
      if (process.getuid?.() === 0) await chown(path, Number(uid), Number(gid));
      await chmod(path, Number.parseInt(mode, 8));
    }
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}
