// The two forms of a file of citizens, as they are typed.
import type { FeedForm } from '../../directory/feed/feed-batches.ts';
import { UsageError } from './failures.ts';

/** The words for them. */
export const feedForms = ['csv', 'ldif'] as const satisfies readonly FeedForm[];

/** Throws UsageError for another word. */
export function parseForm(typed: string): FeedForm {
  const form = feedForms.find((one) => one === typed.toLowerCase());
  if (!form) throw new UsageError('--form attend csv ou ldif.');
  return form;
}
