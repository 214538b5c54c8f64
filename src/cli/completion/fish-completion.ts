// Completion for fish: a line for each word that may follow, with what --help says of it.
import { everyCommand, type KnownCommand, type KnownOption } from './command-tree.ts';

/** The script, for ~/.config/fish/completions/<name>.fish or to be read by a shell. It asks nothing of the program. */
export function fishCompletion(name: string, tree: KnownCommand): string {
  const lines = everyCommand(tree).flatMap((command) =>
    command.below.length > 0 ? groupLines(name, command) : commandLines(name, command),
  );
  return `# ${name} : complétion pour fish. À lire par : ${name} completion fish | source

# True when the words typed begin with these ones, and, after --whole, when there are no others.
function __${name}_at
  set -l typed (commandline -opc)[2..-1]
  if test "$argv[1]" = --whole
    set -e argv[1]
    test (count $typed) -eq (count $argv); or return 1
  end
  set -l count (count $argv)
  test $count -eq 0; or test "$typed[1..$count]" = "$argv"
end

complete -c ${name} -f
${lines.join('\n')}
`;
}

function groupLines(name: string, group: KnownCommand): string[] {
  const verbs = group.below.map((command) => `-a ${command.path.at(-1)} -d ${quoted(command.description)}`);
  return [...verbs, ...group.options.map(optionWords)].map((words) => line(name, ['--whole', ...group.path], words));
}

function commandLines(name: string, command: KnownCommand): string[] {
  const choices = command.expected.flatMap((word) => word.choices);
  const words = [
    ...(command.expected.some((word) => word.isFile) ? ['-F'] : []),
    ...(choices.length > 0 ? [`-a ${quoted(choices.join(' '))}`] : []),
    ...command.options.map(optionWords),
  ];
  return words.map((given) => line(name, command.path, given));
}

function line(name: string, place: readonly string[], words: string): string {
  return `complete -c ${name} -n ${quoted(`__${name}_at ${place.join(' ')}`.trim())} ${words}`;
}

function optionWords({ flags, description, value }: KnownOption): string {
  const named = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const choices = value && value.choices.length > 0 ? [`-a ${quoted(value.choices.join(' '))}`] : [];
  const kind = value ? [value.isFile ? '-r -F' : '-x', ...choices] : [];
  return [...named, ...kind, `-d ${quoted(description)}`].join(' ');
}

// In single quotes fish reads only \' and \\.
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
