// BER written by hand, one element inside another: what a test sends is what it says, well-formed or not.

/** An element of any tag; parts are joined as they are. The length is the true one unless given. */
export function element(tag: number, parts: readonly Buffer[], lengthBytes?: Buffer): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthBytes ?? lengthOf(content.length), content]);
}

export function sequence(...parts: Buffer[]): Buffer {
  return element(0x30, parts);
}

export function integer(value: number, tag = 0x02): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  let from = 0;
  while (from < 3 && bytes[from] === 0 && (bytes[from + 1] ?? 0) < 0x80) from += 1;
  return element(tag, [bytes.subarray(from)]);
}

export function octets(value: string | Buffer, tag = 0x04): Buffer {
  return element(tag, [Buffer.from(value as string)]);
}

export function boolean(value: boolean): Buffer {
  return element(0x01, [Buffer.from([value ? 0xff : 0])]);
}

/** An element read back. */
export type ReadElement = { readonly tag: number; readonly content: Buffer };

/** The elements side by side in some bytes; throws on bytes that are not BER. */
export function readElements(bytes: Buffer): ReadElement[] {
  const elements: ReadElement[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { start, length } = readHeader(bytes, at);
    if (start + length > bytes.length) throw new Error('An answer is cut short');
    elements.push({ tag: bytes[at] ?? 0, content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return elements;
}

/** How long the message at the start of these bytes is; undefined while too few have come. */
export function wholeLength(bytes: Buffer): number | undefined {
  if (bytes.length < 2 || bytes.length < 2 + ((bytes[1] ?? 0) & 0x80 ? (bytes[1] ?? 0) & 0x7f : 0)) return undefined;
  const { start, length } = readHeader(bytes, 0);
  return bytes.length >= start + length ? start + length : undefined;
}

function readHeader(bytes: Buffer, at: number): { start: number; length: number } {
  const first = bytes[at + 1] ?? 0;
  if (first < 0x80) return { start: at + 2, length: first };
  const count = first - 0x80;
  return { start: at + 2 + count, length: bytes.readUIntBE(at + 2, count) };
}

function lengthOf(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.from([bytes]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes);
  return Buffer.concat([Buffer.from([0x84]), length]);
}
