// Keeps a key and its certificate in two files of a private folder, and says when they have to be made anew.
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Credential } from './issue-credential.ts';

/** A credential with the public key of its certificate, to check what it has signed. */
export type KeptCredential = { readonly credential: Credential; readonly publicKey: KeyObject };

/** Renewed this long before the end. */
const renewalMs = 30 * 86_400_000;

/** Reads `<name>.key` and `<name>.crt`; makes and stores them when missing, damaged, near their end or no longer usable. */
export async function keepCredential(options: {
  readonly folder: string;
  /** A file name without its extension; characters that are not safe in one are replaced. */
  readonly name: string;
  readonly now: Date;
  readonly isUsable: (certificate: X509Certificate) => boolean;
  readonly make: () => Promise<Credential>;
}): Promise<KeptCredential> {
  const base = join(options.folder, options.name.replace(/[^A-Za-z0-9.-]/g, '_'));
  const kept = await read(base);
  if (kept) {
    const certificate = new X509Certificate(kept.cert);
    const isFresh = new Date(certificate.validTo).getTime() - renewalMs > options.now.getTime();
    if (isFresh && options.isUsable(certificate)) return { credential: kept, publicKey: certificate.publicKey };
  }
  const made = await options.make();
  // The certificate comes last: a crash between the two leaves a pair that does not match, which read() takes for missing.
  await write(`${base}.key`, made.key);
  await write(`${base}.crt`, made.cert);
  return { credential: made, publicKey: new X509Certificate(made.cert).publicKey };
}

async function read(base: string): Promise<Credential | undefined> {
  try {
    const [key, cert] = await Promise.all([readFile(`${base}.key`, 'utf8'), readFile(`${base}.crt`, 'utf8')]);
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)) ? { key, cert } : undefined;
  } catch (error) {
    // A folder that may not be read is the operator's to repair: making a new authority over it would hide that.
    if (error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM')) throw error;
    return undefined;
  }
}

async function write(file: string, text: string): Promise<void> {
  const temporary = `${file}.new`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.chmod(0o600);
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}
