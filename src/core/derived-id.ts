// Ids drawn from what the work is about: owing the same work twice adds one row, whoever owes it, whenever.
import { createHash } from 'node:crypto';

/** A UUID version 8 (RFC 9562 §5.8). The same words in the same order always give the same id. */
export function derivedId(words: readonly (string | number)[]): string {
  const bytes = createHash('sha256').update(JSON.stringify(words)).digest().subarray(0, 16);
  bytes[6] = 0x80 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
