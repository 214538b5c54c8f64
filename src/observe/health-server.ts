// /health for whoever restarts the gateway, /metrics for whoever draws its curves. On a port of its own, loopback by default.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Each resolves when that part works and rejects, in whatever way, when it does not. */
export type HealthChecks = Readonly<Record<string, () => Promise<unknown>>>;

/** What the server needs. */
export type HealthServerOptions = {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly checks: HealthChecks;
  /** The text of /metrics. */
  readonly metrics: () => Promise<string>;
};

/** A server that listens. */
export type HealthServer = {
  /** `http://127.0.0.1:9464`. */
  readonly url: string;
  close(): Promise<void>;
};

/** A check that takes longer counts as failed, in milliseconds. */
const patienceMs = 2_000;

/** Starts to listen. Rejects when the port is taken. */
export async function startHealthServer({ host, port, checks, metrics }: HealthServerOptions): Promise<HealthServer> {
  const server = createServer((request, response) => {
    answer(request, response, checks, metrics).catch(() => response.destroy());
  });
  server.requestTimeout = 10_000;
  server.headersTimeout = 5_000;
  server.maxConnections = 100;
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      done();
    });
  });
  return { url: urlOf(server), close: () => close(server) };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  checks: HealthChecks,
  metrics: () => Promise<string>,
): Promise<void> {
  const path = request.url?.split('?')[0];
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'text/plain', 'Only GET\n');
  if (path === '/metrics') return send(response, 200, 'text/plain; version=0.0.4; charset=utf-8', await metrics());
  if (path !== '/health') return send(response, 404, 'text/plain', 'See /health and /metrics\n');
  const results = Object.fromEntries(
    await Promise.all(Object.entries(checks).map(async ([name, check]) => [name, await outcome(check)] as const)),
  );
  const isHealthy = Object.values(results).every((result) => result === 'ok');
  send(
    response,
    isHealthy ? 200 : 503,
    'application/json',
    `${JSON.stringify({ status: isHealthy ? 'ok' : 'failed', checks: results })}\n`,
  );
}

// Why a check failed is for the log: this answer may be seen by many.
async function outcome(check: () => Promise<unknown>): Promise<'ok' | 'failed' | 'timeout'> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<'timeout'>((done) => {
    timer = setTimeout(done, patienceMs, 'timeout');
  });
  const checked = (async () => check())().then(
    () => 'ok' as const,
    () => 'failed' as const,
  );
  try {
    return await Promise.race([checked, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), 'cache-control': 'no-store' });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

function close(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });
}
