// Reads the configuration once: the schema's defaults, then the file, then the environment. The result is frozen, and a
// configuration that cannot be used is refused with all its problems at once.
import { readFileSync } from 'node:fs';
import { contradictions } from './contradictions.ts';
import { type Environment, fileVariable, readEnvironment } from './environment.ts';
import { ConfigError, type ConfigProblem, problemsOf } from './problems.ts';
import { type Config, configSchema } from './schema.ts';

/** Where to look. */
export type ConfigSource = {
  /** The file of `--config`; without it, the one PASSERELLE_CONFIG names, if any. JSON. */
  readonly file?: string;
  /** The process's own unless a test gives another. */
  readonly environment?: Environment;
};

type Tree = { [key: string]: unknown };

/** The configuration, frozen. Throws ConfigError. */
export function loadConfig({ file, environment = process.env }: ConfigSource = {}): Config {
  const path = file ?? environment[fileVariable];
  const { found, problems } = readEnvironment(environment);
  const raw: Tree = path === undefined || path === '' ? {} : readTree(path, problems);
  const writtenAs = new Map<string, string>();
  for (const { setting, value, variable } of found) {
    put(raw, setting.path, value);
    writtenAs.set(setting.path.join('.'), variable);
  }
  const nameOf = (keys: readonly string[]) => nameInSource(keys, writtenAs);
  const parsed = configSchema.safeParse(raw);
  if (!parsed.success) problems.push(...problemsOf(parsed.error, raw, nameOf));
  problems.push(...contradictions(raw, nameOf));
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);
  return freeze(parsed.data);
}

function readTree(path: string, problems: ConfigProblem[]): Tree {
  const key = 'configuration file';
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    problems.push({ key, seen: path, problem: `cannot be read (${(error as NodeJS.ErrnoException).code})` });
    return {};
  }
  try {
    const tree: unknown = JSON.parse(text);
    if (isTree(tree)) return tree;
  } catch {
    // The parser's own message quotes the text, which may hold a secret.
  }
  problems.push({ key, seen: path, problem: 'is not a JSON object', example: '{ "hostname": "mx.operateur.mssante.fr" }' });
  return {};
}

// A scalar in the file where the environment expects a section stays, and is refused by the schema.
function put(tree: Tree, path: readonly string[], value: unknown): void {
  const [key = '', ...rest] = path;
  if (rest.length === 0) {
    tree[key] = value;
    return;
  }
  if (!Object.hasOwn(tree, key)) tree[key] = {};
  const below = tree[key];
  if (isTree(below)) put(below, rest, value);
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nameInSource(keys: readonly string[], writtenAs: ReadonlyMap<string, string>): string {
  // An item of a list is named after its list when the environment gave the list.
  for (let length = keys.length; length > 0; length--) {
    const variable = writtenAs.get(keys.slice(0, length).join('.'));
    if (variable !== undefined) return variable;
  }
  return keys.join('.');
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) freeze(each);
  return Object.freeze(value);
}
