// The road to a database, that a test cuts, blocks and opens again: a server that restarts, or one that does not answer any more.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { ConnectionOptions } from '../../src/database/connect.ts';

/** A way to the same database, open at first. */
export type DatabaseRoad = {
  readonly connection: ConnectionOptions;
  /** Ends every connection and takes no new one, until `open()`. */
  cut(): void;
  open(): void;
  /** Takes connections and carries nothing any more. */
  freeze(): void;
  close(): void;
};

/** Opens one on a free port of loopback. */
export async function openRoad(connection: ConnectionOptions): Promise<DatabaseRoad> {
  if ('connectionString' in connection) throw new Error('The tests run on the embedded server');
  const { host, port } = connection;
  const sockets = new Set<Socket>();
  let is: 'open' | 'cut' | 'frozen' = 'open';
  const server = createServer((near) => {
    if (is === 'cut') return near.destroy();
    const far = host.startsWith('/') ? connect(join(host, `.s.PGSQL.${port}`)) : connect(port, host);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes) => is === 'open' && to.write(bytes));
      from.on('error', () => undefined);
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const end = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    connection: { ...connection, host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    cut() {
      is = 'cut';
      end();
    },
    open() {
      is = 'open';
    },
    freeze() {
      is = 'frozen';
    },
    close() {
      server.close();
      end();
    },
  };
}
