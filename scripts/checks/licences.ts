// The licences of everything npm installs: permissive ones, or a named exception with its reason. An unknown licence fails.
import { type Check, root, runTool } from './check.ts';

const permissive = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC-BY-4.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'PostgreSQL',
  'Python-2.0',
  'Unlicense',
]);

/** Licences taken for one package only, and why. */
const exceptions = [
  { package: 'openpgp', licence: 'LGPL-3.0+', why: 'used unmodified, as a package one can replace' },
  { package: 'axe-core', licence: 'MPL-2.0', why: 'accessibility tests only' },
  { package: '@axe-core/playwright', licence: 'MPL-2.0', why: 'accessibility tests only' },
  { package: 'spdx-exceptions', licence: 'CC-BY-3.0', why: 'a list of names inside the licence check itself' },
  { package: 'spdx-ranges', licence: 'CC-BY-3.0', why: 'the same' },
  { package: 'lightningcss', licence: 'MPL-2.0', why: 'a part of vite, tests only, used unmodified' },
];

export const licences: Check = {
  name: 'licences',
  run: async () => {
    const { exitCode, output, stdout } = await runTool('license-checker-rseidelsohn', ['--json', '--start', root]);
    if (exitCode !== 0) return { problems: [output] };
    const packages = JSON.parse(stdout) as Record<string, { licenses?: string | string[] }>;
    const problems = Object.entries(packages).flatMap(([nameAndVersion, { licenses }]) => {
      const name = nameAndVersion.slice(0, nameAndVersion.lastIndexOf('@'));
      const licence = [licenses ?? 'UNKNOWN'].flat().join(' AND ');
      return isAllowed(name, licence) ? [] : [`${nameAndVersion}: ${licence}`];
    });
    return { problems, note: `${Object.keys(packages).length} packages` };
  },
};

/** Reads an SPDX expression: one good branch of each OR is enough, every part of an AND must be good. */
function isAllowed(name: string, licence: string): boolean {
  const text = licence.trim().replace(/^\((.*)\)$/, '$1');
  if (/\sAND\s/.test(text)) return text.split(/\s+AND\s+/).every((part) => isAllowed(name, part));
  if (/\sOR\s/.test(text)) return text.split(/\s+OR\s+/).some((part) => isAllowed(name, part));
  return (
    permissive.has(text) ||
    name === 'passerelle' ||
    exceptions.some((exception) => (exception.package === name || name.startsWith(`${exception.package}-`)) && exception.licence === text)
  );
}
