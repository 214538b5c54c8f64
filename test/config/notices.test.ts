// The settings of notices to ordinary addresses: silent by default, and never a password in the clear.
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { ConfigError } from '../../src/config/problems.ts';
import { showConfig } from '../../src/config/show-config.ts';
import { pathRules } from '../../src/path-rules.ts';

const settings = (more: Record<string, string>) => ({
  PASSERELLE_NOTICES_SMARTHOST_HOST: 'smtp.example',
  PASSERELLE_NOTICES_FROM: 'avis@operateur.example',
  ...more,
});

function problemsOf(environment: Record<string, string>): string[] {
  try {
    loadConfig({ environment });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ key }) => key);
    throw error;
  }
  return [];
}

test('no notices are owed without a smarthost; with one, so many hours apart', () => {
  expect(pathRules(loadConfig({ environment: {} })).policies.notices).toBeUndefined();
  const config = loadConfig({ environment: settings({ PASSERELLE_NOTICES_QUIET_HOURS: '6' }) });
  expect(pathRules(config).policies.notices).toEqual({ quietMs: 6 * 3_600_000 });
  expect(config.notices.smarthost).toMatchObject({ port: 587, tls: 'require' });
});

test('what cannot stand together stops the start', () => {
  expect(problemsOf({ PASSERELLE_NOTICES_SMARTHOST_HOST: 'smtp.example' })).toEqual(['notices.from']);
  expect(problemsOf(settings({ PASSERELLE_NOTICES_SMARTHOST_USER: 'avis' }))).toEqual(['notices.smarthost.password']);
  expect(problemsOf(settings({ PASSERELLE_NOTICES_SMARTHOST_PASSWORD: 'x' }))).toEqual(['notices.smarthost.user']);
  const account = { PASSERELLE_NOTICES_SMARTHOST_USER: 'avis', PASSERELLE_NOTICES_SMARTHOST_PASSWORD: 'x' };
  expect(problemsOf(settings({ ...account, PASSERELLE_NOTICES_SMARTHOST_TLS: 'starttls' }))).toEqual(['PASSERELLE_NOTICES_SMARTHOST_TLS']);
  expect(problemsOf(settings(account))).toEqual([]);
  expect(problemsOf(settings({ PASSERELLE_NOTICES_READ_AT: 'http://messagerie.example' }))).toHaveLength(1);
  expect(problemsOf(settings({ PASSERELLE_NOTICES_FROM: 'avis' }))).toHaveLength(1);
});

test('the password is not shown', () => {
  const shown = showConfig(
    loadConfig({
      environment: settings({ PASSERELLE_NOTICES_SMARTHOST_USER: 'avis', PASSERELLE_NOTICES_SMARTHOST_PASSWORD: 'tres-secret' }),
    }),
  );
  expect(shown).not.toContain('tres-secret');
  expect(shown).toContain('avis@operateur.example');
});
