// A gateway's pipeline in a process of its own, for the tests that kill it. Arguments: the database's connection, as JSON,
// then the URL of a Redis, if the queues are there.
import { tmpdir } from 'node:os';
import { type ConnectionOptions, connect } from '../../src/database/connect.ts';
import { Pipeline } from '../../src/pipeline/pipeline.ts';
import { servicesFor, writeEffect } from './effects.ts';

const connection = JSON.parse(process.argv[2] ?? '') as ConnectionOptions;
const db = connect({ ...connection, poolSize: 4 });
const pipeline = new Pipeline({
  services: servicesFor(db, tmpdir()),
  tasks: [writeEffect],
  connection,
  redisUrl: process.argv[3],
  concurrency: { here: 4, outside: 4, upkeep: 1 },
  pollMs: 50,
  handOverLeaseMs: 500,
  lockMs: 1000,
});
await pipeline.start();
