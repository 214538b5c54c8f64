import { expect, test } from 'vitest';
import { rulesTable } from '../../scripts/checks/rules-table.ts';

test('the tables a doctor reads in policies/README.md are the code’s own', async () => {
  expect((await rulesTable.run()).problems).toEqual([]);
});
