import { expect, test } from 'vitest';
import { StatementNames, unnamed } from '../../src/database/statement-names.ts';

test('a statement earns a name by being repeated, unless its shape comes from outside', () => {
  const names = new StatementNames();
  const ask = (text: string) => [1, 2, 3, 4].map(() => names.nameOf(text));
  expect(ask('select 1 where $1')).toEqual([undefined, undefined, 'passerelle_0', 'passerelle_0']);
  expect(ask(`${unnamed} select 2 where $1`)).toEqual([undefined, undefined, undefined, undefined]);
  expect(ask('select 3 where $1').at(-1)).toBe('passerelle_1');
});
