// Flags as they are spelt: the five system flags a client may set, keywords, and the rest. RFC 3501 §2.3.2, §9 (flag).

/** The system flags a client may set; `\Recent` belongs to the server. */
export const systemFlagNames = ['\\Seen', '\\Answered', '\\Flagged', '\\Deleted', '\\Draft'] as const;

/** One of the five, in its canonical case. */
export type SystemFlagName = (typeof systemFlagNames)[number];

/** What a client sent: no flag twice (case does not matter), keywords in the case they were first written in. */
export type FlagList = { readonly system: readonly SystemFlagName[]; readonly keywords: readonly string[] };

/** Longest keyword taken, in characters. Real ones (`$MDNSent`, `NonJunk`) stay under 30. */
export const maxKeywordLength = 100;

/** Most flags read in one list. */
export const maxFlagsInList = 100;

const byLowerCase = new Map<string, SystemFlagName>(systemFlagNames.map((name) => [name.toLowerCase(), name]));

/** The system flag of that name, whatever its case; undefined for `\Recent`, an unknown `\Xxx` or a keyword. */
export function systemFlag(name: string): SystemFlagName | undefined {
  return byLowerCase.get(name.toLowerCase());
}

/**
 * Sorts spelt flags into system flags and keywords. `\Recent` and unknown `\Xxx` are left out: a change to a flag
 * that is not among PERMANENTFLAGS is ignored. RFC 3501 §7.1 (PERMANENTFLAGS).
 */
export function sortFlags(names: readonly string[]): FlagList {
  const system = new Set<SystemFlagName>();
  const keywords = new Map<string, string>();
  for (const name of names) {
    const known = systemFlag(name);
    if (known) system.add(known);
    else if (!name.startsWith('\\') && !keywords.has(name.toLowerCase())) keywords.set(name.toLowerCase(), name);
  }
  return { system: [...system], keywords: [...keywords.values()] };
}

/** A flag list as FETCH prints it: `(\Seen $Forwarded)`. */
export function formatFlags(system: readonly SystemFlagName[], keywords: readonly string[]): string {
  return `(${[...system, ...keywords].join(' ')})`;
}
