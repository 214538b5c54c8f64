// The operator's settings as the one path reads them: for the gateway, and for a command that asks what it would answer.
import type { Config } from './config/schema.ts';
import type { PartyRules } from './delivery/parties.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Whose domains are whose, and the numbers and choices that verdicts depend on. */
export function pathRules({ dmp, hostedDomains, limits, notices, pipeline, policies, relay }: Config): PartyRules {
  const { perSender, perCertificate } = policies.unknownCitizensPerHour;
  return {
    domains: {
      citizens: hostedDomains.citizens,
      professionals: new Set(hostedDomains.professionals),
      elsewhereReachable: relay.nextHop !== undefined,
    },
    policies: {
      unknownPerHour: { sender: perSender, certificate: perCertificate },
      testAnswersPerHour: policies.testAnswersPerHour,
      legalNotice: policies.legalNotice,
      absenceAgainAfterMs: policies.absenceAgainAfterDays * dayMs,
      quarantineMs: policies.quarantineDays * dayMs,
      courseDeadlineMs: pipeline.courseDeadlineHours * hourMs,
      remoteCitizens: limits.remoteCitizens,
      ...(dmp.endpoints && { record: { copyReceived: dmp.copyReceived } }),
      ...(notices.smarthost && { notices: { quietMs: notices.quietHours * hourMs } }),
    },
  };
}
