// Completion for bash, 3.2 (macOS) and later: one function that follows the words typed so far down the tree of commands.
import { everyCommand, type KnownCommand, type KnownOption } from './command-tree.ts';

/** The script to be read by a shell. It asks nothing of the program: what it knows stands in it. */
export function bashCompletion(name: string, tree: KnownCommand): string {
  const commands = everyCommand(tree);
  const groups = commands.filter(({ below }) => below.length > 0);
  const leaves = commands.filter(({ below }) => below.length === 0);
  return `# ${name} : complétion pour bash. À lire par : source <(${name} completion bash)
_${name}() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" place='' typed found='' given=0 at skip=0
  COMPREPLY=()
  # bash parts --option=value in three words, and addresses too: those are not for us to complete.
  [[ $before == [@:] || $word == [@:] ]] && return
  [[ $before == '=' ]] && before="\${COMP_WORDS[COMP_CWORD-2]}"
  [[ $word == '=' ]] && word=''
  for ((at = 1; at < COMP_CWORD; at += 1)); do
    typed="\${COMP_WORDS[at]}"
    if [[ $typed == [=@:] ]]; then skip=1; continue; fi
    if [[ $skip == 1 ]]; then skip=0; continue; fi
    if [[ $typed == -* ]]; then
      _${name}_value "$place" "$typed" && skip=1
      continue
    fi
    case "$place $typed" in
      ${groups
        .flatMap(({ below }) => below)
        .map((command) => quoted(placeOf(command)))
        .join(' | ')}) place="$place $typed" ;;
      *) given=$((given + 1)) ;;
    esac
  done
  found=''
  if _${name}_value "$place" "$before"; then
    :
  elif [[ $word == -* ]]; then
    found=$(_${name}_options "$place")
  else
    case "$place $given" in
${[...groups.map(groupLine), ...leaves.flatMap((command) => wordLines(name, command))].join('\n')}
    esac
  fi
  if [[ $found == '<fichier>' ]]; then
    compopt -o filenames 2>/dev/null
    while IFS= read -r typed; do COMPREPLY+=("$typed"); done < <(compgen -f -- "$word")
  else
    while IFS= read -r typed; do COMPREPLY+=("$typed"); done < <(compgen -W "$found" -- "$word")
  fi
}

# Says whether an option is followed by a value, and leaves in "found" what the value may be.
_${name}_value() {
  case "$1 $2" in
${commands.flatMap((command) => command.options.flatMap((option) => valueLines(command, option))).join('\n')}
    *) return 1 ;;
  esac
}

_${name}_options() {
  case "$1" in
${commands.map((command) => `    ${quoted(placeOf(command))}) printf %s ${quoted(flagsOf(command))} ;;`).join('\n')}
  esac
}

complete -F _${name} ${name}
`;
}

// As the script keeps it: a space before each word.
function placeOf({ path }: KnownCommand): string {
  return path.map((word) => ` ${word}`).join('');
}

function flagsOf({ options }: KnownCommand): string {
  return options.flatMap(({ flags }) => flags).join(' ');
}

function groupLine(group: KnownCommand): string {
  return `      ${quoted(`${placeOf(group)} 0`)}) found=${quoted(group.below.map(({ path }) => path.at(-1)).join(' '))} ;;`;
}

function wordLines(name: string, command: KnownCommand): string[] {
  const lines = command.expected.flatMap((word, at) => {
    const found = word.isFile ? '<fichier>' : word.choices.join(' ');
    return found === '' ? [] : [`      ${quoted(`${placeOf(command)} ${at}`)}) found=${quoted(found)} ;;`];
  });
  // All words are there: what may follow are options.
  return [...lines, `      ${quoted(`${placeOf(command)} ${command.expected.length}`)}) found=$(_${name}_options "$place") ;;`];
}

function valueLines(command: KnownCommand, { flags, value }: KnownOption): string[] {
  if (!value) return [];
  const patterns = flags.map((flag) => quoted(`${placeOf(command)} ${flag}`)).join(' | ');
  return [`    ${patterns}) found=${quoted(value.isFile ? '<fichier>' : value.choices.join(' '))} ;;`];
}

/** One word of the shell, whatever it holds. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
