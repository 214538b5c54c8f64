// What the settings of other directories may not say, and what is remembered of their answers.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openUpstreams } from '../../directory/upstream/open-upstreams.ts';
import { RememberedAnswers } from '../../directory/upstream/remembered-answers.ts';
import { contradictions } from '../../src/config/contradictions.ts';
import { configSchema } from '../../src/config/schema.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'passerelle-upstream-'));
  await writeFile(join(folder, 'empty'), '\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a start is refused whose files for another directory cannot be used, and the one that is wrong is named', async () => {
  const base = { urls: ['ldaps://annuaire.example'], baseDn: 'o=region,c=fr' };
  const wrong: [Readonly<Record<string, string>>, RegExp][] = [
    [{ authorityFile: join(folder, 'none') }, /upstreams\.region\.authorityFile = .*cannot be read \(ENOENT\)/],
    [{ authorityFile: join(folder, 'empty') }, /upstreams\.region\.authorityFile = .*holds no PEM certificate/],
    [{ bindDn: 'cn=a', bindPasswordFile: join(folder, 'none') }, /upstreams\.region\.bindPasswordFile = .*cannot be read/],
    [{ bindDn: 'cn=a', bindPasswordFile: join(folder, 'empty') }, /upstreams\.region\.bindPasswordFile = .*is empty/],
  ];
  const silent = { upstreamAsked: () => undefined, upstreamFailed: () => undefined };
  for (const [settings, problem] of wrong) {
    const { directory } = configSchema.parse({ directory: { upstreams: { region: { ...base, ...settings } } } });
    await expect(openUpstreams(directory, silent)).rejects.toThrow(problem);
  }
});

test('a password goes with a name, and neither it nor a matricule leaves this machine in the clear', () => {
  const problemsOf = (region: Readonly<Record<string, unknown>>) =>
    contradictions({ directory: { upstreams: { region } } }, (path) => path.join('.')).map(({ key }) => key);
  const key = (setting: string) => [`directory.upstreams.region.${setting}`];
  const urls = ['ldap://annuaire.example'];
  expect(problemsOf({ urls })).toEqual([]);
  expect(problemsOf({ urls, bindDn: 'cn=a' })).toEqual(key('bindPasswordFile'));
  expect(problemsOf({ urls, bindPasswordFile: '/secret' })).toEqual(key('bindDn'));
  for (const away of [
    'ldap://annuaire.example',
    'LDAP://10.0.0.1:389',
    'ldap://localhost.example',
    'ldap://127.0.0.1.example',
    'ldap://[::2]',
  ])
    expect(problemsOf({ urls: ['ldap://localhost', away], startTls: false })).toEqual(key('startTls'));
  const near = ['ldap://localhost', 'ldap://127.0.0.1:1389', 'ldap://[::1]/', 'ldaps://annuaire.example'];
  expect(problemsOf({ urls: near, startTls: false })).toEqual([]);
});

test('of more answers than may be remembered, those asked for least recently are forgotten', () => {
  const remembered = new RememberedAnswers<string>(2);
  remembered.set('a', { answer: 'first', at: 1 });
  remembered.set('b', { answer: 'second', at: 2 });
  expect(remembered.get('a')).toEqual({ answer: 'first', at: 1 });
  remembered.set('c', { answer: 'third', at: 3 });
  expect(remembered.get('b')).toBeUndefined();
  remembered.set('a', { answer: 'again', at: 4 });
  expect([remembered.get('a')?.answer, remembered.get('c')?.answer]).toEqual(['again', 'third']);
  const none = new RememberedAnswers<string>(0);
  none.set('a', { answer: 'first', at: 1 });
  expect(none.get('a')).toBeUndefined();
});
