// Makes a fresh clone ready to run: the right Node, the npm packages of the lock file and, with --debian, what the tests need from the system.
// Plain JavaScript with no dependency: it runs before node_modules exists. Says nothing when there is nothing to do.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const oldestNode = [20, 19];

/** What the tests call that npm does not bring. `probe` is a shell command that succeeds when the package is there. */
const debianPackages = [
  { package: 'gcc', probe: 'cc --version', why: 'the power-cut test compiles its small library with cc' },
  { package: 'libc6-dev', probe: 'echo "#include <stdlib.h>" | cc -E -', why: 'the C headers the same test includes' },
  { package: 'redis-server', probe: 'redis-server --version', why: 'the pipeline is tested on Redis too' },
  { package: 'postfix', probe: 'test -x /usr/sbin/postfix', why: 'a real neighbour that answers everything, for the loop test' },
  { package: 'xmlsec1', probe: 'xmlsec1 --version', why: 'judges the signatures of what goes to the DMP' },
  { package: 'libxml2-utils', probe: 'xmllint --version', why: 'judges its XML' },
  { package: 'slapd', probe: 'test -x /usr/sbin/slapd', why: 'another directory, asked and compared with' },
  { package: 'ldap-utils', probe: 'command -v ldapsearch', why: 'an LDAP client that is not ours' },
];

const root = fileURLToPath(new URL('..', import.meta.url));
const lockFile = join(root, 'package-lock.json');
const modules = join(root, 'node_modules');
const stamp = join(modules, '.passerelle-installed');
const busy = join(root, '.installing');
const busyWaitMs = 10 * 60_000;

main().catch((error) => fail(`the installation stopped: ${error.message}`));

async function main() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
    fail(`Node ${oldestNode.join('.')} or newer is needed, this is ${process.versions.node}`);
  }
  const missing = process.argv.includes('--debian') ? missingPackages() : [];
  if (isInstalled() && missing.length === 0) return;
  await alone(() => {
    if (!isInstalled()) installModules();
    if (missing.length > 0) installPackages(missingPackages());
  });
}

/** True when node_modules holds what the lock file says, whether this script or the developer's own npm put it there. */
function isInstalled() {
  if (!existsSync(modules)) return false;
  if (readOr(stamp, '') === wantedStamp()) return true;
  const held = JSON.parse(readOr(join(modules, '.package-lock.json'), '{}')).packages ?? {};
  const wanted = Object.entries(JSON.parse(readFileSync(lockFile, 'utf8')).packages).filter(([path]) => path !== '');
  // An optional package may be absent: it is the same binary for another machine.
  const same = wanted.every(([path, { version, optional }]) => (held[path] ? held[path].version === version : optional));
  if (same) writeStamp();
  return same;
}

/** Only spares time at the next start: a clone that belongs to someone else stays without. */
function writeStamp() {
  try {
    writeFileSync(stamp, wantedStamp());
  } catch (error) {
    if (error.code !== 'EACCES' && error.code !== 'EROFS') throw error;
  }
}

function wantedStamp() {
  const lock = createHash('sha256').update(readFileSync(lockFile)).digest('hex');
  return `${lock} ${process.platform} ${process.arch}\n`;
}

function installModules() {
  say('installing the npm packages (once, under a minute on most machines)');
  rmSync(stamp, { force: true });
  // Not `npm ci`: it refuses a lock file in which a registry did not serve the binaries made for other platforms.
  // --no-save keeps the lock file as it is; what it lists is installed at that version, its integrity checked.
  const args = ['install', '--no-save', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  const npm = process.env.npm_execpath;
  const [command, first] = npm?.endsWith('npm-cli.js') ? [process.execPath, [npm]] : ['npm', []];
  const run = spawnSync(command, [...first, ...args], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (run.status !== 0) {
    process.stderr.write(run.stderr || run.stdout || '');
    fail(`npm could not install the packages (${run.error?.message ?? `exit ${run.status}`}): see the lines above`);
  }
  writeStamp();
}

function missingPackages() {
  return debianPackages.filter(({ probe }) => spawnSync('sh', ['-c', probe], { stdio: 'ignore' }).status !== 0);
}

function installPackages(missing) {
  if (missing.length === 0) return;
  const names = missing.map((entry) => entry.package).join(' ');
  const reasons = missing.map((entry) => entry.why).join('; ');
  if (process.platform === 'darwin')
    fail(`the tests need ${names} (${reasons}). Run: xcode-select --install && brew install redis libxmlsec1 openldap`);
  if (spawnSync('sh', ['-c', 'command -v apt-get'], { stdio: 'ignore' }).status !== 0) {
    fail(`the tests need ${names} (${reasons}). Install them with your system's package manager`);
  }
  if (process.getuid?.() !== 0) fail(`the tests need ${names} (${reasons}). Run: sudo apt-get install -y ${names}`);
  say(`installing ${names} with apt-get (${reasons})`);
  aptGet('update'); // a mirror that fails to refresh may still have the packages
  const run = aptGet('install', '-y', '--no-install-recommends', ...missing.map((entry) => entry.package));
  if (run.status !== 0 || missingPackages().length > 0) {
    process.stderr.write(run.stderr ?? '');
    fail(`apt-get could not install what the tests need. Run: apt-get update && apt-get install -y ${names}`);
  }
}

function aptGet(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=300', ...args], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs the work while no other process of this clone does: two `npm run` at once install once. */
async function alone(work) {
  const mine = `${busy}.${process.pid}`;
  const giveUpAt = Date.now() + busyWaitMs;
  writeFileSync(mine, String(process.pid));
  try {
    // A hard link appears whole or not at all, so the file never lacks its owner's number.
    while (!tryLink(mine, busy)) {
      const owner = readOr(busy, '');
      if (owner !== '' && !isAlive(Number(owner))) takeAway(owner);
      else if (Date.now() > giveUpAt) fail(`another installation (process ${owner}) does not end; stop it, or remove ${busy}`);
      else await sleep(200);
    }
    try {
      work();
    } finally {
      rmSync(busy, { force: true });
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Removes what a killed installation left; put back when another process took its place in the meantime. */
function takeAway(deadOwner) {
  const aside = `${busy}.${process.pid}.stale`;
  try {
    renameSync(busy, aside);
  } catch {
    return;
  }
  if (readOr(aside, '') !== deadOwner) tryLink(aside, busy);
  rmSync(aside, { force: true });
}

function tryLink(from, to) {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function readOr(path, otherwise) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}

function say(text) {
  process.stderr.write(`passerelle: ${text}\n`);
}

/** Says one line and ends, giving back the lock of `alone`. */
function fail(text) {
  say(text);
  rmSync(`${busy}.${process.pid}`, { force: true });
  if (readOr(busy, '') === String(process.pid)) rmSync(busy, { force: true });
  process.exit(1);
}
