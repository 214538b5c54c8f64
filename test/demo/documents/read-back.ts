// Readers just large enough to check what the demo writes: a zip by its central directory, XML by its nesting.
import { inflateRawSync } from 'node:zlib';

/** Files of a zip by name, from its central directory. PKWARE APPNOTE §4.3.12, §4.3.16; no zip64. */
export function readZip(zip: Buffer): Map<string, Buffer> {
  const end = zip.lastIndexOf(Buffer.from('504b0506', 'hex'));
  if (end < 0) throw new Error('No end of central directory');
  const files = new Map<string, Buffer>();
  let at = zip.readUInt32LE(end + 16);
  for (let entry = zip.readUInt16LE(end + 10); entry > 0; entry -= 1) {
    if (zip.readUInt32LE(at) !== 0x02014b50) throw new Error('Not a central directory entry');
    const [nameBytes, extraBytes, commentBytes] = [zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32)];
    const name = zip.toString('utf8', at + 46, at + 46 + nameBytes);
    files.set(name, content(zip, at));
    at += 46 + nameBytes + extraBytes + commentBytes;
  }
  return files;
}

function content(zip: Buffer, entry: number): Buffer {
  const local = zip.readUInt32LE(entry + 42);
  const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const packed = zip.subarray(start, start + zip.readUInt32LE(entry + 20));
  const clear = zip.readUInt16LE(entry + 10) === 8 ? inflateRawSync(packed) : packed;
  if (clear.length !== zip.readUInt32LE(entry + 24)) throw new Error('A file has not the size its entry says');
  return clear;
}

/** Throws unless every tag is closed in order, every attribute quoted, every ampersand an entity. Returns the root's name. */
export function checkWellFormed(xml: string): string {
  const attribute = /\s+[A-Za-z_][\w:.-]*="[^"<]*"/;
  const tag = new RegExp(`<(?:(/)([\\w:.-]+)\\s*|([\\w:.-]+)((?:${attribute.source})*)\\s*(/?))>`, 'y');
  const open: string[] = [];
  let root: string | undefined;
  let at = /^<\?xml[^?]*\?>\s*/.exec(xml)?.[0].length ?? 0;
  while (at < xml.length) {
    const next = xml.indexOf('<', at);
    const text = xml.slice(at, next < 0 ? undefined : next);
    if (open.length === 0 && text.trim() !== '') throw new Error('Text outside the root');
    checkText(text);
    if (next < 0) break;
    tag.lastIndex = next;
    const match = tag.exec(xml);
    if (!match) throw new Error(`Not a tag: ${xml.slice(next, next + 60)}`);
    const [whole, closing, closed, opened, attributes = '', empty] = match;
    checkText(attributes);
    if (closing) {
      if (open.pop() !== closed) throw new Error(`</${closed}> closes something else`);
    } else if (opened) {
      if (open.length === 0 && root !== undefined) throw new Error('Two roots');
      root ??= opened;
      if (!empty) open.push(opened);
    }
    at = next + whole.length;
  }
  if (open.length > 0 || root === undefined) throw new Error(`Left open: ${open.join(' ')}`);
  return root;
}

function checkText(text: string): void {
  if (/&(?!(?:amp|lt|gt|quot|apos);)/.test(text)) throw new Error('An ampersand that is no entity');
}
