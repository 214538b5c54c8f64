// `passerelle config show`: every setting with its value, and no secret.
import type { Config } from './schema.ts';
import { settings } from './settings.ts';

const hidden = '***';

/** The configuration as JSON of several lines, in the form of a configuration file, with secrets replaced. */
export function showConfig(config: Config): string {
  const secrets = new Set(settings.filter((setting) => setting.secret).map((setting) => setting.path.join('.')));
  return JSON.stringify(redacted(config, [], secrets), null, 2);
}

function redacted(value: unknown, path: readonly string[], secrets: ReadonlySet<string>): unknown {
  if (secrets.has(path.join('.'))) return value === undefined ? undefined : hidden;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, redacted(each, [...path, key], secrets)]));
}
