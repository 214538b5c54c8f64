// From the settings to a road to the record. A gateway that is to feed the record, and cannot show who it is, does not start.
import { readFile } from 'node:fs/promises';
import { ConfigError, type ConfigProblem } from '../config/problems.ts';
import type { Config } from '../config/schema.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import type { RecordConnector } from './connector.ts';
import { loadCredential } from './signatures/credential.ts';
import { XdsConnector } from './xds/xds-connector.ts';

/** The connector; undefined without endpoints: nothing is copied. Throws ConfigError when a file is missing or cannot be used. */
export async function openRecord(settings: Config['dmp'], clock: Clock = systemClock): Promise<RecordConnector | undefined> {
  const { endpoints, authorityFile, certificateFile, keyFile } = settings;
  if (!endpoints) return undefined;
  if (authorityFile === undefined || certificateFile === undefined || keyFile === undefined) {
    throw new ConfigError(missing({ authorityFile, certificateFile, keyFile }));
  }
  const credential = await loadCredential({ certificateFile, keyFile }, clock());
  return new XdsConnector({ endpoints, credential, authority: await readAuthority(authorityFile), settings, clock });
}

const examples = {
  authorityFile: '/etc/passerelle/igc-sante.pem',
  certificateFile: '/etc/passerelle/dmp.pem',
  keyFile: '/etc/passerelle/dmp.key',
};

function missing(files: Readonly<Record<keyof typeof examples, string | undefined>>): ConfigProblem[] {
  const names = Object.keys(examples) as (keyof typeof examples)[];
  return names
    .filter((name) => files[name] === undefined)
    .map((name) => ({ key: `dmp.${name}`, problem: 'needed as soon as dmp.endpoints is set', example: examples[name] }));
}

/** A file that holds no certificate would only show as a refused connection, much later. */
async function readAuthority(file: string): Promise<string> {
  const problem = (text: string) => new ConfigError([{ key: 'dmp.authorityFile', seen: file, problem: text }]);
  const pem = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw problem(`cannot be read (${cause.code ?? 'unknown reason'})`);
  });
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw problem('holds no PEM certificate');
  return pem;
}
