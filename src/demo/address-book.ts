// A mail program's address book in the story: ldapts over TLS, trusting the development authority alone.
import { Client, type Entry } from 'ldapts';
import type { Person } from './clients.ts';

/** Where the LDAP door is, and whom its certificate comes from. */
export type AddressBookDoor = { readonly host: string; readonly tlsPort: number; readonly baseDn: string; readonly authority: string };

/** What a mail program shows of an entry. */
export type Found = { readonly name: string; readonly mail: string | undefined; readonly about: readonly string[] };

/** What the server said when it did not answer the question: its own code (RFC 4511 §4.1.9). */
export type LdapRefusal = { readonly code: number };

/** Signs in as somebody of the story and asks one question, below the whole tree. `filter` is in the form of RFC 4515. */
export async function ask(door: AddressBookDoor, person: Person, filter: string): Promise<readonly Found[] | LdapRefusal> {
  const client = new Client({
    url: `ldaps://${door.host}:${door.tlsPort}`,
    tlsOptions: { ca: [door.authority], servername: 'localhost' },
    timeout: 10_000,
    connectTimeout: 10_000,
  });
  try {
    await client.bind(person.address, person.password);
    const { searchEntries } = await client.search(door.baseDn, { scope: 'sub', filter, sizeLimit: 20 });
    return searchEntries.map(found);
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'number') return { code: error.code };
    throw error;
  } finally {
    await client.unbind();
  }
}

function found(entry: Entry): Found {
  const about = [entry.mssSpeciality, entry.l, entry.mssBoxState].flatMap((value) => value ?? []).map(String);
  return { name: String(entry.cn), mail: entry.mail === undefined ? undefined : String(entry.mail), about };
}
