// What is wrong with a configuration, told all at once: each problem with its key, the value seen and an example.
import type { z } from 'zod';
import { type Setting, settings } from './settings.ts';

/** One thing to mend. */
export type ConfigProblem = {
  /** The key in the file, or the name of the variable. */
  readonly key: string;
  /** The value seen, ready to be shown: secrets are not in it. Absent when there was none. */
  readonly seen?: string;
  readonly problem: string;
  readonly example?: string;
};

/** The start is refused. The message lists every problem, one per line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];
  constructor(problems: readonly ConfigProblem[]) {
    super(`The configuration cannot be used:\n${problems.map((problem) => `  ${inOneLine(problem)}`).join('\n')}`);
    this.problems = problems;
  }
}

function inOneLine({ key, seen, problem, example }: ConfigProblem): string {
  return `${key}${seen === undefined ? '' : ` = ${seen}`}: ${problem}${example === undefined ? '' : ` (example: ${example})`}`;
}

/** The refusals of the schema in our words. `nameOf` gives the key a person wrote, which may be a variable. */
export function problemsOf(error: z.ZodError, raw: unknown, nameOf: (path: readonly string[]) => string): ConfigProblem[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...path, key], valueAt(raw, [...path, key])));
    const setting = settings.find((each) => each.path.every((key, index) => key === path[index]));
    const value = valueAt(raw, path);
    return [
      {
        key: nameOf(path),
        ...(value === undefined ? {} : { seen: shown(value, setting?.secret === true) }),
        problem: setting ? issue.message : 'expected a section with settings of its own',
        ...(setting ? { example: setting.example } : {}),
      },
    ];
  });
}

/** A key that the schema does not have, in the file. */
export function unknownKey(path: readonly string[], value: unknown): ConfigProblem {
  const section = path.slice(0, -1);
  const known = settings.filter((setting) => isBelow(setting, section)).map((setting) => setting.path[section.length]);
  return {
    key: path.join('.'),
    // A secret under a misspelt name is still a secret.
    seen: shown(value, /url|secret|password|pepper|token|key/i.test(path.join('.'))),
    problem: `no such setting; known here: ${[...new Set(known)].join(', ')}`,
  };
}

function isBelow(setting: Setting, section: readonly string[]): boolean {
  return section.every((key, index) => setting.path[index] === key);
}

/** A value as it may be shown: short, on one line, and nothing of a secret. */
export function shown(value: unknown, isSecret: boolean): string {
  if (isSecret) return '***';
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return '{…}';
  // An address may carry a password, and one in the wrong place is not known to be a secret.
  const text = (JSON.stringify(value) ?? String(value)).replace(/:\/\/[^"\s]*/g, '://***');
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function valueAt(raw: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined),
    raw,
  );
}
