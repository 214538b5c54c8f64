// An answer's XML as a small tree, read by the same careful reader as the documents of strangers: no DTD, no entity, bounded.
import { type AttributeOf, readXml, XmlBudget, type XmlPath, type XmlVisitor } from '../../mail/documents/read-xml.ts';
import { namespaces } from './registry-names.ts';

/** An element. `name` is its local name, or '' in a namespace that these answers do not use. */
export type AnswerElement = {
  readonly name: string;
  readonly attribute: AttributeOf;
  /** Of a leaf: its text, trimmed. */
  readonly text: string;
  readonly children: readonly AnswerElement[];
};

/** The document's element. Throws DocumentsProblem. */
export async function readTree(xml: Buffer): Promise<AnswerElement> {
  const grower = new TreeGrower();
  await readXml(once(xml), new XmlBudget(), grower);
  return grower.top.children[0] ?? grower.top;
}

/** The first element that the names lead to, each inside the one before. */
export function within(start: AnswerElement | undefined, ...names: readonly string[]): AnswerElement | undefined {
  return names.reduce<AnswerElement | undefined>((found, name) => found?.children.find((child) => child.name === name), start);
}

/** Every element of that name, however deep, in the order of the document. */
export function* all(start: AnswerElement | undefined, name: string): Generator<AnswerElement, void, undefined> {
  for (const child of start?.children ?? []) {
    if (child.name === name) yield child;
    yield* all(child, name);
  }
}

type Growing = { readonly name: string; readonly attribute: AttributeOf; text: string; readonly children: Growing[] };

class TreeGrower implements XmlVisitor {
  readonly namespaces: ReadonlySet<string> = new Set(Object.values(namespaces));
  readonly isDone = false;
  readonly top: Growing = { name: '', attribute: () => undefined, text: '', children: [] };
  readonly #open: Growing[] = [this.top];

  open(path: XmlPath, attribute: AttributeOf): void {
    const grown: Growing = { name: path.at(-1) ?? '', attribute, text: '', children: [] };
    this.#open.at(-1)?.children.push(grown);
    this.#open.push(grown);
  }

  close(_path: XmlPath, text: string): void {
    const grown = this.#open.pop();
    if (grown) grown.text = text;
  }
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer, void, undefined> {
  yield bytes;
}
