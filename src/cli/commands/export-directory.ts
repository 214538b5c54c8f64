// `passerelle directory export`: the registry as files that another gateway, or this one, can take again. Requirements 19 and 24.
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { writeExtraction } from '../../../directory/extraction/write-extraction.ts';
import { exportCitizens } from '../../../directory/feed/export-citizens.ts';
import { syncFolder } from '../../core/durable-files.ts';
import { RefusedError } from '../../core/errors.ts';
import { countText } from '../answer.ts';
import { UsageError } from '../failures.ts';
import { feedForms, parseForm } from '../feed-form.ts';
import { operatorCommand } from '../operator-command.ts';
import { progressHelp } from '../progress.ts';
import { type CommandWorld, withDatabase } from '../with-database.ts';

type Options = {
  readonly all?: true;
  readonly form?: string;
  readonly output?: string;
  readonly json?: boolean;
};

const subjects = ['extraction', 'citizens'] as const;

/** On the standard output, or into a file that is there only once it is whole. */
export function exportDirectoryCommand(): Command {
  const command = operatorCommand(
    'export',
    'Écrit le registre : les boîtes professionnelles comme l’extraction nationale, ou les citoyens',
  );
  const subject = command.createArgument(
    '<quoi>',
    'extraction : les boîtes publiées d’ici, en 31 colonnes ; citizens : tous les citoyens, avec leurs matricules',
  );
  subject.argChoices = [...subjects];
  const form = command.createOption('--form <forme>', 'forme des citoyens : csv, ou ldif').default('csv');
  form.argChoices = [...feedForms];
  return command
    .addArgument(subject)
    .option('--all', 'avec extraction : les boîtes d’autres opérateurs aussi')
    .addOption(form)
    .option('--output <fichier>', 'écrit dans ce fichier, lisible de vous seul, plutôt que sur la sortie')
    .option('--progress', progressHelp)
    .action(
      withDatabase<[string], Options>(async (world, [typed], options) => {
        const what = subjects.find((one) => one === typed);
        if (!what) throw new UsageError(`Ce qui s’écrit est ${subjects.join(' ou ')}.`);
        if (options.all && what === 'citizens') throw new UsageError('--all va avec extraction.');
        const { output } = options;
        if (options.json && output === undefined) throw new UsageError('--json va avec --output : la sortie est déjà prise.');
        if (what === 'citizens' && output === undefined && process.stdout.isTTY) {
          throw new UsageError('Des matricules ne s’affichent pas à l’écran : --output les écrit dans un fichier.');
        }
        const written = { lines: 0 };
        const pieces = counted(
          world,
          what === 'extraction' ? writeExtraction(world.db, { isAll: options.all ?? false }) : citizens(world, options),
          written,
          output,
        );
        if (output === undefined) {
          await write(pieces, process.stdout, false);
          return undefined;
        }
        await writeFileWhole(pieces, output);
        return { json: { what, ...written }, text: `Écrit : ${countText(written.lines, 'ligne', 'lignes', 'aucune ligne')}.` };
      }),
    );
}

function citizens({ db, config }: CommandWorld, options: Options): AsyncIterable<string> {
  const form = parseForm(options.form ?? '');
  return exportCitizens(db, form === 'csv' ? { form } : { form, baseDn: config.ldap.baseDn });
}

async function* counted(world: CommandWorld, pieces: AsyncIterable<string>, written: { lines: number }, output: string | undefined) {
  // A bar over the very text that is being shown would spoil both.
  const isShown = output !== undefined || !process.stdout.isTTY;
  for await (const piece of pieces) {
    world.signal.throwIfAborted();
    written.lines += piece.split('\n').length - 1;
    if (isShown) world.progress.show({ what: 'Écriture', done: written.lines, unit: 'lignes' });
    yield piece;
  }
}

async function writeFileWhole(pieces: AsyncIterable<string>, file: string): Promise<void> {
  const part = `${file}.${process.pid}.part`;
  try {
    await write(pieces, createWriteStream(part, { flags: 'wx', mode: 0o600, flush: true }), true);
    await rename(part, file);
    await syncFolder(dirname(file));
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined);
    throw error;
  }
}

const unwritable = new Set(['ENOENT', 'EACCES', 'EPERM', 'EROFS', 'EISDIR', 'ENOTDIR', 'ENOSPC', 'EDQUOT']);

async function write(pieces: AsyncIterable<string>, to: Writable, end: boolean): Promise<void> {
  try {
    await pipeline(Readable.from(pieces), to, { end });
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE') {
      throw new RefusedError('output-closed', 'La sortie s’est fermée avant la fin : le texte n’est pas entier');
    }
    if (syscall !== 'connect' && unwritable.has(code ?? '')) {
      throw new RefusedError('file-unwritable', `Ce fichier ne peut pas être écrit (${code})`);
    }
    throw error;
  }
}
