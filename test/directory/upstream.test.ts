// Other directories, asked over LDAP: Debian's slapd holds a fictional region, and is killed, frozen and told to forget us meanwhile.
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Address, parseAddress } from '../../src/core/address.ts';
import {
  type AskedUpstreams,
  askUpstreams,
  regionBase,
  regionCitizens,
  regionDoctor,
  startRegion,
  strangersIns,
} from '../support/region.ts';
import type { TestSlapd } from '../support/slapd.ts';
import { until } from '../support/until.ts';

let slapd: TestSlapd;
beforeAll(async () => {
  // Whoever has not bound is told nothing; nothing at all is said in the clear.
  slapd = await startRegion({ settings: ['security tls=1', 'access to * by * auth'] });
});
afterAll(() => slapd?.stop());

const opened: AskedUpstreams[] = [];
afterAll(() => Promise.all(opened.map((each) => each.close())));

const ask: typeof askUpstreams = async (byName, options = {}) => {
  const asked = await askUpstreams(byName, { slapd, ...options });
  opened.push(asked);
  return asked;
};

const stranger = address('personne@ailleurs.mssante.fr');
const foundOpen = {
  from: 'region',
  address: `${regionCitizens.open}@patient.region.mssante.fr`,
  displayName: 'Dominique PAT-TROIS',
  kind: 'citizen',
  state: 'activated',
  isStale: false,
};

test('a citizen of another operator is found by matricule, whatever way the directory is reached', async () => {
  for (const url of [slapd.ldapsUrl, slapd.url]) {
    const { upstreams } = await ask({ region: { urls: [url] } });
    expect(await upstreams.findByIns(regionCitizens.open)).toEqual(foundOpen);
    expect(await upstreams.findByIns(regionCitizens.shut)).toEqual({
      from: 'region',
      displayName: 'Ruth NESSI',
      kind: 'citizen',
      state: 'closed',
      isStale: false,
    });
    expect(await upstreams.findByIns(strangersIns)).toBeUndefined();
  }
});

test('a professional with an entry for each place has one mailbox; two mailboxes under one matricule are several', async () => {
  const { upstreams } = await ask({ region: { urls: [slapd.ldapsUrl] } });
  expect(await upstreams.findByAddress(address(regionDoctor))).toEqual({
    from: 'region',
    address: regionDoctor,
    displayName: 'Dr Hélène d’AUBIGNÉ',
    kind: 'professional',
    isStale: false,
  });
  expect(await upstreams.findByIns(regionCitizens.twin)).toBe('several');
});

test('an address that reads like a filter finds nobody', async () => {
  const { upstreams, told } = await ask({ region: { urls: [slapd.ldapsUrl] } });
  for (const hostile of [
    '*@patient.region.mssante.fr',
    '*',
    'helene.d-aubigne*',
    `${regionDoctor})(objectClass=*`,
    '\\2a',
    '\0',
    ')',
    '(&)',
  ]) {
    // Not addresses at all: as if parseAddress() had let them through.
    expect(await upstreams.findByAddress(hostile as Address)).toBeUndefined();
  }
  expect(told.failures).toEqual([]);
});

test('a directory that is not who its certificate should say, or does not know us, is not believed', async () => {
  const distrusted = await ask({ region: { urls: [slapd.ldapsUrl, slapd.url], authorityFile: undefined } });
  expect(await distrusted.upstreams.findByIns(regionCitizens.open)).toBe('unreachable');
  expect(distrusted.told.failures.map(({ because }) => because)).toEqual(['tls', 'tls']);
  const unknown = await ask({ region: { urls: [slapd.ldapsUrl] } }, { password: 'faux' });
  expect(await unknown.upstreams.findByIns(regionCitizens.open)).toBe('unreachable');
  expect(unknown.told.failures).toEqual([{ directory: 'region', server: 1, because: 'bind-refused' }]);
  // It was told so once: a server that refuses us is left alone, not asked again with the same password.
  expect(await unknown.upstreams.findByIns(strangersIns)).toBe('unreachable');
  expect(unknown.told.failures).toHaveLength(1);
  const misplaced = await ask({ region: { urls: [slapd.ldapsUrl], baseDn: `ou=nowhere,${regionBase}` } });
  expect(await misplaced.upstreams.findByIns(regionCitizens.open)).toBe('unreachable');
  expect(misplaced.told.failures[0]?.because).toBe('question-refused');
});

test('directories are asked in their order, and one that does not answer is not taken for one that does not know', async () => {
  const nobodyThere = { urls: ['ldap://127.0.0.1:9'] };
  const both = await ask({ gone: nobodyThere, region: { urls: [slapd.ldapsUrl] } });
  expect(await both.upstreams.findByIns(regionCitizens.open)).toEqual(foundOpen);
  expect(await both.upstreams.findByIns(strangersIns)).toBe('unreachable');
  expect(await both.upstreams.findByAddress(stranger)).toBe('unreachable');
  const first = await ask({ region: { urls: [slapd.ldapsUrl] }, gone: nobodyThere });
  expect(await first.upstreams.findByIns(regionCitizens.open)).toEqual(foundOpen);
  expect(first.told.failures).toEqual([]);
  const none = await ask({});
  expect(await none.upstreams.findByIns(regionCitizens.open)).toBeUndefined();
});

test('many questions at once share a few connections, and the same question is asked once', async () => {
  const { upstreams, told } = await ask({ region: { urls: [slapd.ldapsUrl], connections: 2, freshSeconds: 0 } });
  const wanted = Array.from({ length: 50 }, (_, index) => address(`personne-${index}@ailleurs.mssante.fr`));
  const answers = await Promise.all(wanted.map((each) => upstreams.findByAddress(each)));
  expect(answers.every((answer) => answer === undefined)).toBe(true);
  expect(told.outcomes).toHaveLength(50);
  await Promise.all(wanted.map(() => upstreams.findByIns(regionCitizens.open)));
  expect(told.outcomes).toHaveLength(51);
});

test('an asker who goes is answered by their own signal, and the question ends for the others', async () => {
  const { upstreams } = await ask({ region: { urls: [slapd.ldapsUrl] } });
  const gone = new AbortController();
  const leaving = upstreams.findByIns(regionCitizens.open, { signal: gone.signal });
  const staying = upstreams.findByIns(regionCitizens.open, { signal: new AbortController().signal });
  gone.abort(new Error('Gone'));
  await expect(leaving).rejects.toThrow('Gone');
  expect(await staying).toEqual(foundOpen);
  await expect(upstreams.findByIns(regionCitizens.open, { signal: gone.signal })).rejects.toThrow('Gone');
});

test('the next server answers for one that died, which is asked again after a rest', async () => {
  const own = await startRegion();
  let now = new Date();
  try {
    const authorities = await Promise.all([own, slapd].map(({ authorityFile }) => readFile(authorityFile, 'utf8')));
    const urls = [own.ldapsUrl, slapd.ldapsUrl];
    const { upstreams, told } = await ask({ region: { urls, freshSeconds: 0 } }, { authority: authorities.join(''), now: () => now });
    expect(await upstreams.findByIns(regionCitizens.open)).toEqual(foundOpen);
    await own.kill();
    for (let times = 0; times < 3; times += 1) expect(await upstreams.findByIns(regionCitizens.open)).toEqual(foundOpen);
    expect(told.failures).toEqual([{ directory: 'region', server: 1, because: 'unreachable' }]);
    await own.restart();
    now = new Date(now.getTime() + 11_000);
    expect(await upstreams.findByIns(regionCitizens.open)).toEqual(foundOpen);
    expect(told.failures).toHaveLength(1);
    await slapd.restart();
    // A restart cuts every connection without a word: new ones are made without anybody noticing.
    await own.restart();
    expect(await upstreams.findByIns(regionCitizens.open)).toEqual(foundOpen);
    expect(told.failures).toHaveLength(1);
  } finally {
    await own.stop();
  }
});

test('while every server is down an older answer stands in, and says so, until it is too old', async () => {
  const own = await startRegion();
  let now = new Date();
  const later = (ms: number) => {
    now = new Date(now.getTime() + ms);
  };
  try {
    const { upstreams, told } = await ask(
      { region: { urls: [own.ldapsUrl], freshSeconds: 60, staleHours: 2 } },
      { slapd: own, now: () => now },
    );
    expect(await upstreams.findByIns(regionCitizens.open)).toEqual(foundOpen);
    expect(await upstreams.findByIns(strangersIns)).toBeUndefined();
    await own.kill();
    // Fresh enough: nobody is asked.
    expect(await upstreams.findByIns(regionCitizens.open)).toEqual(foundOpen);
    expect(told.outcomes).toEqual(['found', 'nobody']);
    later(61_000);
    expect(await upstreams.findByIns(regionCitizens.open)).toEqual({ ...foundOpen, isStale: true });
    // Whom nobody knew then may be known by now.
    expect(await upstreams.findByIns(strangersIns)).toBe('unreachable');
    expect(await upstreams.findByIns(regionCitizens.shut)).toBe('unreachable');
    await own.restart();
    later(11_000);
    expect(await upstreams.findByIns(regionCitizens.open)).toEqual(foundOpen);
    await own.kill();
    later(2 * 3_600_000);
    expect(await upstreams.findByIns(regionCitizens.open)).toBe('unreachable');
    expect(JSON.stringify(told)).not.toContain(regionCitizens.open);
  } finally {
    await own.stop();
  }
});

test('a server that does not answer any more costs one wait, and is left for the next', async () => {
  const own = await startRegion();
  try {
    const { upstreams, told } = await ask({ region: { urls: [own.ldapsUrl], timeoutMs: 300, freshSeconds: 0 } }, { slapd: own });
    expect(await upstreams.findByIns(regionCitizens.open)).toEqual(foundOpen);
    await own.freeze();
    expect(await upstreams.findByIns(regionCitizens.open)).toEqual({ ...foundOpen, isStale: true });
    expect(told.failures.map(({ because }) => because)).toEqual(['timeout']);
    // A new connection to it hangs as well.
    const second = await ask({ region: { urls: [own.url], timeoutMs: 300 } }, { slapd: own });
    expect(await second.upstreams.findByIns(regionCitizens.open)).toBe('unreachable');
    expect(second.told.failures.map(({ because }) => because)).toEqual(['timeout']);
    own.wake();
    const third = await ask({ region: { urls: [own.url] } }, { slapd: own });
    expect(await until('it answers', () => third.upstreams.findByIns(regionCitizens.open))).toEqual(foundOpen);
  } finally {
    own.wake();
    await own.stop();
  }
});

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (!parsed) throw new Error('Not an address');
  return parsed;
}
