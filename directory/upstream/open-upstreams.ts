// From the settings to directories that can be asked. Nothing is reached yet: another operator's trouble never keeps this gateway from
// starting. A file that cannot be used does.
import { readFile } from 'node:fs/promises';
import { ConfigError } from '../../src/config/problems.ts';
import type { Config } from '../../src/config/schema.ts';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import { UpstreamDirectories } from './upstream-directories.ts';
import { UpstreamDirectory, type UpstreamEvents } from './upstream-directory.ts';
import { UpstreamServer } from './upstream-server.ts';

type UpstreamSettings = Config['directory']['upstreams'][string];

/** The directories of the settings, in their order. Throws ConfigError when a file cannot be used. */
export async function openUpstreams(
  { upstreams, cacheEntries }: Pick<Config['directory'], 'upstreams' | 'cacheEntries'>,
  events: UpstreamEvents,
  clock: Clock = systemClock,
): Promise<UpstreamDirectories> {
  const named = Object.entries(upstreams);
  const mostRemembered = Math.ceil(cacheEntries / Math.max(named.length, 1));
  const directories = named.map(async ([name, settings]) => {
    const { urls, startTls, baseDn, insAttribute, timeoutMs, connections, freshSeconds, staleHours } = settings;
    const trust = await readTrust(name, settings);
    return new UpstreamDirectory({
      name,
      servers: urls.map((url) => new UpstreamServer({ url, startTls, ...trust, baseDn, timeoutMs, connections }, clock)),
      insAttribute,
      freshMs: freshSeconds * 1000,
      staleMs: staleHours * 3_600_000,
      mostRemembered,
      events,
      clock,
    });
  });
  return new UpstreamDirectories(await Promise.all(directories));
}

/** Whom it trusts and who it is, out of their files. */
async function readTrust(name: string, { authorityFile, bindDn, bindPasswordFile }: UpstreamSettings) {
  const authority = authorityFile === undefined ? undefined : await readSetting(name, 'authorityFile', authorityFile);
  if (authority !== undefined && !authority.includes('-----BEGIN CERTIFICATE-----')) {
    throw problem(name, 'authorityFile', authorityFile, 'holds no PEM certificate');
  }
  if (bindDn === undefined || bindPasswordFile === undefined) return { ...(authority !== undefined && { authority }) };
  const password = (await readSetting(name, 'bindPasswordFile', bindPasswordFile)).replace(/\r?\n$/, '');
  // A bind without a password succeeds as nobody's. RFC 4513 §5.1.2.
  if (password === '') throw problem(name, 'bindPasswordFile', bindPasswordFile, 'is empty');
  return { ...(authority !== undefined && { authority }), account: { dn: bindDn, password } };
}

async function readSetting(name: string, key: string, file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw problem(name, key, file, `cannot be read (${cause.code ?? 'unknown reason'})`);
  });
}

function problem(name: string, key: string, seen: string | undefined, text: string): ConfigError {
  return new ConfigError([{ key: `directory.upstreams.${name}.${key}`, ...(seen !== undefined && { seen }), problem: text }]);
}
