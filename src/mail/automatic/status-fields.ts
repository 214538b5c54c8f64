// Fields of the machine-readable part of a report: one line of printable ASCII each, whatever the value holds.
// RFC 3464 §2.1, RFC 8098 §3.1.1: unstructured values of strangers stand in them.

const maxValue = 800;

/** `Name: value`, without its line end. Line breaks become a space, what is not printable ASCII a question mark. */
export function statusField(name: string, value: string): string {
  return `${name}: ${value
    .slice(0, maxValue)
    .replace(/\s+/g, ' ')
    .replace(/[^\x20-\x7e]/gu, '?')
    .trim()}`;
}

/** The field of a typed address (`rfc822;name@domain`), or nothing when the value is none. RFC 3464 §2.3.1. */
export function addressField(name: string, value: string | undefined): string[] {
  const match = /^\s*([A-Za-z0-9-]{1,32})\s*;\s*(\S.*)$/s.exec(value ?? '');
  return match ? [statusField(name, `${match[1]};${match[2]}`)] : [];
}
