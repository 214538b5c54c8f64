// The patterns of LIST and LSUB: `*` matches anything, `%` anything within one level. RFC 3501 §6.3.8.

import { hierarchyDelimiter } from './mailbox-name.ts';

/**
 * Whether the pattern (reference and mailbox pattern already joined, in Unicode) matches the whole name.
 * Takes pattern × name steps at most, so that no pattern can stall the process. INBOX matches in any case.
 */
export function matchesListPattern(pattern: string, name: string): boolean {
  if (pattern.toUpperCase() === 'INBOX') return name === 'INBOX';
  // reachable[i]: the part of the pattern read so far can match the first i characters of the name.
  let reachable = new Array<boolean>(name.length + 1).fill(false);
  reachable[0] = true;
  for (const symbol of pattern.replace(/[*%]{2,}/g, (run) => (run.includes('*') ? '*' : '%')).split('')) {
    const next = new Array<boolean>(name.length + 1).fill(false);
    for (let at = 0; at <= name.length; at += 1) {
      if (symbol === '*') next[at] = reachable[at] === true || (at > 0 && next[at - 1] === true);
      else if (symbol === '%')
        next[at] = reachable[at] === true || (at > 0 && next[at - 1] === true && name[at - 1] !== hierarchyDelimiter);
      else next[at] = at > 0 && reachable[at - 1] === true && name[at - 1] === symbol;
    }
    reachable = next;
  }
  return reachable[name.length] === true;
}
