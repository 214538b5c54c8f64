// A Redis of a test's own: Debian's program on a free port of loopback, in a folder of its own, that the test kills, empties and starts
// again as it likes.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { freezeProcess } from './freeze-process.ts';

/** `everysec`: what is written is kept in an append-only file, synced each second; by default nothing is kept. */
export type RedisOptions = { readonly keep?: 'nothing' | 'everysec' };

/** A server that runs, or did. */
export type TestRedis = {
  readonly url: string;
  readonly port: number;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts again on the same port, with what was kept, or `empty`. Kills it first when it still runs. */
  restart(how?: 'empty' | 'kept'): Promise<void>;
  /** Forgets every key, as a server does that was started anew behind our back. */
  flush(): Promise<void>;
  /** Refuses whatever would take memory, until `makeRoom()`. */
  fill(): Promise<void>;
  makeRoom(): Promise<void>;
  /** How many are connected. */
  clients(): Promise<number>;
  /** Stops answering, connections open; goes on with `wake()`. */
  freeze(): Promise<void>;
  wake(): void;
  /** Kills it and removes its folder. */
  stop(): Promise<void>;
};

/** Starts one; resolves when it answers. */
export async function startRedis({ keep = 'nothing' }: RedisOptions = {}): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-redis-'));
  const port = await freePort();
  let server = await start(folder, port, keep);
  const kill = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, 'exit');
    server.kill('SIGKILL');
    await gone;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    kill,
    async restart(how = 'kept') {
      await kill();
      if (how === 'empty') await rm(join(folder, 'appendonlydir'), { recursive: true, force: true });
      server = await start(folder, port, keep);
    },
    flush: async () => void (await say(port, 'FLUSHALL', '+OK')),
    fill: async () => void (await say(port, 'CONFIG SET maxmemory 1', '+OK')),
    makeRoom: async () => void (await say(port, 'CONFIG SET maxmemory 0', '+OK')),
    // Whoever asks is one of them.
    clients: async () => (await say(port, 'CLIENT LIST', '$')).split('\n').filter((line) => line.startsWith('id=')).length - 1,
    freeze: () => freezeProcess(server.pid ?? 0),
    wake: () => void server.kill('SIGCONT'),
    async stop() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function start(folder: string, port: number, keep: 'nothing' | 'everysec'): Promise<ChildProcess> {
  const keeping = keep === 'everysec' ? ['--appendonly', 'yes', '--appendfsync', 'everysec'] : ['--appendonly', 'no'];
  const place = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder];
  const server = spawn('redis-server', [...place, '--save', '', ...keeping], { stdio: 'ignore' });
  const failed = new Promise<never>((_, reject) => {
    server.once('error', reject);
    server.once('exit', (code, signal) => reject(new Error(`redis-server ended: ${signal ?? code}`)));
  });
  // It may end later, when nobody waits for it any more.
  failed.catch(() => {});
  await Promise.race([answering(port), failed]);
  return server;
}

async function answering(port: number): Promise<void> {
  for (;;) {
    const isThere = await say(port, 'PING', '+PONG').then(
      () => true,
      () => false,
    );
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** One command over a connection of its own, and its answer; rejects on one that begins otherwise. */
async function say(port: number, command: string, expected: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  try {
    socket.write(`${command}\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    if (!answer.toString().startsWith(expected)) throw new Error(`Redis answered ${command} with something else`);
    return answer.toString();
  } finally {
    socket.destroy();
  }
}
