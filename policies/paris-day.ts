// The day as people here count it: the limits of a day start anew at midnight in Paris, in summer as in winter.

// Sweden writes dates as ISO 8601 does.
const inParis = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Paris', dateStyle: 'short' });

/** YYYY-MM-DD in Europe/Paris. */
export function parisDay(moment: Date): string {
  return inParis.format(moment);
}
