// The key of every password's hash: a file beside the database, never in it.
import { randomBytes } from 'node:crypto';
import { link, open, readFile, rm } from 'node:fs/promises';

const pepperShape = /^[0-9a-f]{64}$/;

/** Reads the pepper (32 bytes, as 64 hexadecimal digits); makes the file, readable by its owner alone, when there is none. */
export async function loadPepper(file: string): Promise<Buffer> {
  const text = (await readIfPresent(file)) ?? (await createPepper(file));
  if (!pepperShape.test(text.trim())) throw new Error('The pepper file must hold 64 hexadecimal digits');
  return Buffer.from(text.trim(), 'hex');
}

async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

// Linked into place once whole: of two gateways that start together, the second reads what the first wrote.
async function createPepper(file: string): Promise<string> {
  const draft = `${file}.${process.pid}.part`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(`${randomBytes(32).toString('hex')}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(file, 'utf8');
}
