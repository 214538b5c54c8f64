// A file holds one idea and can be read in one go: past 250 lines it is mentioned, past 400 the check fails.
import { type Check, listSources } from './check.ts';

const longLines = 250;
const tooLongLines = 400;

export const fileLengths: Check = {
  name: 'file lengths',
  run: async () => {
    const lengths = (await listSources()).map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }));
    const long = lengths.filter(({ lines }) => lines > longLines && lines <= tooLongLines);
    const tooLong = lengths.filter(({ lines }) => lines > tooLongLines);
    return {
      problems: tooLong.map(({ path, lines }) => `${path}: ${lines} lines, the limit is ${tooLongLines}`),
      note: long.length === 0 ? '' : `long: ${long.map(({ path, lines }) => `${path} ${lines}`).join(', ')}`,
    };
  },
};
