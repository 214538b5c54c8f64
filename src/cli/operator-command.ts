// What every command shares: help in French, errors that this house words, and the options all of them know.
import { type Argument, Command, type Option } from 'commander';

/** Exit codes, so that scripts can tell: done; refused, or not found; not understood. */
export const exitCodes = { done: 0, refused: 1, wrongUsage: 2 } as const;

const frenchTitles: Readonly<Record<string, string>> = {
  'Usage:': 'Utilisation :',
  'Arguments:': 'Arguments :',
  'Options:': 'Options :',
  'Commands:': 'Commandes :',
};

/** A group of commands about one thing: `passerelle block …`. */
export function commandGroup(name: string, description: string, commands: readonly Command[]): Command {
  const group = frenchCommand(name, description).usage('<commande>');
  for (const command of commands) group.addCommand(command);
  return group;
}

/** A command that reads the configuration and answers people, or programs with `--json`. */
export function operatorCommand(name: string, description: string): Command {
  return frenchCommand(name, description)
    .option('--config <fichier>', 'fichier de configuration (JSON) ; PASSERELLE_CONFIG en nomme un aussi')
    .option('--json', 'répond en JSON, pour un programme');
}

/** A command that has none of the common options. Commander's own errors go to whoever called, unsaid: they quote what was typed, which may
 * be a matricule. See failures.ts. */
export function frenchCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .helpOption('-h, --help', 'affiche cette aide')
    .helpCommand(false)
    .configureHelp({ styleTitle: (title) => frenchTitles[title] ?? title, optionDescription: described, argumentDescription: described })
    .configureOutput({ outputError: () => undefined })
    .showSuggestionAfterError(false)
    .exitOverride();
}

// Choices stand in the description, in words: here, only what commander would say in English.
function described({ description, defaultValue }: Option | Argument): string {
  return defaultValue === undefined ? description : `${description} (par défaut : ${defaultValue})`;
}
