// Which statements are worth a name. A named statement is parsed and planned once per connection instead of at each use,
// which matters for the few texts of the hot path and would only cost memory for the many that are seen once.

/** Longer texts are generated lists of values: hardly ever the same twice. In characters. */
const longestNamed = 4096;
/** Uses after which a text counts as repeated. */
const usesBeforeName = 3;
/** Named statements a connection may hold; the server keeps a plan for each. */
const mostNames = 200;
/** Named statements that differ only in how many values a list has. */
const mostNamesPerShape = 4;
/** Texts that are counted at one time. */
const mostCounted = 1000;

/** Texts that begin so never have a name: those whose shape comes from outside, which would use up the names of the hot path. */
export const unnamed = '/* unnamed */';

/** The names of a process. A name is a number of its own for each text, so that two texts can never share one. */
export class StatementNames {
  readonly #names = new Map<string, string>();
  readonly #uses = new Map<string, number>();
  readonly #shapes = new Map<string, number>();
  readonly #retired = new Set<string>();

  /** The name of `text`, or undefined while it has not earned one. */
  nameOf(text: string): string | undefined {
    const name = this.#names.get(text);
    if (name !== undefined) return this.#retired.has(name) ? undefined : name;
    if (text.length > longestNamed || this.#names.size >= mostNames || text.startsWith(unnamed)) return undefined;
    const uses = (this.#uses.get(text) ?? 0) + 1;
    if (uses === usesBeforeName && this.#isNewEnough(text)) {
      this.#uses.delete(text);
      const given = `passerelle_${this.#names.size}`;
      this.#names.set(text, given);
      return given;
    }
    if (this.#uses.size >= mostCounted) this.#uses.clear();
    this.#uses.set(text, uses);
    return undefined;
  }

  /** Takes the name away for good: its plan no longer fits the tables. The text goes on without one. */
  retire(name: string): void {
    this.#retired.add(name);
  }

  // Lists of one, two, three … values would otherwise use up every name before the hot path has earned its own.
  #isNewEnough(text: string): boolean {
    const shape = shapeOf(text);
    const siblings = this.#shapes.get(shape) ?? 0;
    if (siblings >= mostNamesPerShape) return false;
    this.#shapes.set(shape, siblings + 1);
    return true;
  }
}

/** The text with every list of parameters, and every list of such lists, shortened to one item. Equal texts of lists of any length. */
function shapeOf(text: string): string {
  // Function replacements, because « $ » has a meaning in a replacement text.
  return text.replace(/(?:\$\d+(?:::\w+)?(?:,\s*)?)+/g, () => '$').replace(/(?:\(\$\)(?:,\s*)?)+/g, () => '($)');
}
