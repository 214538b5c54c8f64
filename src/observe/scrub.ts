// Health data and secrets never reach a log, whatever an error or a careless caller says. The names of fields are checked
// first, then what is left of their text; an error keeps only the properties known to be harmless. R1 §1.8: no INS in logs.

/** What stands where something was taken out. */
export const removed = '[removed]';

/** Fields that say who wrote to whom about what, or let somebody in. Compared in lower case, at any depth. */
const forbiddenFields = new Set(
  `ins matricule matriculeins subject body text html content letter attachment filename headers envelope
   address addresses email from to cc bcc sender recipient recipients displayname name firstname lastname birthdate
   messageid message_id login user username password pass passphrase token accesstoken refreshtoken authorization cookie
   secret pepper masterkey privatekey key parameters values detail hint query`.split(/\s+/),
);

/** Properties of errors that help and hold nothing of a letter: Node's, OpenSSL's and PostgreSQL's. */
const harmlessErrorFields = [
  'code',
  'errno',
  'syscall',
  'severity',
  'schema',
  'table',
  'column',
  'constraint',
  'routine',
  'pid',
  'port',
] as const;

const deepest = 5;
const mostItems = 50;
const longestText = 2000;

const patterns: readonly (readonly [RegExp, string])[] = [
  // User and password in an address of a server.
  [/:\/\/[^/\s@]*@/g, '://[removed]@'],
  // Mail addresses, whose local part is often an INS or a name; a quoted local part may hold spaces.
  [/(?:"[^"]*"|[^\s"'<>(),:;@/[\]]+)@[\p{L}\p{N}.-]+/gu, removed],
  // An INS: 13 characters, or 15 with its key, with or without the usual spaces. 2A and 2B are Corsica.
  [
    /(?<![\p{L}\p{N}])[1-9](?:[\s\u00a0]?\d){4}[\s\u00a0]?\d[\s\u00a0]?[\dAB](?:[\s\u00a0]?\d){6}(?:[\s\u00a0]?\d){0,2}(?![\p{L}\p{N}])/giu,
    removed,
  ],
  // Tokens: JWT, bearer, SASL answers, application passwords (26 characters of base32).
  [/\beyJ[\w-]+(?:\.[\w-]*){0,4}/g, removed],
  [/\b(bearer|auth\s+\w+|authenticate\s+\w+)[\s:=]+[\w+/=._~-]+/gi, `$1 ${removed}`],
  [/(?<![A-Z2-7])[A-Z2-7]{26}(?![A-Z2-7])/gi, removed],
];

/** Text without what looks like an INS, an address or a credential; cut when it is long. */
export function scrubText(text: string): string {
  const short = text.length > longestText ? `${text.slice(0, longestText)}…` : text;
  return patterns.reduce((scrubbed, [pattern, by]) => scrubbed.replace(pattern, by), short);
}

/** An error's message. Libraries quote the input they refuse, so quoted text goes too unless it is a plain name. */
export function scrubMessage(message: string): string {
  const unquoted = message
    .slice(0, longestText)
    .replace(/"([^"]*)(?:"|$)|«([^»]*)(?:»|$)|'([^']*)'/g, (quoted: string, ...inner: (string | undefined)[]) =>
      inner.slice(0, 3).some((name) => name !== undefined && /^[a-z][a-z0-9_]{0,62}$/.test(name)) ? quoted : removed,
    );
  return scrubText(unquoted);
}

/** Any value as it may be logged: plain data, bounded in depth and length. */
export function scrub(value: unknown, depth = 0): unknown {
  switch (typeof value) {
    case 'string':
      return scrubText(value);
    case 'number':
      // Fifteen digits are an INS before they are anything this gateway counts.
      return Math.abs(value) >= 1e14 ? removed : value;
    case 'bigint':
      return scrub(Number(value), depth);
    case 'boolean':
    case 'undefined':
      return value;
    case 'object':
      return value === null ? null : scrubObject(value, depth);
    default:
      return removed;
  }
}

function scrubObject(value: object, depth: number): unknown {
  if (value instanceof Error) return scrubError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (depth >= deepest || ArrayBuffer.isView(value)) return removed;
  if (Array.isArray(value)) return value.slice(0, mostItems).map((item) => scrub(item, depth + 1));
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(
    entries.slice(0, mostItems).map(([key, each]) => [scrubText(String(key)), isForbidden(String(key)) ? removed : scrub(each, depth + 1)]),
  );
}

function isForbidden(key: string): boolean {
  return forbiddenFields.has(key.toLowerCase());
}

function scrubError(error: Error, depth: number): Record<string, unknown> {
  const fields: Record<string, unknown> = { type: scrubText(error.name), message: scrubMessage(error.message) };
  for (const field of harmlessErrorFields) {
    const value = (error as unknown as Record<string, unknown>)[field];
    if (typeof value === 'string' || typeof value === 'number') fields[field] = scrub(value);
  }
  // The head of the stack repeats the message; the frames are ours.
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line));
  if (frames?.length) fields.stack = frames.slice(0, 20).map((line) => scrubText(line.trim()));
  if (depth < deepest && error.cause !== undefined)
    fields.cause = error.cause instanceof Error ? scrubError(error.cause, depth + 1) : removed;
  return fields;
}
