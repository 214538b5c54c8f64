// Who an operator is: the common name of the certificate it shows, and the envelope domains bound to that name.
// The white list binds a domain to certificate names; several domains may share a name and the reverse. Requirements 7, 8, 9, 14.
import type { X509Certificate } from 'node:crypto';

/** Envelope domain, lower case → normalised certificate names. Build one only with makePeerTable(). */
export type PeerTable = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * The table from a configuration: domain → one name or several. Names and domains are normalised.
 * An empty domain or name is an Error: it would bind nothing, or everything.
 */
export function makePeerTable(bindings: Readonly<Record<string, string | readonly string[]>>): PeerTable {
  const table = new Map<string, ReadonlySet<string>>();
  for (const [domain, names] of Object.entries(bindings)) {
    const key = domain.trim().toLowerCase();
    const normalised = (typeof names === 'string' ? [names] : names).map(normaliseName);
    if (key === '' || normalised.length === 0 || normalised.includes('')) {
      throw new Error(`The peer table has an empty domain or certificate name (domain ${JSON.stringify(domain)})`);
    }
    table.set(key, new Set([...(table.get(key) ?? []), ...normalised]));
  }
  return table;
}

/**
 * The name a verified certificate presents: its one common name, normalised; undefined when it has none or several.
 * Says nothing about trust: the TLS layer has already checked the chain against the configured authority.
 */
export function peerName(certificate: X509Certificate): string | undefined {
  // One attribute per line, oldest first; a line break inside a value is escaped by OpenSSL, so it cannot forge a line.
  const names = certificate.subject.split('\n').filter((line) => line.startsWith('CN='));
  const [only] = names;
  if (only === undefined || names.length > 1) return undefined;
  return normaliseName(only.slice('CN='.length)) || undefined;
}

/** May this certificate name present this envelope domain? Exact match: a subdomain or a suffix is another domain. */
export function isPeerAllowed(domain: string, certificateName: string, table: PeerTable): boolean {
  return table.get(domain.toLowerCase())?.has(normaliseName(certificateName)) ?? false;
}

/** Is this certificate name bound to any domain at all? Enough for the null sender. Requirement 17. */
export function isPeerListed(certificateName: string, table: PeerTable): boolean {
  const name = normaliseName(certificateName);
  for (const names of table.values()) if (names.has(name)) return true;
  return false;
}

/** Lists and certificates differ in quotes, case and spaces, no-break ones included. */
function normaliseName(name: string): string {
  return name
    .replace(/[\s\u00a0]+/gu, ' ')
    .trim()
    .replace(/^"(.*)"$/u, '$1')
    .trim()
    .toLowerCase();
}
