// Settings from the environment: every setting has a variable named after its path, and `<variable>_FILE` reads the
// value from a file, which is how secrets are handed over.
import { readFileSync } from 'node:fs';
import { type ConfigProblem, shown } from './problems.ts';
import { type Setting, settings } from './settings.ts';

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A value that was found, and the variable a person would have to mend. */
export type Found = { readonly setting: Setting; readonly value: unknown; readonly variable: string };

/** Where the configuration file is named. */
export const fileVariable = 'PASSERELLE_CONFIG';

/** Names that platforms set by custom, beside our own. */
const customary: Record<string, string> = { DATABASE_URL: 'PASSERELLE_DATABASE_URL', REDIS_URL: 'PASSERELLE_REDIS_URL' };

/** Reads every setting the environment gives; what cannot be read becomes a problem. An empty variable counts as absent. */
export function readEnvironment(environment: Environment): { found: Found[]; problems: ConfigProblem[] } {
  const found = new Map<Setting, Found>();
  const problems: ConfigProblem[] = [];
  for (const [variable, text] of Object.entries(environment)) {
    if (text === undefined || text === '' || variable === fileVariable || !isOurs(variable)) continue;
    const direct = settingOf(variable);
    const setting = direct ?? (variable.endsWith('_FILE') ? settingOf(variable.slice(0, -'_FILE'.length)) : undefined);
    if (!setting) {
      problems.push({ key: variable, seen: shown(text, looksSecret(variable)), problem: 'no such setting; see passerelle config show' });
      continue;
    }
    const other = found.get(setting);
    if (other) {
      problems.push({ key: variable, problem: `${other.variable} gives the same setting: keep one of them` });
      continue;
    }
    const value = direct ? text : readSecret(variable, text, problems);
    if (value !== undefined) found.set(setting, { setting, value: fromText(value, setting), variable });
  }
  return { found: [...found.values()], problems };
}

function isOurs(variable: string): boolean {
  return variable.startsWith('PASSERELLE_') || variable.replace(/_FILE$/, '') in customary;
}

function settingOf(variable: string): Setting | undefined {
  const name = customary[variable] ?? variable;
  return settings.find((setting) => setting.variable === name);
}

function looksSecret(variable: string): boolean {
  return /URL|SECRET|PASSWORD|PEPPER|TOKEN|KEY/.test(variable);
}

function readSecret(variable: string, file: string, problems: ConfigProblem[]): string | undefined {
  try {
    // Editors end a file with a line break that is no part of the secret.
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    problems.push({ key: variable, seen: shown(file, false), problem: `cannot be read (${(error as NodeJS.ErrnoException).code})` });
    return undefined;
  }
}

// What does not read as its kind stays text, and the schema says what it expected.
function fromText(text: string, setting: Setting): unknown {
  switch (setting.kind) {
    case 'number':
      return /^\d+$/.test(text.trim()) ? Number(text) : text;
    case 'flag':
      return { true: true, false: false }[text.trim().toLowerCase()] ?? text;
    case 'list':
      return text.split(',').map((item) => item.trim());
    case 'table':
      return parsedJson(text);
    default:
      return text;
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
