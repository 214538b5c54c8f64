// The keys that seal every blob's own key, versioned so that they can be replaced: the newest seals, all of them open.
// Kept in one file of mode 0600, one key a line: `<version> <64 hexadecimal digits>`; blank lines and `#` lines are skipped.
// Each blob's wrapping key is derived from the master key and the blob's id, so no master key ever meets a nonce twice.
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { readOrMakePrivateFile, replacePrivateFile } from '../../src/core/durable-files.ts';

const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** A blob's key as it is stored: nonce (12 bytes), sealed key (32), tag (16). */
export type WrappedKey = { readonly masterKeyVersion: number; readonly wrappedKey: Buffer };

/** The master keys in memory. Built by loadMasterKeys(). */
export class MasterKeys {
  readonly #keys: ReadonlyMap<number, KeyObject>;
  /** The version that seals what is stored from now on. */
  readonly currentVersion: number;

  constructor(keys: ReadonlyMap<number, Buffer>) {
    if (keys.size === 0) throw new Error('No master key');
    this.#keys = new Map([...keys].map(([version, key]) => [version, createSecretKey(key)]));
    this.currentVersion = Math.max(...keys.keys());
  }

  /** True when blobs sealed under this version can be opened. */
  has(version: number): boolean {
    return this.#keys.has(version);
  }

  /** Seals one blob's key under the current version. */
  wrap(blobId: string, key: Buffer): WrappedKey {
    const version = this.currentVersion;
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', this.#wrappingKey(version, blobId), nonce);
    cipher.setAAD(wrapContext(version, blobId));
    return { masterKeyVersion: version, wrappedKey: Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]) };
  }

  /** Opens one blob's key. Throws, naming the blob alone, when the version is absent or the bytes were changed. */
  unwrap(blobId: string, wrapped: WrappedKey): Buffer {
    const { masterKeyVersion: version, wrappedKey: bytes } = wrapped;
    if (!this.#keys.has(version)) throw new Error(`Master key version ${version} is missing, blob ${blobId} stays closed`);
    try {
      if (bytes.length !== nonceBytes + keyBytes + tagBytes) throw new RangeError('Wrong length');
      const decipher = createDecipheriv('aes-256-gcm', this.#wrappingKey(version, blobId), bytes.subarray(0, nonceBytes));
      decipher.setAAD(wrapContext(version, blobId));
      decipher.setAuthTag(bytes.subarray(nonceBytes + keyBytes));
      return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, nonceBytes + keyBytes)), decipher.final()]);
    } catch (cause) {
      throw new Error(`The key of blob ${blobId} does not open`, { cause });
    }
  }

  #wrappingKey(version: number, blobId: string): Buffer {
    const master = this.#keys.get(version);
    if (!master) throw new Error(`Master key version ${version} is missing`);
    // HKDF-Expand of one block (RFC 5869 §2.3), the master key being uniform already: an eighth of hkdfSync's time.
    return createHmac('sha256', master).update(`passerelle blob key ${blobId}`).update(Buffer.of(1)).digest();
  }
}

/** Reads the key file; makes it, with a first key, when it does not exist. Safe when several processes start at once. */
export async function loadMasterKeys(file: string): Promise<MasterKeys> {
  const warning = '# Master keys of the stored mail. Losing this file loses every letter: keep a copy elsewhere.\n';
  return new MasterKeys(parseMasterKeys(await readOrMakePrivateFile(file, () => warning + keyLine(1))));
}

/** Adds a key of the next version to the file: what is stored from the next load on is sealed with it. Returns the version. */
export async function addMasterKey(file: string): Promise<number> {
  const text = await readFile(file, 'utf8');
  const version = Math.max(...parseMasterKeys(text).keys()) + 1;
  await replacePrivateFile(file, `${text.trimEnd()}\n${keyLine(version)}`);
  return version;
}

/** Reads the lines of a key file. A line that cannot be read is named by its number, never quoted. */
export function parseMasterKeys(text: string): Map<number, Buffer> {
  const keys = new Map<number, Buffer>();
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, version, hex] = /^([1-9]\d{0,5}) ([0-9a-f]{64})$/.exec(line.trim()) ?? [];
    if (version === undefined || hex === undefined || keys.has(Number(version)))
      throw new Error(`Master key file: line ${index + 1} is not valid`);
    keys.set(Number(version), Buffer.from(hex, 'hex'));
  }
  return keys;
}

const keyLine = (version: number): string => `${version} ${randomBytes(keyBytes).toString('hex')}\n`;

const wrapContext = (version: number, blobId: string): Buffer => Buffer.from(`passerelle wrap ${version} ${blobId}`);
