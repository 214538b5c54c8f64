// What a sender may do so often an hour: write to citizens who do not exist or have shut their mailbox (anyone can forge a well-formed
// matricule, and the report tells which it is), and make the test address answer. Requirements 37 and 40.
import type { Arrival } from './arrival.ts';
import type { PathPolicies } from './path-policies.ts';

/** The window in which things are counted. */
export const limitPeriodMs = 3_600_000;

/** Something counted, by the name it is counted under, and how much of it an hour may hold. */
export type HourlyLimit = { readonly subject: string; readonly perHour: number };

/**
 * What letters to unknown citizens are counted against: the sender, or the account when there is none, and the name of the certificate,
 * for senders are invented freely.
 */
export function guessLimits({ sender, account, peer }: Arrival, { unknownPerHour }: PathPolicies): readonly HourlyLimit[] {
  const whose = sender ?? account?.address;
  return [
    ...(whose === undefined ? [] : [{ subject: `unknown:${whose}`, perHour: unknownPerHour.sender }]),
    ...(peer.certificateName === undefined
      ? []
      : [{ subject: `unknown-certificate:${peer.certificateName}`, perHour: unknownPerHour.certificate }]),
  ];
}

/** Testers behind one certificate name. */
const testersPerCertificate = 10;

/**
 * What letters to the test address are counted against: the sender, and the certificate, for a program that answers its answers may take
 * another name each time. Nothing while it is silent.
 */
export function testLimits({ sender, peer }: Arrival, { testAnswersPerHour }: PathPolicies): readonly HourlyLimit[] {
  if (sender === null || testAnswersPerHour === 0) return [];
  return [
    { subject: `test:${sender}`, perHour: testAnswersPerHour },
    ...(peer.certificateName === undefined
      ? []
      : [{ subject: `test-certificate:${peer.certificateName}`, perHour: testersPerCertificate * testAnswersPerHour }]),
  ];
}

/** True when one of these limits is used up. */
export function isUsedUp(limits: readonly HourlyLimit[], tallies: ReadonlyMap<string, number>): boolean {
  return limits.some(({ subject, perHour }) => (tallies.get(subject) ?? 0) >= perHour);
}
