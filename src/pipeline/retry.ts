// When to try again, and when to give up. RFC 5321 §4.5.4.1 asks for spaced attempts over days for mail; each kind says its own.
// Giving up counts time, not attempts: a day of restarts must not use up a letter's chances.

/** How a kind of work is tried again. The delay doubles from the first to the longest. */
export type RetrySchedule = {
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  /** Counted from the moment the row was written. One last attempt is made then; nothing after it. */
  readonly giveUpAfterMs: number;
};

/** One attempt out of the schedule, as a moment before which nothing is tried. */
export type AttemptFacts = {
  /** Attempts begun so far, at least 1. */
  readonly attempts: number;
  readonly createdAt: Date;
  readonly now: Date;
  /** From 0 to 1, drawn by the caller: a remote that comes back must not meet everybody at the same instant. */
  readonly chance: number;
};

/** The next attempt: between half and the whole of the doubled delay; undefined when the schedule has ended. */
export function nextAttempt(schedule: RetrySchedule, facts: AttemptFacts): Date | undefined {
  const end = facts.createdAt.getTime() + schedule.giveUpAfterMs;
  if (facts.now.getTime() >= end) return undefined;
  // 2^40 times any delay is past every schedule: the exponent is bounded so that it stays a finite number.
  const doubled = schedule.firstDelayMs * 2 ** Math.min(facts.attempts - 1, 40);
  const delay = Math.min(schedule.longestDelayMs, doubled) * (0.5 + facts.chance / 2);
  return new Date(Math.min(end, facts.now.getTime() + Math.ceil(delay)));
}
