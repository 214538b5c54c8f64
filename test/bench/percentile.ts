// Medians and tails of measured times.

/** The value below which `share` (0 to 1) of the measures lie; 0 when there are none. */
export function percentile(measures: readonly number[], share: number): number {
  const sorted = [...measures].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
