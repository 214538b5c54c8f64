// The delays of mailboxes that nobody opens: a holder is written to before anything else happens to their mailbox. Requirement 21.
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { ConfigError } from '../../src/config/problems.ts';

function problemsOf(days: { notice?: number; suspend?: number; unpublish?: number }): string[] {
  const environment = Object.fromEntries(
    Object.entries(days).map(([step, number]) => [`PASSERELLE_DIRECTORY_IDLE_${step.toUpperCase()}_DAYS`, String(number)]),
  );
  try {
    loadConfig({ environment });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ key }) => key);
    throw error;
  }
  return [];
}

test.each([
  [{}, []],
  [{ notice: 30, suspend: 60, unpublish: 60 }, []],
  [{ notice: 0, suspend: 30 }, []],
  [{ notice: 900, suspend: 0, unpublish: 0 }, []],
  [{ suspend: 365 }, ['PASSERELLE_DIRECTORY_IDLE_SUSPEND_DAYS']],
  [{ notice: 60, suspend: 60, unpublish: 90 }, ['PASSERELLE_DIRECTORY_IDLE_SUSPEND_DAYS']],
  [{ notice: 800 }, ['directory.idle.suspendDays', 'directory.idle.unpublishDays']],
])('requirement 21: %j stops the start for %j', (days, problems) => {
  expect(problemsOf(days)).toEqual(problems);
});
