// One element out of a document, as it is written there. Exclusive canonicalisation does not see what stands around an element but the
// namespaces in scope: those come along on a holder. A signature is checked over some thousand characters instead of the whole envelope.
import { SaxesParser } from 'saxes';
import { escapeXml } from '../documents/xml.ts';

/** `<holder xmlns…>the element</holder>`; undefined when there is none of that name, or more than one, or the text is not well formed. */
export function cutElement(text: string, wanted: { readonly uri: string; readonly local: string }): string | undefined {
  const parser = new SaxesParser({ xmlns: true });
  const scopes: Readonly<Record<string, string>>[] = [];
  let found = 0;
  let depth = 0;
  let begunAt = 0;
  let start = 0;
  let startDepth = 0;
  let end: number | undefined;
  let scope: Readonly<Record<string, string>> = {};
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentagstart', () => {
    begunAt = text.lastIndexOf('<', parser.position - 1);
  });
  parser.on('opentag', ({ uri, local, ns }) => {
    depth += 1;
    if (uri === wanted.uri && local === wanted.local) {
      found += 1;
      [start, startDepth, scope] = [begunAt, depth, Object.assign({}, ...scopes)];
    }
    scopes.push(ns);
  });
  parser.on('closetag', () => {
    if (found === 1 && depth === startDepth && end === undefined) end = parser.position;
    depth -= 1;
    scopes.pop();
  });
  try {
    parser.write(text).close();
  } catch {
    return undefined;
  }
  if (found !== 1 || end === undefined) return undefined;
  const declared = Object.entries(scope).filter(([prefix]) => prefix !== 'xml' && prefix !== 'xmlns');
  const written = declared.map(([prefix, uri]) => ` ${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}="${escapeXml(uri)}"`);
  return `<holder${written.join('')}>${text.slice(start, end)}</holder>`;
}
