// What a command says when it did not do what was asked: one line on the error output, and an exit code. Never what was typed, nor what
// an unexpected error says: both may hold a matricule. Requirement 58.
import { CommanderError } from 'commander';
import { ConfigError } from '../config/problems.ts';
import { RefusedError } from '../core/errors.ts';
import { DataFolderLockedError } from '../database/data-folder-lock.ts';
import { EmbeddedStartError } from '../database/embedded/start-error.ts';
import { exitCodes } from './operator-command.ts';

/** The command was not understood. The message is French, says what is expected, and does not repeat what was typed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What to print, without line break, and the exit code. */
export type Failure = { readonly line: string; readonly exitCode: number };

/** The words for whatever a command has thrown. */
export function failureOf(error: unknown): Failure {
  if (error instanceof CommanderError) return ofCommander(error);
  if (error instanceof UsageError) return { line: error.message, exitCode: exitCodes.wrongUsage };
  if (error instanceof RefusedError) return { line: `${error.publicText}.`, exitCode: exitCodes.refused };
  if (error instanceof ConfigError || error instanceof DataFolderLockedError || error instanceof EmbeddedStartError) {
    return { line: error.message, exitCode: exitCodes.refused };
  }
  return { line: unexpected(error), exitCode: exitCodes.refused };
}

function ofCommander({ code, exitCode, message }: CommanderError): Failure {
  if (exitCode === 0) return { line: '', exitCode };
  return {
    line: `${wordsOfCommander(code, message)}.${code === 'commander.help' ? '' : ' --help dit comment faire.'}`,
    exitCode: exitCodes.wrongUsage,
  };
}

// The names quoted in these three are ours; elsewhere the message quotes what was typed.
function wordsOfCommander(code: string, message: string): string {
  const ours = /'([^']*)'/.exec(message)?.[1] ?? '';
  switch (code) {
    case 'commander.missingArgument':
      return `Il manque <${ours}>`;
    case 'commander.optionMissingArgument':
      return `Il manque une valeur à ${ours}`;
    case 'commander.missingMandatoryOptionValue':
      return `Il manque ${ours}`;
    case 'commander.excessArguments':
      return 'Il y a trop de mots dans cette commande';
    case 'commander.unknownOption':
      return 'Une de ces options n’existe pas';
    case 'commander.unknownCommand':
      return 'Cette commande n’existe pas';
    default:
      return 'Il manque le nom d’une commande';
  }
}

/** Node's codes of a server that does not answer, and PostgreSQL's of one that turns us away. */
const unreachable = /^(E(CONNREFUSED|CONNRESET|NOTFOUND|AI_AGAIN|TIMEDOUT|HOSTUNREACH|NETUNREACH|PIPE)|08...|28...|3D000|53300|57P0.)$/;
const forbidden = /^(EACCES|EPERM|EROFS)$/;

function unexpected(error: unknown): string {
  const { code, name, stack } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : { code: undefined, name: typeof error, stack: '' };
  if (typeof code === 'string' && unreachable.test(code)) return `La base de données ne répond pas ou ne nous reçoit pas (${code}).`;
  if (typeof code === 'string' && forbidden.test(code)) {
    return `Le dossier de données appartient à un autre compte (${code}) : lancez la commande sous le compte de la passerelle.`;
  }
  const place = /\bat (?:.*[( ])?(?:file:\/\/)?([^\s()]+:\d+:\d+)\)?$/m.exec(stack ?? '')?.[1] ?? 'inconnu';
  return `Erreur inattendue : ${name}${code === undefined ? '' : ` ${code}`}, en ${place}.`;
}
