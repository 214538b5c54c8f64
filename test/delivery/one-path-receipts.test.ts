// Who sends a receipt when a letter is read, and to whom: what the path decides of it as the letter is placed. Requirements 43, 45.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setReceipts } from '../../mailboxes/mailbox.ts';
import { letter, openTown, people } from '../support/one-path.ts';

const { doctor, colleague, citizen, elsewhere } = people;
const accepted = { do: 'accepted' };

let town: Awaited<ReturnType<typeof openTown>>;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.close());

const last = async (address: typeof doctor) => {
  const { receiptTo, keywords } = (await town.inbox(address)).at(-1) ?? expect.fail('nothing was placed');
  return { receiptTo, keywords };
};
const asks = (...targets: readonly string[]) => targets.map((target) => `Disposition-Notification-To: ${target}\r\n`).join('');

describe('requirement 43: a citizen’s mailbox', () => {
  test('owes a receipt to who asks, and no client needs to send one', async () => {
    await town.send(doctor, [citizen], letter(doctor, asks(`Dr Martin <${doctor}>`)));
    expect(await last(citizen)).toEqual({ receiptTo: doctor, keywords: ['$MDNSent'] });
    await town.send(elsewhere, [citizen], letter(elsewhere, asks(elsewhere)), 'mx');
    expect(await last(citizen)).toEqual({ receiptTo: elsewhere, keywords: ['$MDNSent'] });
  });

  test('what a citizen’s software writes itself as a receipt is taken and goes nowhere', async () => {
    await town.send(doctor, [citizen], letter(doctor));
    const [before, files] = [(await town.inbox(doctor)).length, await town.files()];
    const receipt =
      letter(citizen, 'Content-Type: multipart/report; report-type="disposition-notification"; boundary=x\r\n') + 'x'.repeat(40_000);
    expect(await town.send(citizen, [doctor], receipt)).toEqual(accepted);
    expect(await town.inbox(doctor)).toHaveLength(before);
    expect(await town.files()).toBe(files);
  });
});

describe('requirement 45: no receipt that nobody asked for', () => {
  test.each([
    ['nobody asks', '', []],
    ['somebody else than the return path is to be told', asks(colleague), ['$MDNSent']],
    ['two are to be told', asks(doctor, colleague), ['$MDNSent']],
    ['a list is to be told', asks(`${doctor}, ${colleague}`), ['$MDNSent']],
    ['the letter is an absence', `${asks(doctor)}Auto-Submitted: auto-replied\r\n`, ['$MDNSent']],
  ])('none when %s', async (_case, fields, keywords) => {
    await town.send(doctor, [citizen], letter(doctor, fields));
    expect(await last(citizen)).toEqual({ receiptTo: null, keywords });
  });

  test('none to the null reverse path', async () => {
    await town.sendAs(town.arrivalFrom(null, 'mx'), [citizen], letter(elsewhere, asks(elsewhere)));
    expect(await last(citizen)).toEqual({ receiptTo: null, keywords: ['$MDNSent'] });
  });
});

test.each([
  ['ask', { receiptTo: null, keywords: [] }],
  ['always', { receiptTo: doctor, keywords: ['$MDNSent'] }],
  ['never', { receiptTo: null, keywords: ['$MDNSent'] }],
] as const)('requirement 45: a professional’s mailbox that chose « %s »', async (choice, expected) => {
  await setReceipts(town.db, colleague, choice);
  await town.send(doctor, [colleague], letter(doctor, asks(doctor)));
  expect(await last(colleague)).toEqual(expected);
});
