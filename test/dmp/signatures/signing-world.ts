// A structure with a certificate of the development authority, loaded as the gateway loads it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DevAuthority, openDevAuthority } from '../../../certs/dev-authority.ts';
import { loadCredential, type SigningCredential } from '../../../src/dmp/signatures/credential.ts';

/** Names that try to break out of a distinguished name and of XML. */
export const structure = { id: '1990001018', name: 'Clinique des "Peupliers", <nord> & fils', sector: 'SA04' };

/** Test INS. domain.md §9. */
export const patient = { matricule: '279035121518989', oid: '1.2.250.1.213.1.4.10' };

export type SigningWorld = {
  readonly folder: string;
  readonly authority: DevAuthority;
  readonly credential: SigningCredential;
  /** Writes a file of the folder and says where it is. */
  file(name: string, content: string): Promise<string>;
  close(): Promise<void>;
};

export async function openSigningWorld(now: () => Date = () => new Date()): Promise<SigningWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-signing-'));
  const authority = await openDevAuthority(join(folder, 'authority'), now);
  const issued = await authority.structureCredential({ structureId: structure.id, name: structure.name });
  const file = async (name: string, content: string) => {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  };
  const files = { certificateFile: await file('dmp.pem', issued.cert), keyFile: await file('dmp.key', issued.key) };
  return { folder, authority, credential: await loadCredential(files, now()), file, close: () => rm(folder, { recursive: true }) };
}
