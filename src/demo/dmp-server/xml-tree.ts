// The DMP's own reading of XML, by saxes into a small tree: no DOCTYPE, every dimension bounded. It shares nothing with src/dmp, so that
// a misreading there shows here. XML 1.0, Namespaces in XML 1.0.
import { SaxesParser } from 'saxes';

/** An element. `attributes`, namespace declarations apart, are keyed by local name, or `{namespace}local` when they have one; `text` is its own text, joined. */
export type XmlElement = {
  readonly uri: string;
  readonly local: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  readonly text: string;
};

type Growing = { uri: string; local: string; attributes: Map<string, string>; children: Growing[]; text: string };

const maxDepth = 100;
const maxElements = 50_000;

/** The root element; undefined when the text is not well-formed XML, has a DOCTYPE, or is out of bounds. */
export function readXml(text: string): XmlElement | undefined {
  const parser = new SaxesParser({ xmlns: true, position: false });
  const open: Growing[] = [];
  let root: Growing | undefined;
  let elements = 0;
  const refuse = (because: string) => {
    throw new SyntaxError(because);
  };
  parser.on('error', (error) => refuse(error.message));
  parser.on('doctype', () => refuse('doctype'));
  parser.on('opentag', ({ uri, local, attributes }) => {
    elements += 1;
    if (elements > maxElements || open.length >= maxDepth) refuse('out of bounds');
    const declared = 'http://www.w3.org/2000/xmlns/';
    const written = Object.values(attributes).filter((one) => one.uri !== declared);
    const named = written.map((one) => [one.uri === '' ? one.local : `{${one.uri}}${one.local}`, one.value] as const);
    const element: Growing = { uri, local, attributes: new Map(named), children: [], text: '' };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  const add = (more: string) => {
    const element = open.at(-1);
    if (element) element.text += more;
  };
  parser.on('text', add);
  parser.on('cdata', add);
  parser.on('closetag', () => void open.pop());
  try {
    parser.write(text).close();
  } catch {
    return undefined;
  }
  return root;
}

/** The children of that name, in order. */
export function childrenOf(element: XmlElement | undefined, uri: string, local: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.uri === uri && child.local === local) ?? [];
}

/** The only child of that name; undefined when there is none, or more than one. */
export function onlyChild(element: XmlElement | undefined, uri: string, local: string): XmlElement | undefined {
  const [first, second] = childrenOf(element, uri, local);
  return second === undefined ? first : undefined;
}

/** Down a path of only children in one namespace. */
export function descend(element: XmlElement | undefined, uri: string, ...locals: readonly string[]): XmlElement | undefined {
  return locals.reduce<XmlElement | undefined>((at, local) => onlyChild(at, uri, local), element);
}

/** The value of an attribute, trimmed; undefined when absent or empty. */
export function attributeOf(element: XmlElement | undefined, name: string): string | undefined {
  return element?.attributes.get(name)?.trim() || undefined;
}

/** The text, trimmed; undefined when absent or empty. */
export function textOf(element: XmlElement | undefined): string | undefined {
  return element?.text.trim() || undefined;
}
