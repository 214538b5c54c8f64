// The DMP in a process of its own: `tsx src/demo/dmp-server/main.ts --key … --cert … --authority … --folder …`. Its first line on the
// standard output is JSON: where it answers, and where it is controlled. What it holds is in the folder, and there after any end.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { openControl } from './control.ts';
import { DmpServer } from './dmp-server.ts';

const { values } = parseArgs({
  options: {
    key: { type: 'string' },
    cert: { type: 'string' },
    authority: { type: 'string' },
    folder: { type: 'string' },
    port: { type: 'string', default: '0' },
    'control-port': { type: 'string', default: '0' },
    audience: { type: 'string' },
  },
});
const { key, cert, authority, folder, audience } = values;
if (key === undefined || cert === undefined || authority === undefined || folder === undefined)
  throw new Error('Expected --key, --cert and --authority (PEM files) and --folder');

const dmp = await DmpServer.start({
  credential: { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') },
  authority: await readFile(authority, 'utf8'),
  folder,
  port: Number(values.port),
  ...(audience === undefined ? {} : { audience }),
});
const control = await openControl(dmp, Number(values['control-port']));
process.stdout.write(`${JSON.stringify({ urls: dmp.urls, control: control.url })}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    void control.close().then(() => dmp.stop());
  });
