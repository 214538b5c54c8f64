// Completion for zsh: one function a command, in the words of _arguments, with what --help says of each.
import { type ExpectedWord, everyCommand, type KnownCommand, type KnownOption } from './command-tree.ts';

/** The script, for a file named `_<name>` in $fpath, or to be read by a shell. It asks nothing of the program. */
export function zshCompletion(name: string, tree: KnownCommand): string {
  const functions = everyCommand(tree).map((command) => (command.below.length > 0 ? groupText(name, command) : commandText(name, command)));
  return `#compdef ${name}
# ${name} : complétion pour zsh. À lire par : source <(${name} completion zsh)

${functions.join('\n\n')}

# Read by a shell, it tells the completion system; found in $fpath, it is the completion.
if [[ $funcstack[1] == _${name} ]]; then
  _${name} "$@"
else
  compdef _${name} ${name}
fi
`;
}

function groupText(name: string, group: KnownCommand): string {
  const verbs = group.below.map((command) => quoted(`${command.path.at(-1)}:${command.description.replace(/[\\:]/g, '\\$&')}`));
  return `${functionName(name, group)}() {
  local curcontext=$curcontext state line
  local -a verbs=(${verbs.join(' ')})
  _arguments -C ${[...group.options.map(optionSpec), quoted('1: :->verb'), quoted('*:: :->rest')].join(' ')}
  case $state in
    verb) _describe -t commands commande verbs ;;
    rest)
      case $line[1] in
${group.below.map((command) => `        ${command.path.at(-1)}) ${functionName(name, command)} ;;`).join('\n')}
      esac ;;
  esac
}`;
}

function commandText(name: string, command: KnownCommand): string {
  const words = command.expected.map((word, at) => quoted(`${at + 1}:${expectation(word)}`));
  return `${functionName(name, command)}() {
  _arguments ${[...command.options.map(optionSpec), ...words].join(' ')}
}`;
}

function functionName(name: string, { path }: KnownCommand): string {
  return ['', name, ...path].join('_');
}

// `(-h --help)-h[…]`: each form shuts out the other.
function optionSpec({ flags, description, value }: KnownOption): string {
  const shutOut = flags.length > 1 ? `(${flags.join(' ')})` : '';
  const told = `[${description.replace(/[\\[\]:]/g, '\\$&')}]${value ? `:${expectation(value)}` : ''}`;
  return flags.map((flag) => quoted(`${shutOut}${flag}${value && flag.startsWith('--') ? '=' : ''}${told}`)).join(' ');
}

function expectation({ name, isFile, choices }: ExpectedWord): string {
  const message = name.replaceAll(':', '\\:');
  if (isFile) return `${message}:_files`;
  return `${message}:${choices.length > 0 ? `(${choices.join(' ')})` : ' '}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
