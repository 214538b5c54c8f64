// The strings behind a DMP that runs in a process of its own: plain HTTP on loopback, for tests. Not the DMP's face: no certificate is asked.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { seeded } from './behaviour.ts';
import type { DmpServer } from './dmp-server.ts';

const record = z.strictObject({ matricule: z.string(), status: z.enum(['active', 'closed']) });
const behaviour = z.strictObject({
  down: z.boolean().optional(),
  slowMs: z.number().int().nonnegative().optional(),
  errorRate: z.number().min(0).max(1).optional(),
  seed: z.number().int().optional(),
  answerThenCut: z.boolean().optional(),
});
const capture = z.strictObject({ folder: z.string() });

/** An open control. */
export type Control = { readonly url: string; close(): Promise<void> };

/**
 * POST /records, /behaviour (as Behaviour, with `seed` for `drawnFrom`) and /capture take JSON and answer 204; GET /documents answers what
 * is held. Anything else is 404, and what cannot be read is 400.
 */
export async function openControl(dmp: DmpServer, port = 0): Promise<Control> {
  const server = createServer((request, response) => {
    carryOut(dmp, request, response).catch(() => response.writeHead(400).end());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function carryOut(dmp: DmpServer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  switch (`${request.method} ${request.url}`) {
    case 'POST /records': {
      const { matricule, status } = record.parse(await json(request));
      dmp.openRecord(matricule, status);
      break;
    }
    case 'POST /behaviour': {
      const { seed, ...rest } = behaviour.parse(await json(request));
      const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
      dmp.behave({ ...given, ...(seed === undefined ? {} : { drawnFrom: seeded(seed) }) });
      break;
    }
    case 'POST /capture':
      await dmp.captured(capture.parse(await json(request)).folder);
      break;
    case 'GET /documents':
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(dmp.holds()));
      return;
    default:
      response.writeHead(404).end();
      return;
  }
  response.writeHead(204).end();
}
