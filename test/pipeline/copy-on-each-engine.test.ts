// Copies to the record with two processes at work, whichever engine carries the queues: a document is there once.
import { expect, test } from 'vitest';
import { people } from '../support/one-path.ts';
import { onEachEngine } from './engines.ts';
import { openRecordTown } from './record-town.ts';

onEachEngine((engine) => {
  test('requirement 49: one document in ten letters, two processes: it is in the record, fed once', async () => {
    const town = await openRecordTown(engine.redisUrl);
    try {
      await Promise.all([town.work(), town.work()]);
      const written = await Promise.all(Array.from({ length: 10 }, () => town.write(people.doctor, [people.citizen])));
      await town.isQuiet();
      expect([...town.connector.held.keys()]).toEqual([written[0]?.uniqueId]);
      expect(town.connector.sets).toHaveLength(1);
    } finally {
      await town.close();
    }
  });
});
