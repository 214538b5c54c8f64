// Which tests name which requirement, read from the titles of `describe`, `test` and `it` in test/.
import ts from 'typescript';
import { listSources, type SourceFile } from './check.ts';
import { citedRequirements } from './requirements.ts';

/** A test (or a group of tests) whose title cites requirements. */
export type CitingTest = { readonly path: string; readonly title: string; readonly requirements: readonly number[] };

const testFunctions = new Set(['describe', 'test', 'it']);

/** Every citing title, in the order of paths, then of the file. */
export async function listCitingTests(): Promise<CitingTest[]> {
  const files = (await listSources(['test'])).filter(({ path }) => path.endsWith('.test.ts'));
  return files.flatMap(titlesOf);
}

function titlesOf({ path, text }: SourceFile): CitingTest[] {
  const found: CitingTest[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && testFunctions.has(rootName(node.expression))) {
      const title = titleText(node.arguments[0]);
      const requirements = citedRequirements(title);
      if (requirements.length > 0) found.push({ path, title, requirements });
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest));
  return found;
}

/** `test` for `test(…)`, `test.each(…)(…)` and `test.concurrent.for(…)(…)`. */
function rootName(node: ts.Expression): string {
  if (ts.isIdentifier(node)) return node.text;
  if (ts.isPropertyAccessExpression(node) || ts.isCallExpression(node)) return rootName(node.expression);
  return ts.isTaggedTemplateExpression(node) ? rootName(node.tag) : '';
}

function titleText(node: ts.Expression | undefined): string {
  if (!node) return '';
  if (ts.isStringLiteralLike(node)) return node.text;
  return ts.isTemplateExpression(node) ? [node.head.text, ...node.templateSpans.map((span) => span.literal.text)].join('…') : '';
}
