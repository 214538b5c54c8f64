// A professional's absence, in words.
import type { Absence } from '../../policies/absences.ts';
import { dateText } from './answer.ts';

/** Several lines, the professional's own text last. */
export function absenceText({ address, from, until, text, standIn }: Absence): string {
  const stands = standIn === undefined ? [] : [`Remplacement : ${standIn}`];
  return [`${address} est en absence du ${dateText(from)} au ${dateText(until)}.`, ...stands, '', text].join('\n');
}
