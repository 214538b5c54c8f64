// One case of the hostile set: how its letter is made, and what the gateway must say of it.

/** `fine` when nothing is wrong, else the problem and its code, as `hostile: bomb`. */
export type Verdict = 'fine' | `${'hostile' | 'unreadable'}: ${string}`;

export type HostileCase = {
  readonly title: string;
  readonly verdict: Verdict;
  /** Matricules of each document that is still told. */
  readonly about?: readonly (readonly string[])[];
  /** Whether one of the documents is hidden from the patient. */
  readonly hidden?: boolean;
  letter(): Buffer;
};

/** How large the largest letters are. HOSTILE_BYTES makes them smaller where the set is read many hundred times: test/mutation. */
export const largeBytes = Number(process.env.HOSTILE_BYTES ?? 20_000_000);
