// What an operator sees of the configuration.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { loadConfig } from '../../src/config/load-config.ts';
import { configSchema } from '../../src/config/schema.ts';
import { settings } from '../../src/config/settings.ts';
import { showConfig } from '../../src/config/show-config.ts';

test('the shown configuration has every setting in force and no secret', () => {
  const shown = showConfig(loadConfig({ environment: { DATABASE_URL: 'postgres://u:hunter2@db/x' } }));
  expect(shown).not.toContain('hunter2');
  expect(JSON.parse(shown)).toMatchObject({ database: { url: '***', poolSize: 10 }, imap: { tlsPort: 993 } });
});

test('every setting is described, with an example that is accepted', () => {
  for (const setting of settings) {
    expect(setting.description, setting.variable).not.toBe('');
    const together = {
      ...companionsOf(setting.variable),
      PASSERELLE_TLS_CERTIFICATE_FILE: '/tls.pem',
      PASSERELLE_TLS_KEY_FILE: '/tls.key',
      PASSERELLE_SMTP_MX_CLIENT_AUTHORITY_FILE: '/ca.pem',
      PASSERELLE_SMTP_MX_PEERS: '{"a.mssante.fr":["mx.a.mssante.fr"]}',
      [setting.variable]: setting.example,
    };
    expect(() => loadConfig({ environment: together }), setting.variable).not.toThrow();
  }
});

test('a settings page can be generated from the schema', () => {
  const page = z.toJSONSchema(configSchema, { io: 'input' });
  expect(page).toMatchObject({
    properties: { limits: { properties: { maxAttachmentBytes: { description: expect.stringContaining('SIZE') } } } },
  });
});

/** What the parts of the configuration that may be absent need, once one of their settings is given. */
function companionsOf(variable: string): Record<string, string> {
  if (variable.startsWith('PASSERELLE_RELAY_NEXT_HOP')) return { PASSERELLE_RELAY_NEXT_HOP_HOST: 'relay.example' };
  if (variable.startsWith('PASSERELLE_NOTICES_SMARTHOST')) {
    const host = { PASSERELLE_NOTICES_SMARTHOST_HOST: 'smtp.example', PASSERELLE_NOTICES_FROM: 'avis@operateur.example' };
    return { ...host, PASSERELLE_NOTICES_SMARTHOST_USER: 'passerelle', PASSERELLE_NOTICES_SMARTHOST_PASSWORD: 'secret' };
  }
  if (!variable.startsWith('PASSERELLE_DMP_ENDPOINTS')) return {};
  const endpoints = ['REPOSITORY', 'STATUS', 'REGISTRY'].map((name) => [`PASSERELLE_DMP_ENDPOINTS_${name}`, 'https://dmp.example/']);
  return Object.fromEntries(endpoints);
}
