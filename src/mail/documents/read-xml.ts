// XML from strangers, by saxes as it streams: no DTD, no entity beyond the five, nothing fetched, every dimension bounded. Names are
// given without their prefix, when their namespace is one of those asked for. Requirement 47; XML 1.0, Namespaces in XML 1.0.
import { SaxesParser, type SaxesTagNS } from 'saxes';
import { textDecoderFor } from '../charset.ts';
import { DocumentsProblem } from './documents-problem.ts';
import { maxAttributes, maxDepth, maxElements, maxTokenLength, maxXmlBytes } from './limits.ts';
import { unhurried } from './unhurried.ts';

/** Local names from the root down to one element; '' for an element of another namespace. */
export type XmlPath = readonly string[];

/** The value of an attribute that has no namespace, trimmed; undefined when there is none or it is empty. */
export type AttributeOf = (name: string) => string | undefined;

/** Whoever hears what a document holds. */
export interface XmlListener {
  open(path: XmlPath, attribute: AttributeOf): void;
  /** `text` is the text since the last tag, trimmed: all of a leaf's. */
  close(path: XmlPath, text: string): void;
}

/** Whoever makes something of a document. */
export interface XmlVisitor extends XmlListener {
  readonly namespaces: ReadonlySet<string>;
  /** True once the visitor knows enough: the rest is neither read nor judged. */
  readonly isDone: boolean;
}

/** How much XML of a letter has been read. One for all its archives. */
export class XmlBudget {
  #leftBytes = maxXmlBytes;
  #leftElements = maxElements;

  /** Throws DocumentsProblem `too-much-xml`. */
  spend(bytes: number, elements: number): void {
    this.#leftBytes -= bytes;
    this.#leftElements -= elements;
    if (this.#leftBytes < 0 || this.#leftElements < 0) throw new DocumentsProblem('too-much-xml');
  }
}

/** Shows the document to the visitor, to its end or until the visitor is done; `beside` hears the same. Throws DocumentsProblem. */
export async function readXml(content: AsyncIterable<Buffer>, budget: XmlBudget, visitor: XmlVisitor, beside?: XmlListener): Promise<void> {
  const parser = new SaxesParser({ xmlns: true, position: false });
  const path: string[] = [];
  let text = '';
  let attributes = 0;
  /** Characters since the parser last completed something. */
  let pending = 0;
  const heard = (hear: () => void) => {
    pending = 0;
    if (!visitor.isDone) hear();
  };
  const fail = (code: ConstructorParameters<typeof DocumentsProblem>[0]) => () => {
    if (!visitor.isDone) throw new DocumentsProblem(code);
  };
  parser.on('error', fail('malformed-xml'));
  parser.on('doctype', fail('doctype'));
  parser.on('opentagstart', () => {
    attributes = 0;
    if (path.length >= maxDepth) fail('xml-too-deep')();
  });
  parser.on('attribute', () => {
    attributes += 1;
    if (attributes > maxAttributes) fail('xml-too-many-attributes')();
  });
  parser.on('opentag', (tag) =>
    heard(() => {
      budget.spend(0, 1);
      path.push(visitor.namespaces.has(tag.uri) ? tag.local : '');
      text = '';
      const attribute = (name: string) => attributeOf(tag, name);
      visitor.open(path, attribute);
      if (!visitor.isDone) beside?.open(path, attribute);
    }),
  );
  parser.on('text', (piece) => heard(() => (text += piece)));
  parser.on('cdata', (piece) => heard(() => (text += piece)));
  parser.on('comment', () => heard(() => undefined));
  parser.on('processinginstruction', () => heard(() => undefined));
  parser.on('closetag', () =>
    heard(() => {
      visitor.close(path, text.trim());
      beside?.close(path, text.trim());
      path.pop();
      text = '';
    }),
  );
  for await (const piece of decoded(unhurried(content), budget)) {
    pending += piece.length;
    parser.write(piece);
    if (visitor.isDone) return;
    if (pending > maxTokenLength || text.length > maxTokenLength) throw new DocumentsProblem('xml-giant-token');
  }
  parser.close();
}

function attributeOf(tag: SaxesTagNS, name: string): string | undefined {
  return tag.attributes[name]?.value.trim() || undefined;
}

/** Enough of a document to see its byte order mark and its declaration. */
const declarationBytes = 256;

/** The text of the bytes, in the charset their declaration names. */
async function* decoded(content: AsyncIterable<Buffer>, budget: XmlBudget): AsyncGenerator<string, void, undefined> {
  let head: Buffer = Buffer.alloc(0);
  let decode: ((bytes?: Buffer) => string) | undefined;
  for await (const chunk of content) {
    budget.spend(chunk.length, 0);
    if (decode) {
      yield decode(chunk);
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < declarationBytes) continue;
    decode = decoderFor(head);
    yield decode(head);
  }
  yield decode ? decode() : decoderFor(head)(head);
}

/** UTF-8 that must be right, or one of the one-byte alphabets French software has used; UTF-16 is nowhere in the trust space. */
function decoderFor(head: Buffer): (bytes?: Buffer) => string {
  const declared = /^(?:\xef\xbb\xbf)?<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']/.exec(head.toString('latin1'))?.[1]?.toLowerCase();
  if (declared !== undefined && /^(iso-8859-15?|windows-1252)$/.test(declared)) {
    const decoder = textDecoderFor(declared);
    return (bytes) => (bytes ? decoder.decode(bytes) : '');
  }
  if (declared !== undefined && !/^(utf-?8|us-ascii)$/.test(declared)) throw new DocumentsProblem('wrong-charset');
  const decoder = new TextDecoder('utf-8', { fatal: true });
  return (bytes) => {
    try {
      return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
    } catch {
      throw new DocumentsProblem('wrong-charset');
    }
  };
}
