// Whether a sender wants to be told of a recipient: what NOTIFY asked for, and what is told to those who asked for nothing.
// RFC 3461 §4.1, requirement 46.
import type { Notify } from './arrival.ts';

/** What a report says of one recipient. RFC 3464 §2.3.3; `delayed` is said of letters held in quarantine. */
export type ReportAction = 'failed' | 'delayed' | 'delivered' | 'relayed';

/** True when this is to be reported. Without NOTIFY, failures and delays are. Who wants failures hears that a letter is held. */
export function wantsReport(notify: Notify | undefined, action: ReportAction): boolean {
  if (notify === 'never') return false;
  const asked = notify ?? ['failure', 'delay'];
  if (action === 'failed') return asked.includes('failure');
  if (action === 'delayed') return asked.includes('delay') || asked.includes('failure');
  return asked.includes('success');
}

/** NOTIFY as a column keeps it. */
export function notifyToText(notify: Notify | undefined): string | null {
  if (notify === undefined || notify === 'never') return notify ?? null;
  return notify.join(',');
}

/** NOTIFY as a column kept it. */
export function notifyFromText(text: string | null): Notify | undefined {
  if (text === null || text === 'never') return text ?? undefined;
  return (['success', 'failure', 'delay'] as const).filter((one) => text.split(',').includes(one));
}
