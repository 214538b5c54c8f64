// The commands an operator reads of in README.md: written from what `--help` says, and checked to be fresh.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { createProgram } from '../../src/cli/program.ts';
import { type Check, root } from './check.ts';

/** Where the tables live, from the top of the clone. */
export const commandsPath = 'README.md';

const marks = ['<!-- commands: written by scripts/write-commands.ts -->', '<!-- end of commands -->'] as const;

/** The text of README.md as it should be: its own words as they stand, and between the marks the tables anew. */
export async function renderCommands(): Promise<string> {
  const held = await readFile(join(root, commandsPath), 'utf8');
  const [from, to] = [held.indexOf(marks[0]), held.indexOf(marks[1])];
  if (from < 0 || to < from) throw new Error(`${commandsPath} must hold the lines « ${marks[0]} » and « ${marks[1]} »`);
  return `${held.slice(0, from)}${marks[0]}\n\n${tables()}\n\n${held.slice(to)}`;
}

export const commandsTable: Check = {
  name: 'commands table',
  run: async () => {
    const [wanted, held] = await Promise.all([renderCommands(), readFile(join(root, commandsPath), 'utf8')]);
    return { problems: wanted === held ? [] : [`${commandsPath} is out of date: npm run commands`] };
  },
};

/** Options that every command has are told once, in the words around the tables. */
const everyones = new Set(['--config', '--json']);

function tables(): string {
  const commands = leaves(createProgram(), []);
  const words = new Map(commands.flatMap(({ command }) => command.registeredArguments).map((one) => [`<${one.name()}>`, one.description]));
  const lines = [
    '| commande | ce qu’elle fait | ses options |',
    '| --- | --- | --- |',
    ...commands.map(({ command, path }) => {
      const typed = [...path, ...command.registeredArguments.map((one) => `<${one.name()}>`)].join(' ');
      const options = command.options
        .filter((option) => !everyones.has(option.long ?? ''))
        .map((option) => `\`${option.flags}\`${option.mandatory ? ' (à donner)' : ''} ${cell(option.description)}`);
      return `| \`${typed}\` | ${cell(command.description())} | ${options.join('<br>')} |`;
    }),
    '',
    '| mot | ce qu’il attend |',
    '| --- | --- |',
    ...[...words].map(([word, description]) => `| \`${word}\` | ${cell(description)} |`),
  ];
  return lines.join('\n');
}

function leaves(command: Command, path: readonly string[]): { readonly command: Command; readonly path: readonly string[] }[] {
  const here = [...path, command.name()];
  return command.commands.length === 0 ? [{ command, path: here }] : command.commands.flatMap((below) => leaves(below, here));
}

function cell(text: string): string {
  return text.replace(/[\\|<>]/g, '\\$&');
}
