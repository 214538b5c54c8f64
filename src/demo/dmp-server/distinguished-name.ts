// Names in certificates: the structure a certificate is for, and names written in either order. RFC 4514, RFC 5280.
import type { X509Certificate } from 'node:crypto';

/** The structure's national identifier: `1` and its FINESS or `3` and its SIRET, as IGC-Santé writes it, in the organisational unit. */
export function structureOf(certificate: X509Certificate): string | undefined {
  const units = certificate.subject.split('\n').filter((line) => /^OU=(1\w{9}|3\d{14})$/.test(line));
  return units.length === 1 ? units[0]?.slice('OU='.length) : undefined;
}

/** Is `written` (`CN=a, OU=b` or `OU=b,CN=a`) the subject of the certificate? Order, case of the types and escapes do not count. */
export function isSubjectOf(certificate: X509Certificate, written: string): boolean {
  const wanted = certificate.subject.split('\n').map(normalised).sort();
  const given = written
    .split(/(?<!\\)[,+]/)
    .map(normalised)
    .sort();
  return wanted.join('\n') === given.join('\n');
}

function normalised(attribute: string): string {
  const at = attribute.indexOf('=');
  const value = attribute.slice(at + 1).replaceAll(/\\(.)/g, '$1');
  return `${attribute.slice(0, at).trim().toUpperCase()}=${value.trim()}`;
}
