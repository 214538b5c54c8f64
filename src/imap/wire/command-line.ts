// What can be told from one line of a command before its arguments are read: is it well-formed, whose answer is awaited, which command,
// does a literal follow. RFC 3501 §2.2.1, §4.3, §9 (command, tag); RFC 7888 for `{n+}`.

/** `tag` when the answer can carry one. `isFatal`: what follows cannot be told apart any more, so the connection must close. */
export type BadLine = { readonly kind: 'bad'; readonly tag: string | undefined; readonly reason: string; readonly isFatal: boolean };

/** `name` in capitals, `UID FETCH` as one; `rest` begins before the first space of the arguments. */
export type CommandHead = { readonly kind: 'head'; readonly tag: string; readonly name: string; readonly rest: string };

/** `{n}` or `{n+}` at the end of a line. `sizeBytes` may be beyond any sense. */
export type LiteralSuffix = { readonly before: string; readonly sizeBytes: number; readonly isSynchronising: boolean };

// ASTRING-CHAR without the plus sign, which begins a continuation.
const tagShape = /^[!#$&',-[\]-z|}~]{1,100}$/;
const nameShape = /^UID [A-Za-z]{1,40}(?![A-Za-z0-9.-])|^[A-Za-z][A-Za-z0-9.-]{0,40}(?![A-Za-z0-9.-])/i;
const literalShape = /^\{(\d+)(\+?)\}$/;

/** Takes the CR off; undefined with a reason when the line breaks the framing itself: bare LF, bare CR, NUL. One character per byte. */
export function readFraming(bytes: Buffer): { text: string; fault: string | undefined } {
  const endsWell = bytes.at(-1) === 0x0d;
  const text = bytes.toString('latin1', 0, endsWell ? bytes.length - 1 : bytes.length);
  if (text.includes('\0')) return { text, fault: 'NUL is not allowed' };
  if (text.includes('\r')) return { text, fault: 'CR without LF is not allowed' };
  return { text, fault: endsWell ? undefined : 'LF without CR is not allowed' };
}

/** Reads tag and command name. */
export function readHead(text: string): CommandHead | BadLine {
  const tag = readTag(text);
  if (tag === undefined) return badLine(undefined, 'Expected a tag');
  const afterTag = text.slice(tag.length + 1);
  const name = nameShape.exec(afterTag)?.[0];
  if (name === undefined) return badLine(tag, 'Expected a command');
  return { kind: 'head', tag, name: name.toUpperCase(), rest: afterTag.slice(name.length) };
}

/** The tag at the start of a line, even of one that is otherwise wrong. */
export function readTag(text: string): string | undefined {
  const space = text.indexOf(' ');
  const tag = space < 0 ? text : text.slice(0, space);
  return tagShape.test(tag) ? tag : undefined;
}

/** The announcement of a literal at the end of a line, if there is one. */
export function readLiteralSuffix(text: string): LiteralSuffix | undefined {
  const brace = text.lastIndexOf('{');
  const match = brace < 0 ? null : literalShape.exec(text.slice(brace));
  return match ? { before: text.slice(0, brace), sizeBytes: Number(match[1]), isSynchronising: match[2] === '' } : undefined;
}

/** A line to answer with BAD. */
export function badLine(tag: string | undefined, reason: string, isFatal = false): BadLine {
  return { kind: 'bad', tag, reason, isFatal };
}
