// A letter that was given up, in the hands of a person: what was tried is known, and a letter tried again is sent for good.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dropDead, listDead, readDead, retryDead } from '../../src/delivery/dead-letters.ts';
import { address } from '../support/address.ts';
import { letter, people } from '../support/one-path.ts';
import { until } from '../support/until.ts';
import { onEachEngine } from './engines.ts';
import { openTownWithHop, type TownWithHop } from './town-with-hop.ts';

const { doctor } = people;
const colleague = address('busy@autre.mssante.fr');

const text = letter(doctor);

onEachEngine((engine) => {
  let { town, sink, close } = {} as TownWithHop;
  beforeEach(async () => {
    ({ town, sink, close } = await openTownWithHop(engine));
  });
  afterEach(() => close());

  const onlyDead = async () => (await listDead(town.db, { limit: 10 })).rows[0] ?? expect.fail('nothing was given up');
  const retry = (id: string) => town.db.transaction().execute((trx) => retryDead(trx, { id }, 'admin.durand', town.services.clock()));

  /** A letter that was put off once, then until its schedule ended; its row. */
  async function giveUp(): Promise<string> {
    sink.answerWith(() => 'later');
    await town.work();
    expect(await town.send(doctor, [colleague], text)).toEqual({ do: 'accepted' });
    await until('it was tried', async () => (await town.rows()).some(({ last_error }) => last_error === 'put-off-by-next-hop'));
    town.pass(49);
    await until('it was given up', async () => (await listDead(town.db, { limit: 1 })).count === 1);
    return (await onlyDead()).id;
  }

  test('it is kept with each attempt, and its sender has been told; tried again it leaves with all its bytes, and nobody is told twice', async () => {
    const id = await giveUp();
    expect(await readDead(town.db, id)).toMatchObject({
      kind: 'relay-letter',
      because: 'put-off-by-next-hop',
      toldAt: expect.any(Date),
      history: [
        { attempt: 1, is: 'again', code: 'put-off-by-next-hop' },
        { attempt: 2, is: 'dead', code: 'put-off-by-next-hop' },
      ],
    });
    await town.isQuiet();
    expect(await town.automatic(doctor)).toHaveLength(1);

    sink.answerWith(() => 'take');
    expect(await retry(id)).toMatchObject([{ id, toldAt: expect.any(Date) }]);
    const sunk = await sink.waitFor(() => true);
    await town.isQuiet();
    expect(sunk.bytes.toString('latin1').endsWith(text)).toBe(true);
    expect(await readDead(town.db, id)).toMatchObject({ state: 'done', attempts: 3 });
    expect(await town.automatic(doctor)).toHaveLength(1);
  });

  test('tried again in vain it has its whole schedule once more, is given up once more, and its sender is not told again', async () => {
    const id = await giveUp();
    await retry(id);
    await until('it was put off', async () => (await readDead(town.db, id))?.history.at(-1)?.is === 'again');
    town.pass(47);
    await until('it was put off again', async () => ((await readDead(town.db, id))?.attempts ?? 0) >= 4);
    expect(await readDead(town.db, id)).toMatchObject({ state: 'waiting' });
    town.pass(3);
    await until('it was given up again', async () => (await readDead(town.db, id))?.state === 'dead');
    await town.isQuiet();
    expect(await town.automatic(doctor)).toHaveLength(1);
  });

  test('dropped, it holds its bytes no more and goes nowhere', async () => {
    const id = await giveUp();
    expect(await town.blobs.collectOrphans(town.db, -60_000)).toBe(0);
    const decision = { by: 'admin.durand', reason: 'Le confrère a été joint autrement' };
    expect(await town.db.transaction().execute((trx) => dropDead(trx, id, decision, town.services.clock()))).toBe(true);
    await until('its bytes are collected', async () => (await town.blobs.collectOrphans(town.db, -60_000)) === 1);
    sink.answerWith(() => 'take');
    await town.isQuiet();
    expect(sink.letters).toEqual([]);
    expect(await readDead(town.db, id)).toMatchObject({ state: 'dropped', decision });
  });
});
