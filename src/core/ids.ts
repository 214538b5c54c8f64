// Identifiers that sort by time, so that indexes grow at one end. RFC 9562 §5.7 (UUID version 7).
import { randomUUID } from 'node:crypto';

/** A new UUID version 7, lower-case text of 36 characters. Its random part is that of a version 4, which Node makes from a pool. */
export function newId(now: number = Date.now()): string {
  const time = now.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
