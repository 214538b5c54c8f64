// Letters composed from random trees: every section must cut out exactly what was put in.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { locateSection } from '../../src/mail/part-section.ts';
import { indexOf } from './letters.ts';

type Tree = { leaf: string } | { parts: Tree[] } | { inner: Tree };
type Composed = { header: string; body: string; parts?: Composed[]; inner?: Composed };
type Expected = { section: number[]; kind: 'body' | 'mime' | 'header' | 'text'; bytes: string };

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ leaf: fc.string({ unit: fc.constantFrom('a', '-', '--', '\r\n', '\n', '--b', '=', '\xe9'), maxLength: 20 }) }),
    fc.record({ parts: fc.array(tie('tree'), { minLength: 1, maxLength: 4 }) }),
    fc.record({ inner: tie('tree') }),
  ),
}));

/** Boundaries are unique, and no leaf can hold one: they end in a dot. */
function compose(node: Tree, next: { boundary: number }): Composed {
  if ('leaf' in node) return { header: 'Content-Type: text/plain\r\n\r\n', body: node.leaf };
  if ('inner' in node) {
    const inner = compose(node.inner, next);
    return { header: 'Content-Type: message/rfc822\r\nSubject: x\r\n\r\n', body: inner.header + inner.body, inner };
  }
  const boundary = `b${next.boundary++}.`;
  const parts = node.parts.map((part) => compose(part, next));
  const body = parts.map((part) => `--${boundary}\r\n${part.header}${part.body}\r\n`).join('');
  return { header: `Content-Type: multipart/mixed; boundary="${boundary}"\r\n\r\n`, body: `${body}--${boundary}--\r\nepilogue`, parts };
}

/** What a letter's numbers mean. RFC 3501 §6.4.5. */
function insideLetter(letter: Composed, section: number[]): Expected[] {
  if (letter.parts) return letter.parts.flatMap((part, place) => asPart(part, [...section, place + 1]));
  return asPart(letter, [...section, 1]);
}

function asPart(part: Composed, section: number[]): Expected[] {
  const own: Expected[] = [
    { section, kind: 'body', bytes: part.body },
    { section, kind: 'mime', bytes: part.header },
  ];
  if (part.parts) return [...own, ...part.parts.flatMap((child, place) => asPart(child, [...section, place + 1]))];
  if (!part.inner) return own;
  const halves: Expected[] = [
    { section, kind: 'header', bytes: part.inner.header },
    { section, kind: 'text', bytes: part.inner.body },
  ];
  return [...own, ...halves, ...insideLetter(part.inner, section)];
}

test('RFC 3501 §6.4.5 every section of a composed letter is what was put in', () => {
  fc.assert(
    fc.property(tree, (shape) => {
      const composed = compose(shape, { boundary: 0 });
      const bytes = Buffer.from(composed.header + composed.body, 'latin1');
      const { part, truncated } = indexOf(bytes);
      expect(truncated).toBe(false);
      for (const { section, kind, bytes: expected } of insideLetter(composed, [])) {
        const span = locateSection(part, section, kind);
        expect(span && bytes.toString('latin1', span.start, span.end), `${section.join('.')} ${kind}`).toBe(expected);
      }
    }),
    { numRuns: 300 },
  );
});
