// What the load process is asked and what it answers: plain data that crosses from one process to another.

/** Someone who can sign in. */
export type Person = { readonly address: string; readonly password: string };

/** Appends of 4 KiB, each made durable before the next, by writers with a file each. */
export type FsyncTask = { readonly do: 'fsync'; readonly folder: string; readonly writers: number; readonly durationMs: number };

/** Letters through the submission door, over connections that stay open, as fast as they are answered. */
export type LettersTask = {
  readonly do: 'letters';
  readonly port: number;
  /** PEM of the authority behind the gateway's certificate. */
  readonly ca: string;
  readonly senders: readonly Person[];
  /** Each letter goes to the next one. */
  readonly recipients: readonly string[];
  readonly sizeBytes: number;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly durationMs: number;
};

/** A task for the load process. */
export type LoadTask = FsyncTask | LettersTask;

/** How many in how long. */
export type FsyncResult = { readonly count: number; readonly seconds: number };

/** What the senders heard. Times in milliseconds. */
export type LettersResult = {
  /** Within the measured time. */
  readonly acknowledged: number;
  readonly seconds: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  /** Each recipient with the letters acknowledged for it, the warm-up's included: what must be found afterwards. */
  readonly owed: Readonly<Record<string, number>>;
  /** Answers other than 250, by code. */
  readonly refused: Readonly<Record<string, number>>;
};
