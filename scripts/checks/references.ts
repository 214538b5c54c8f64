// References are written in one greppable shape and lead somewhere: `RFC 9051 §6.4.7`, `requirement 35`, `ADR 0003`.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Check, listSources, root, type SourceFile } from './check.ts';
import { citedRequirements, readRequirements } from './requirements.ts';

// RFC822 alone is a word of IMAP (RFC822.SIZE) and of MIME (message/rfc822).
const anyRfc = /\bRFC(?!822\b)[\s_-]?\d+/g;
const goodRfc = /^RFC \d{3,5}$/;
const wordySection = /\bRFC \d{3,5},? (?:sections?|sec\.|par\.|§ )/gi;

export const references: Check = {
  name: 'references',
  run: async () => {
    const known = new Set((await readRequirements()).map(({ number }) => number));
    const records = new Set((await readdir(join(root, 'docs', 'adr'))).map((name) => name.slice(0, 4)));
    const problems = (await listSources()).flatMap((file) => problemsOf(file, known, records));
    return { problems, note: `${known.size} requirements` };
  },
};

function problemsOf({ path, text }: SourceFile, known: ReadonlySet<number>, records: ReadonlySet<string>): string[] {
  return text.split('\n').flatMap((line, index) => {
    const at = `${path}:${index + 1}`;
    // Only comments are held to the shape: a string may quote a mail.
    const prose = /\/\/|^\s*\/?\*/.test(line) ? line : '';
    return [
      ...[...prose.matchAll(anyRfc)].filter(([rfc]) => !goodRfc.test(rfc)).map(([rfc]) => `${at}: write "RFC 1234 §5.6", not "${rfc}"`),
      ...[...prose.matchAll(wordySection)].map(([text]) => `${at}: write "RFC 1234 §5.6", not "${text.trim()} …"`),
      ...citedRequirements(line)
        .filter((number) => !known.has(number))
        .map((number) => `${at}: docs/requirements.md has no requirement ${number}`),
      ...[...line.matchAll(/\bADR (\d{4})\b/g)]
        .filter(([, record = '']) => !records.has(record))
        .map(([adr]) => `${at}: docs/adr has no ${adr}`),
    ];
  });
}
