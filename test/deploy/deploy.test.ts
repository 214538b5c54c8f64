// The given-services mode, without a container engine: what the image is built from, what the services are told, and that it starts.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { openDevAuthority } from '../../certs/dev-authority.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { settings } from '../../src/config/settings.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
import { playStages, readDockerfile, variablesOf } from './dockerfile.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

type Service = {
  readonly image: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly healthcheck?: unknown;
  readonly build?: string;
};
type Compose = { readonly services: Readonly<Record<string, Service>>; readonly secrets: Readonly<Record<string, { file: string }>> };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'passerelle-deploy-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const readCompose = async () => parse(await readFile(join(root, 'docker-compose.yml'), 'utf8')) as Compose;

describe('docker-compose.yml', () => {
  test('every variable of the gateway is a setting, and all of them together are a configuration', async () => {
    const { services } = await readCompose();
    const given = { ...variablesOf(await readDockerfile(join(root, 'Dockerfile'))), ...services.gateway?.environment };
    const ours = Object.keys(given).filter((name) => name !== 'NODE_ENV');
    const known = new Set([...settings.map(({ variable }) => variable), 'DATABASE_URL', 'REDIS_URL']);
    expect(ours.filter((name) => !known.has(name) && !known.has(name.replace(/_FILE$/, '')))).toEqual([]);
    const config = loadConfig({ environment: await asGiven(given) });
    expect(config.database.url).toMatch(/^postgres:/);
    expect(config.redis.url).toMatch(/^redis:/);
    expect(config.hostname).toBe('mx.operateur.mssante.fr');
  });

  test('no secret stands in a variable: each is a file, declared once and handed to who needs it', async () => {
    const { services, secrets } = await readCompose();
    for (const [name, service] of Object.entries(services)) {
      for (const [variable, value] of Object.entries(service.environment ?? {})) {
        if (/URL|PASSWORD|KEY|PEPPER|SECRET/.test(variable)) expect(value, `${name} ${variable}`).toMatch(/^\/run\/secrets\//);
        const secret = /^\/run\/secrets\/(.*)$/.exec(value)?.[1];
        if (secret !== undefined) expect(service.secrets, `${name} ${variable}`).toContain(secret);
      }
      for (const secret of service.secrets ?? []) expect(secrets[secret]?.file).toBe(`./secrets/${secret}`);
    }
    const guide = await readFile(join(root, 'docs/operations/deploy.md'), 'utf8');
    for (const secret of Object.keys(secrets)) expect(guide).toContain(secret);
  });

  test('images are pinned, and every service says whether it is well', async () => {
    const { services } = await readCompose();
    const stages = await readDockerfile(join(root, 'Dockerfile'));
    for (const image of [...Object.values(services).map((service) => service.image), ...stages.map((stage) => stage.image)]) {
      expect(image).toMatch(/:\d+\.\d+(\.\d+)?(-\w+)*$/);
    }
    for (const [name, service] of Object.entries(services)) {
      const isWatched = service.healthcheck !== undefined || stages.at(-1)?.instructions.some(({ name: word }) => word === 'HEALTHCHECK');
      expect(isWatched && (service.build !== undefined || service.healthcheck !== undefined), name).toBe(true);
    }
  });

  /** The variables as Compose would hand them over: its own filled in, each secret a file that exists. */
  async function asGiven(given: Readonly<Record<string, string>>): Promise<Record<string, string>> {
    const examples: Record<string, string> = { database_url: 'postgres://u:p@postgres:5432/p', redis_url: 'redis://:p@redis:6379/0' };
    const entries = Object.entries(given).map(async ([name, value]) => {
      const secret = /^\/run\/secrets\/(.*)$/.exec(value)?.[1];
      if (secret === undefined) return [name, interpolate(value)] as const;
      const file = join(folder, secret);
      await writeFile(file, `${examples[secret] ?? 'secret'}\n`);
      return [name, file] as const;
    });
    return Object.fromEntries((await Promise.all(entries)).filter(([name]) => name !== 'NODE_ENV'));
  }

  function interpolate(value: string): string {
    return value.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_all, name: string, kind: string, otherwise: string) => {
      if (kind === '-') return otherwise;
      return name === 'PASSERELLE_HOSTNAME' ? 'mx.operateur.mssante.fr' : expect.fail(`no value for ${name}`);
    });
  }
});

describe('the image', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase([]);
  });
  afterAll(() => database.close());

  test('its build steps work in a plain folder, and what they leave starts on a given PostgreSQL and stops when asked', async () => {
    const context = join(folder, 'context');
    await copyContext(context);
    const {
      workdir,
      env,
      command,
      root: imageRoot,
    } = await playStages(await readDockerfile(join(root, 'Dockerfile')), context, join(folder, 'image'));
    expect(await readdir(join(workdir, 'node_modules'))).not.toContain('vitest');

    const authority = await openDevAuthority(join(folder, 'authority'));
    await authority.serverCredential('mx.operateur.mssante.fr');
    const certificate = join(folder, 'authority', 'server-mx.operateur.mssante.fr');
    const [program, ...words] = command;
    const observePort = await freePort();
    const child = spawn(program === 'node' ? process.execPath : expect.fail('not Node'), words, {
      cwd: workdir,
      env: {
        PATH: process.env.PATH,
        ...env,
        PASSERELLE_DATA_DIR: join(imageRoot, env.PASSERELLE_DATA_DIR ?? ''),
        PASSERELLE_HOSTNAME: 'mx.operateur.mssante.fr',
        DATABASE_URL: urlOf(database.connection),
        PASSERELLE_TLS_CERTIFICATE_FILE: `${certificate}.crt`,
        PASSERELLE_TLS_KEY_FILE: `${certificate}.key`,
        PASSERELLE_SMTP_SUBMISSION_PORT: '0',
        PASSERELLE_IMAP_PORT: '0',
        PASSERELLE_IMAP_TLS_PORT: '0',
        PASSERELLE_LDAP_PORT: '0',
        PASSERELLE_LDAP_TLS_PORT: '0',
        PASSERELLE_OBSERVE_PORT: String(observePort),
        PASSERELLE_OBSERVE_HOST: '127.0.0.1',
        PASSERELLE_OBSERVE_LOG_LEVEL: 'fatal',
      },
      stdio: 'inherit',
    });
    const ended = once(child, 'exit');
    try {
      await until('the gateway is well', async () => {
        if (child.exitCode !== null) expect.fail(`it ended with ${child.exitCode}`);
        return fetch(`http://127.0.0.1:${observePort}/health`).then(
          (answer) => answer.ok,
          () => false,
        );
      });
      child.kill('SIGTERM');
      expect((await ended)[0]).toBe(0);
    } finally {
      child.kill('SIGKILL');
    }
  }, 240_000);

  /** What .dockerignore lets through, which is what Docker would be given. */
  async function copyContext(context: string): Promise<void> {
    const lines = (await readFile(join(root, '.dockerignore'), 'utf8')).split('\n').filter(Boolean);
    expect(lines.shift()).toBe('*');
    for (const line of lines) await cp(join(root, line.replace(/^!/, '')), join(context, line.replace(/^!/, '')), { recursive: true });
  }
});

function urlOf(connection: TestDatabase['connection']): string {
  if ('connectionString' in connection) return expect.fail('an embedded server was expected');
  const { user, password, host, port, database } = connection;
  return `postgres://${user}:${encodeURIComponent(password)}@${encodeURIComponent(host)}:${port}/${database}`;
}
