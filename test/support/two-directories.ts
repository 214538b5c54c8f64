// The same address book twice: behind our LDAP door, and in Debian's slapd, which loads what the door's own entries are made of. What is
// asked of both goes through the same client, which is neither's.
import { Client, type Filter, ResultCodeError } from 'ldapts';
import { searchBook } from '../../directory/book/search-book.ts';
import { allMigrations } from '../../src/all-migrations.ts';
import { type Address, parseAddress } from '../../src/core/address.ts';
import { baseEntry, patientsEntry, professionalsEntry } from '../../src/ldap/entries/container-entries.ts';
import type { LdapEntry } from '../../src/ldap/entries/entry.ts';
import { professionalEntry } from '../../src/ldap/entries/professional-entry.ts';
import { LdapServer } from '../../src/ldap/ldap-server.ts';
import { isOperational } from '../../src/ldap/schema/known-names.ts';
import { Tree } from '../../src/ldap/tree.ts';
import { createTestDatabase } from './database.ts';
import { fillBook } from './fictional-book.ts';
import { ldifOf } from './ldif.ts';
import { schemaFile } from './region.ts';
import { startSlapd } from './slapd.ts';
import { testCertificate } from './tls.ts';

/** The root of both. */
export const bookBase = 'o=mssante,c=fr';

/** A question to a directory. */
export type BookQuestion = {
  readonly base: string;
  readonly scope: 'base' | 'one' | 'sub';
  readonly filter: Filter;
  readonly attributes?: readonly string[];
  readonly typesOnly?: boolean;
  /** Entries a page; all in one answer without it. */
  readonly pageSize?: number;
  readonly sizeLimit?: number;
};

/** Entries as text, in the order of their names, so that two answers can be compared; or the number of a refusal. */
export type BookAnswer = readonly string[] | { readonly refused: number };

/** Both, and what they hold. */
export type TwoDirectories = {
  readonly entries: readonly LdapEntry[];
  askOurs(question: BookQuestion): Promise<BookAnswer>;
  askSlapd(question: BookQuestion): Promise<BookAnswer>;
  close(): Promise<void>;
};

/** Fills and opens both, with `count` professionals. */
export async function openTwoDirectories(count: number): Promise<TwoDirectories> {
  const database = await createTestDatabase(allMigrations);
  await fillBook(database.db, count);
  const tree = new Tree(bookBase, 'patient.mssante.fr');
  const page = await searchBook(database.db, { filter: { is: 'true' }, limit: 10_000, timeLimitMs: 60_000 });
  if (page === 'too-long') throw new Error('The book could not be read');
  const entries = [
    baseEntry(tree),
    professionalsEntry(tree),
    patientsEntry(tree),
    ...page.entries.map((box) => professionalEntry(tree, box)),
  ];
  const slapd = await startSlapd({ ldif: entries.map(toLdif).join(''), suffix: bookBase, schemas: [schemaFile] });
  const door = new LdapServer({
    db: database.db,
    authenticate: async () => ({ address: asker, mailboxId: 1 }),
    watchAccount: () => () => undefined,
    citizensDomain: 'patient.mssante.fr',
    events: {
      connectionOpened: () => undefined,
      connectionClosed: () => undefined,
      bound: () => undefined,
      operationFailed: (operation, error) => {
        throw new Error(operation, { cause: error });
      },
    },
    clock: () => new Date(),
    baseDn: bookBase,
    tls: testCertificate(),
    limits: { maxEntries: 10_000, searchTimeLimitMs: 60_000 },
  });
  const { tlsPort } = await door.listen({ host: '127.0.0.1', startTlsPort: 0, tlsPort: 0 });
  const ours = new Client({ url: `ldaps://localhost:${tlsPort}`, tlsOptions: { ca: testCertificate().cert } });
  await ours.bind(asker, 'fictif');
  const theirs = new Client({ url: slapd.url });
  return {
    entries,
    askOurs: (question) => ask(ours, question),
    askSlapd: (question) => ask(theirs, question),
    async close() {
      await Promise.all([ours.unbind(), theirs.unbind()]);
      await Promise.all([door.close(), slapd.stop(), database.close()]);
    },
  };
}

const asker = parseAddress('lecteur@medecin.test.mssante.fr') as Address;

async function ask(client: Client, question: BookQuestion): Promise<BookAnswer> {
  const { base, scope, filter, attributes = [], typesOnly = false, pageSize, sizeLimit } = question;
  try {
    const { searchEntries } = await client.search(base, {
      scope,
      filter,
      attributes: [...attributes],
      returnAttributeValues: !typesOnly,
      ...(pageSize !== undefined && { paged: { pageSize } }),
      ...(sizeLimit !== undefined && { sizeLimit }),
    });
    return searchEntries.map(({ dn, ...rest }) => inOneText(dn, rest)).sort();
  } catch (error) {
    if (error instanceof ResultCodeError) return { refused: error.code };
    throw error;
  }
}

/** Neither the order of attributes and values nor the way a name is escaped means anything. RFC 4511 §4.1.7, RFC 4514 §3. */
function inOneText(dn: string, attributes: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(attributes).map(([name, values]) => {
    const type = name.toLowerCase();
    const texts = [values].flat().map(String);
    return [type, texts.map((text) => (type === 'entrydn' ? spelled(text) : text)).sort()] as const;
  });
  return JSON.stringify([spelled(dn), parts.sort(([a], [b]) => (a < b ? -1 : 1))]);
}

function spelled(dn: string): string {
  return dn.replace(/\\([0-9a-f]{2})/gi, (_, hex: string) => `\\${String.fromCharCode(Number.parseInt(hex, 16))}`).toLowerCase();
}

/** Operational attributes are slapd's own to write. */
function toLdif({ dn, attributes }: LdapEntry): string {
  const kept = attributes.filter(({ name }) => !isOperational(name));
  return ldifOf(dn, Object.fromEntries(kept.map(({ name, values }) => [name, values])));
}
