// How long fast-check looks. A failure names its seed, DOCUMENTS_SEED repeats it; DOCUMENTS_RUNS looks longer, or less long where the
// same tests are asked about many hundred changes: test/mutation.

/** Settings of fc.assert: `numRuns` unless the environment says otherwise. */
export function looking(numRuns: number): { readonly numRuns: number; readonly seed?: number } {
  const { DOCUMENTS_RUNS: runs, DOCUMENTS_SEED: seed } = process.env;
  return { numRuns: Number(runs ?? numRuns), ...(seed === undefined ? {} : { seed: Number(seed) }) };
}
