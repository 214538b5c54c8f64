// `passerelle completion`: what a shell needs to know to complete the operator's commands, written from the commands themselves.
import type { Command } from 'commander';
import { bashCompletion } from '../completion/bash-completion.ts';
import { type KnownCommand, readTree } from '../completion/command-tree.ts';
import { fishCompletion } from '../completion/fish-completion.ts';
import { zshCompletion } from '../completion/zsh-completion.ts';
import { frenchCommand } from '../operator-command.ts';

const shells = {
  bash: { write: bashCompletion, use: 'source <(passerelle completion bash)' },
  zsh: { write: zshCompletion, use: 'source <(passerelle completion zsh)' },
  fish: { write: fishCompletion, use: 'passerelle completion fish | source' },
} as const satisfies Record<string, { write: (name: string, tree: KnownCommand) => string; use: string }>;

/** One command a shell. They ask for no database and no configuration. */
export function printCompletionCommands(): Command[] {
  return Object.entries(shells).map(([shell, { write, use }]) =>
    frenchCommand(shell, `Écrit de quoi compléter ces commandes dans ${shell} ; à essayer par ${use}`).action(
      (_options: object, command: Command) => {
        const program = topOf(command);
        process.stdout.write(write(program.name(), readTree(program)));
      },
    ),
  );
}

function topOf(command: Command): Command {
  return command.parent ? topOf(command.parent) : command;
}
