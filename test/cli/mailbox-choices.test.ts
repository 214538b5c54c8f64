// What a professional's mailbox may have chosen for it: absences and receipts; and what became of letters.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { findMailboxes } from '../../mailboxes/mailbox.ts';
import { readAbsence } from '../../policies/absences.ts';
import { newId } from '../../src/core/ids.ts';
import { writeLedger } from '../../src/delivery/ledger.ts';
import { openCliTown } from './cli-town.ts';

vi.setConfig({ testTimeout: 120_000 });

let town: Awaited<ReturnType<typeof openCliTown>>;
beforeAll(async () => {
  town = await openCliTown();
});
afterAll(() => town.close());

test('an absence lasts to the end of its last day in Paris, and its text may come from the standard input', async () => {
  const set = await town.run(`absence set ${town.doctor} --from 2030-07-01 --until 14/07/2030 --stand-in ${town.colleague} --text -`, {
    typed: 'Je suis en congé.\nÀ bientôt.\n',
  });
  expect(set).toMatchObject({ exitCode: 0, err: '' });
  expect(await readAbsence(town.db, town.doctor)).toEqual({
    address: town.doctor,
    from: new Date('2030-06-30T22:00:00Z'),
    until: new Date('2030-07-14T22:00:00Z'),
    text: 'Je suis en congé.\nÀ bientôt.',
    standIn: town.colleague,
  });
  const { out } = await town.run(`absence show ${town.doctor}`);
  expect(out).toContain(`${town.doctor} est en absence du 01/07/2030 00:00 au 15/07/2030 00:00.`);
  expect(out).toContain(`Remplacement : ${town.colleague}`);
  expect(await town.run(`absence clear ${town.doctor}`)).toMatchObject({ exitCode: 0 });
  expect(await town.run(`absence clear ${town.doctor}`)).toMatchObject({ exitCode: 1, out: '' });
  expect(await town.ask(`absence show ${town.doctor}`)).toBeNull();
});

test('requirement 45: a professional’s mailbox chooses its receipts', async () => {
  for (const choice of ['always', 'never'] as const) {
    expect(await town.ask(`receipts set ${town.doctor} ${choice}`)).toEqual({ mailbox: town.doctor, receipts: choice });
    expect((await findMailboxes(town.db, [town.doctor])).get(town.doctor)).toMatchObject({ receipts: choice });
  }
});

test('requirement 43: nobody chooses a citizen’s receipts', async () => {
  expect(await town.run(`receipts set ${town.citizen} never`)).toMatchObject({ exitCode: 1, out: '' });
  expect((await findMailboxes(town.db, [town.citizen])).get(town.citizen)).toMatchObject({ receipts: 'always' });
});

test('requirement 46: the course of a letter is told by its Message-ID or by the name the gateway gave it', async () => {
  const letterId = newId();
  const common = { letterId, sender: town.doctor, messageId: '<un@medecins.test>', notify: undefined, at: new Date() };
  await town.db.transaction().execute((trx) =>
    writeLedger(trx, [
      { ...common, recipient: town.colleague, state: 'delivered' },
      { ...common, recipient: town.ward, state: 'refused', status: '5.2.1' },
    ]),
  );
  const { out } = await town.run('trace un@medecins.test');
  expect(out).toContain(`Courrier ${letterId}, de ${town.doctor}`);
  expect(out).toMatch(new RegExp(`${town.colleague} +distribué`));
  expect(out).toMatch(new RegExp(`${town.ward} +refusé +5\\.2\\.1`));
  expect(await town.ask(`trace ${letterId}`)).toMatchObject([{ state: 'delivered' }, { state: 'refused', status: '5.2.1' }]);
  expect(await town.run('trace <deux@medecins.test>')).toMatchObject({ exitCode: 1, out: '' });
});

test('what strangers wrote in a Message-ID does not drive the operator’s terminal', async () => {
  const line = {
    letterId: newId(),
    recipient: town.colleague,
    sender: town.doctor,
    notify: undefined,
    state: 'queued',
    at: new Date(),
  } as const;
  const messageId = '<\u001b[2Jun\u009b\u202e@mal.test>';
  await town.db.transaction().execute((trx) => writeLedger(trx, [{ ...line, messageId }]));
  const { out } = await town.run(`trace ${line.letterId}`);
  expect(out).toContain('Message-ID <·[2Jun··@mal.test>');
});
