// Settings that are each in order and cannot stand together. They are looked for in what was written, before the schema
// has filled in defaults, so that they are reported together with every other problem.
import type { ConfigProblem } from './problems.ts';

type Written = { readonly [key: string]: unknown } | undefined;

/** The contradictions of a configuration as it was written. */
export function contradictions(raw: unknown, nameOf: (path: readonly string[]) => string): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const mx = at(raw, 'smtp', 'mx');
  const tls = at(raw, 'tls');
  const missing = (path: readonly string[], problem: string) => problems.push({ key: nameOf(path), problem });

  // No open door: an MX that cannot tell operators apart would take mail from anybody.
  if (mx?.enabled === true) {
    if (!mx.clientAuthorityFile)
      missing(['smtp', 'mx', 'clientAuthorityFile'], 'is needed when smtp.mx.enabled is true: without it any sender would be let in');
    if (!isFilled(mx.peers))
      missing(['smtp', 'mx', 'peers'], 'is needed when smtp.mx.enabled is true: it binds each domain to certificate names');
    if (!tls?.certificateFile) missing(['tls', 'certificateFile'], 'is needed when smtp.mx.enabled is true');
  }
  if (tls?.certificateFile && !tls.keyFile) missing(['tls', 'keyFile'], 'is needed with tls.certificateFile');
  if (tls?.keyFile && !tls.certificateFile) missing(['tls', 'certificateFile'], 'is needed with tls.keyFile');
  // A password is never shown to a server without TLS.
  const smarthost = at(raw, 'notices', 'smarthost');
  if (smarthost && !at(raw, 'notices')?.from) missing(['notices', 'from'], 'is needed with notices.smarthost');
  if (smarthost?.user && !smarthost.password) missing(['notices', 'smarthost', 'password'], 'is needed with notices.smarthost.user');
  if (smarthost?.password && !smarthost.user) missing(['notices', 'smarthost', 'user'], 'is needed with notices.smarthost.password');
  if (smarthost?.user && (smarthost.tls ?? 'require') !== 'require')
    missing(['notices', 'smarthost', 'tls'], 'must be require with notices.smarthost.user: its password would travel in the clear');
  for (const name of Object.keys(at(raw, 'directory', 'upstreams') ?? {})) {
    const upstream = at(raw, 'directory', 'upstreams', name);
    const key = (setting: string) => ['directory', 'upstreams', name, setting];
    // A bind without a password succeeds as nobody's. RFC 4513 §5.1.2.
    if (upstream?.bindDn && !upstream.bindPasswordFile) missing(key('bindPasswordFile'), 'is needed with bindDn');
    if (upstream?.bindPasswordFile && !upstream.bindDn) missing(key('bindDn'), 'is needed with bindPasswordFile');
    if (upstream?.startTls === false && [upstream.urls].flat().some(leavesInTheClear))
      missing(key('startTls'), 'may be false for servers of this machine alone: matricules would travel in the clear');
  }
  const idle = at(raw, 'directory', 'idle');
  const noticeDays = Number(idle?.noticeDays ?? 365);
  for (const [step, days] of [
    ['suspendDays', 548],
    ['unpublishDays', 730],
  ] as const) {
    const stepDays = Number(idle?.[step] ?? days);
    if (noticeDays > 0 && stepDays > 0 && stepDays <= noticeDays)
      missing(['directory', 'idle', step], 'must be more than directory.idle.noticeDays, or 0: a holder is written to first');
  }
  const record = at(raw, 'dmp');
  // Only what was written is seen here; the defaults, 30 and 90, agree.
  if (Number(record?.noticeAfterDays ?? 30) >= Number(record?.visibleAfterDays ?? 90))
    missing(['dmp', 'visibleAfterDays'], 'must be more than dmp.noticeAfterDays: a patient is told before they are shown');
  return problems;
}

function at(raw: unknown, ...path: string[]): Written {
  const value = path.reduce<unknown>((found, key) => (found as Written)?.[key], raw);
  return typeof value === 'object' && value !== null ? (value as Written) : undefined;
}

function leavesInTheClear(url: unknown): boolean {
  return /^ldap:\/\//i.test(String(url)) && !/^ldap:\/\/(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?=[:/]|$)/i.test(String(url));
}

function isFilled(table: unknown): boolean {
  return typeof table === 'object' && table !== null && Object.keys(table).length > 0;
}
