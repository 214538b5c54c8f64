// The tree of commands as plain data, for whoever writes of it in another language: the completion of three shells.
import type { Command, Option } from 'commander';

/** What a word stands for: an argument, or the value of an option. */
export type ExpectedWord = {
  readonly name: string;
  /** A file of the machine: so named in the help. */
  readonly isFile: boolean;
  /** The only words it may be; empty when there is no list. */
  readonly choices: readonly string[];
};

/** An option. Without `value` it is a flag. */
export type KnownOption = {
  readonly flags: readonly string[];
  readonly description: string;
  readonly value?: ExpectedWord;
};

/** A command, or a group of commands: a group has commands `below`. */
export type KnownCommand = {
  /** From the word after the program's name; empty for the program itself. */
  readonly path: readonly string[];
  readonly description: string;
  readonly below: readonly KnownCommand[];
  readonly options: readonly KnownOption[];
  readonly expected: readonly ExpectedWord[];
};

/** A command and all that is below it. */
export function readTree(command: Command, path: readonly string[] = []): KnownCommand {
  const help = command.createHelp();
  return {
    path,
    description: inBrief(command.description()),
    below: help.visibleCommands(command).map((below) => readTree(below, [...path, below.name()])),
    options: help.visibleOptions(command).map(knownOption),
    expected: command.registeredArguments.map((argument) => expectedWord(argument.name(), argument.argChoices)),
  };
}

/** Every command and group of a tree, from the top. */
export function everyCommand(tree: KnownCommand): KnownCommand[] {
  return [tree, ...tree.below.flatMap(everyCommand)];
}

function knownOption(option: Option): KnownOption {
  const valueName = /[<[]([^\]>]+)/.exec(option.flags)?.[1];
  return {
    flags: [option.long, option.short].filter((flag) => flag !== undefined),
    description: inBrief(option.description),
    ...(valueName !== undefined && { value: expectedWord(valueName, option.argChoices) }),
  };
}

function expectedWord(name: string, choices: readonly string[] | undefined): ExpectedWord {
  return { name, isFile: /^(fichier|dossier)/.test(name), choices: choices ?? [] };
}

// A line of a list of choices: the explanations after the first words are for --help.
function inBrief(description: string): string {
  return description.split(/\s?[;:(]\s/)[0]?.trim() ?? '';
}
