// Completion of the operator's commands: a real bash reads the script and is asked what may follow. zsh and fish read theirs elsewhere;
// here, that every command and option stands in them.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { bashCompletion } from '../../src/cli/completion/bash-completion.ts';
import { everyCommand, readTree } from '../../src/cli/completion/command-tree.ts';
import { fishCompletion } from '../../src/cli/completion/fish-completion.ts';
import { zshCompletion } from '../../src/cli/completion/zsh-completion.ts';
import { createProgram } from '../../src/cli/program.ts';
import { runCli } from './run-cli.ts';

vi.setConfig({ testTimeout: 120_000 });

const tree = readTree(createProgram());
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'passerelle-completion-'));
  await Promise.all(['boîtes de mai.csv', 'autres.csv'].map((name) => writeFile(join(folder, name), '')));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What bash offers at the end of each line, as parted into words: the last one is being typed. */
async function offers(script: string, lines: readonly (readonly string[])[]): Promise<string[][]> {
  const asked = lines.map((words) => `ask ${words.map((word) => `'${word}'`).join(' ')}`);
  const harness = `ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _passerelle; printf '%s\\t' "\${COMPREPLY[@]}"; echo; }`;
  const { stdout } = await promisify(execFile)('bash', ['-uc', `${script}\n${harness}\n${asked.join('\n')}`], { cwd: folder });
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t').filter((word) => word !== ''));
}

const sorted = (words: readonly string[]) => [...words].sort();

test('bash is offered every command of every group, and every option of every command', async () => {
  const commands = everyCommand(tree);
  const found = await offers(
    bashCompletion('passerelle', tree),
    commands.flatMap(({ path }) => [
      ['passerelle', ...path, ''],
      ['passerelle', ...path, '-'],
    ]),
  );
  for (const [at, { path, below, options }] of commands.entries()) {
    if (below.length > 0) expect(sorted(found[2 * at] ?? []), path.join(' ')).toEqual(sorted(below.map((one) => one.path.at(-1) ?? '')));
    expect(sorted(found[2 * at + 1] ?? []), path.join(' ')).toEqual(sorted(options.flatMap(({ flags }) => flags)));
  }
  expect(commands.length).toBeGreaterThan(40);
});

test('bash is offered what goes where the cursor is: files, words of a list, options when all words are there', async () => {
  const shop = new Command('passerelle').helpCommand(false);
  shop
    .command('parcel')
    .helpCommand(false)
    .command('send <adresse> <fichier>')
    .option('--config <fichier>')
    .option('--urgent')
    .addOption(shop.createOption('--by <moyen>').choices(['train', 'truck']));
  const files = ['autres.csv', 'boîtes de mai.csv'];
  const cases: [readonly string[], readonly string[]][] = [
    [['pa'], ['parcel']],
    [['parcel', 'send', ''], []],
    [['parcel', 'send', 'parcel', ''], files],
    [['parcel', 'send', 'a@b', 'bo'], ['boîtes de mai.csv']],
    // bash parts an address in three words, and so it does --by=train.
    [['parcel', 'send', 'a', '@', 'b', 'au'], ['autres.csv']],
    [['parcel', 'send', 'a', '@', 'b'], []],
    [
      ['parcel', 'send', '--by', 't'],
      ['train', 'truck'],
    ],
    [['parcel', 'send', '--by', '=', 'tru'], ['truck']],
    [
      ['parcel', 'send', '--by', '='],
      ['train', 'truck'],
    ],
    [['parcel', 'send', '--by', '=', 'truck', '--config', ''], files],
    [['parcel', 'send', '--by', 'train', 'a', ''], files],
    [['parcel', 'send', '--urgent', 'a', ''], files],
    [
      ['parcel', 'send', 'a', 'b', ''],
      ['--config', '--urgent', '--by', '--help', '-h'],
    ],
    [['parcel', 'send', 'a', 'b', 'c', ''], []],
    [['nothing', ''], []],
  ];
  const found = await offers(
    bashCompletion('passerelle', readTree(shop)),
    cases.map(([words]) => ['passerelle', ...words]),
  );
  expect(cases.map(([words], at) => [words, sorted(found[at] ?? [])])).toEqual(cases.map(([words, wanted]) => [words, sorted(wanted)]));
});

test('zsh and fish are told of every command and every option', () => {
  const [zsh, fish] = [zshCompletion('passerelle', tree), fishCompletion('passerelle', tree)];
  for (const { path, below, options } of everyCommand(tree)) {
    const name = ['', 'passerelle', ...path].join('_');
    const [body = ''] = zsh.split(`\n${name}() {\n`)[1]?.split('\n}\n') ?? [];
    const place = `-n '__passerelle_at ${[...(below.length > 0 ? ['--whole'] : []), ...path].join(' ')}'`;
    const lines = fish.split('\n').filter((line) => line.includes(place));
    for (const one of below) {
      expect(body).toContain(`${one.path.at(-1)}) ${name}_${one.path.at(-1)} ;;`);
      expect(lines.filter((line) => line.includes(` -a ${one.path.at(-1)} -d '`))).toHaveLength(1);
    }
    for (const flag of options.flatMap(({ flags }) => flags).filter((flag) => flag.startsWith('--'))) {
      expect(body).toMatch(new RegExp(`'[^']*${flag}=?\\[`));
      expect(lines.filter((line) => line.includes(` -l ${flag.slice(2)} `))).toHaveLength(1);
    }
  }
});

test('« passerelle completion bash » writes the script, without a configuration or a database', async () => {
  const run = await runCli(['completion', 'bash'], { environment: { DATABASE_URL: 'nonsense' } });
  expect(run).toEqual({ exitCode: 0, out: bashCompletion('passerelle', tree), err: '' });
});
