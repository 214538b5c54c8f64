// Entries as slapd loads them. RFC 2849: every value in base64, so that it may hold anything.

/** Lines of one entry, and the empty line after it. */
export function ldifOf(dn: string, attributes: Readonly<Record<string, string | readonly string[]>>): string {
  const line = (name: string, value: string) => `${name}:: ${Buffer.from(value).toString('base64')}\n`;
  const lines = Object.entries(attributes).flatMap(([name, values]) => [values].flat().map((value) => line(name, value)));
  return `${line('dn', dn)}${lines.join('')}\n`;
}
