// The key of every password's hash: a file beside the database, never in it.
import { randomBytes } from 'node:crypto';
import { readOrMakePrivateFile } from '../core/durable-files.ts';

const pepperShape = /^[0-9a-f]{64}$/;

/** Reads the pepper (32 bytes, as 64 hexadecimal digits); makes the file, readable by its owner alone, when there is none. */
export async function loadPepper(file: string): Promise<Buffer> {
  const text = await readOrMakePrivateFile(file, () => `${randomBytes(32).toString('hex')}\n`);
  if (!pepperShape.test(text.trim())) throw new Error('The pepper file must hold 64 hexadecimal digits');
  return Buffer.from(text.trim(), 'hex');
}
