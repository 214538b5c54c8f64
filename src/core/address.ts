// A mail address in its canonical form: what the directory, the register and the envelope all compare.
// MSSanté addresses are ASCII and case-insensitive in practice, so the canonical form is lower case. RFC 5321 §4.1.2.

declare const addressBrand: unique symbol;

/** `local@domain`, lower case, at most 254 bytes. Build one only with parseAddress(). */
export type Address = string & { readonly [addressBrand]: true };

const atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const label = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
const addressShape = new RegExp(`^(${atom}(?:\\.${atom})*)@(${label}(?:\\.${label})+)$`);

/** Reads `local@domain` without angle brackets; undefined when it is not an address this space can carry. */
export function parseAddress(text: string): Address | undefined {
  const match = addressShape.exec(text.trim());
  if (!match || text.length > 254 || (match[1] ?? '').length > 64) return undefined;
  return text.trim().toLowerCase() as Address;
}

/** The part before the at sign. */
export function localPart(address: Address): string {
  return address.slice(0, address.lastIndexOf('@'));
}

/** The part after the at sign, lower case. */
export function domainOf(address: Address): string {
  return address.slice(address.lastIndexOf('@') + 1);
}
