// An import that stops on its way, is given up, or meets another one.
import { appendFileSync, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ZipFile } from 'yazl';
import { listImports } from '../../../directory/imports/import-record.ts';
import { whileImporting } from '../../../directory/imports/while-importing.ts';
import { extractionLines, publishedHeader } from '../../support/extraction-lines.ts';
import { type ExtractionWorld, extractionWorld, headerLine, lineOf, person } from './extraction-world.ts';

let world: ExtractionWorld;
beforeEach(async () => {
  world = await extractionWorld();
});
afterEach(() => world.close());

const many = (count: number) =>
  Array.from({ length: count }, (_, index) => lineOf(person({ address: `p.${index}@medecin.fictif.mssante.fr` })));

describe('an import that is interrupted', () => {
  test('goes on where it stopped when the same file is given again, also out of an archive', async () => {
    const text = Buffer.from(`${[publishedHeader, ...extractionLines(5500)].join('\r\n')}\r\n`);
    const plain = await world.write('plain.txt', text);
    const archive = new ZipFile();
    archive.addBuffer(text, 'a.txt');
    archive.end();
    const zipped = await world.write('zipped.zip', '');
    await pipeline(archive.outputStream, createWriteStream(zipped));
    for (const file of [plain, zipped]) {
      const places: number[] = [];
      for (let runs = 0; runs < 4; runs += 1) {
        const stop = new AbortController();
        let calls = 0;
        const outcome = await world.run(file, {
          signal: stop.signal,
          isForced: true,
          onProgress: (line) => {
            places.push(line);
            calls += 1;
            if (calls === 2) stop.abort();
          },
        });
        if (outcome.result === 'applied') break;
        expect(outcome.result).toBe('interrupted');
      }
      expect(places).toEqual([1, 5001, 5001, 5501, 5501]);
      expect((await world.export()).split('\n')).toHaveLength(5502);
    }
  }, 180_000);

  test('is given up for another file; one at a time; a file already applied can be left alone', async () => {
    const first = await world.write('first.txt', [headerLine, ...many(3)].join('\n'));
    await world.run(first, { isDryRun: true });
    await world.take(many(5));
    expect((await listImports(world.db, { kind: 'extraction', limit: 5 })).map(({ state }) => state)).toEqual(['applied', 'abandoned']);
    expect(await whileImporting(world.db, 'extraction', async () => await world.run(first))).toEqual({ result: 'busy' });
    expect(await world.run(first, { isForced: true })).toMatchObject({ result: 'applied' });
    expect(await world.run(first, { unlessApplied: true })).toMatchObject({ result: 'already-applied' });
    expect(await world.run(first)).toMatchObject({ result: 'applied', plan: { addresses: { unchanged: 3 } } });
  });

  test('a file that changes while it is read is given up', async () => {
    const lines = [...extractionLines(6000)];
    const file = await world.write('growing.txt', [publishedHeader, ...lines].join('\n'));
    let isChanged = false;
    const outcome = await world.run(file, {
      onProgress: (line) => {
        if (line < 5000 || isChanged) return;
        isChanged = true;
        // Before the next batch: the callback is not awaited.
        appendFileSync(file, '\n');
      },
    });
    expect(outcome).toMatchObject({ result: 'unreadable', trouble: 'changed' });
    expect(await listImports(world.db, { limit: 1 })).toMatchObject([{ state: 'abandoned' }]);
    expect(await world.export()).toBe(`${headerLine}\n`);
  });
});
