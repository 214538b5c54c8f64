// A provisional matricule gives way to the definitive one: the person, their letters, exchanges and passwords stay.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resolveAddresses } from '../../directory/resolve-addresses.ts';
import { findMailboxes } from '../../mailboxes/mailbox.ts';
import { checkApplicationPassword } from '../../src/accounts/application-passwords.ts';
import { type Address, localPart } from '../../src/core/address.ts';
import { insKey } from '../../src/core/ins.ts';
import { address } from '../support/address.ts';
import { openCliTown, pepper } from './cli-town.ts';

let town: Awaited<ReturnType<typeof openCliTown>>;
beforeAll(async () => {
  town = await openCliTown();
});
afterAll(() => town.close());

/** A matricule of nobody, with its key, and the address it makes. */
function newMatricule(number: number): { ins: string; address: Address } {
  const body = `18501750${String(number).padStart(5, '0')}`;
  const ins = body + insKey(body);
  return { ins, address: address(`${ins}@patient.mssante.fr`) };
}

const opens = async (login: Address, password: string) => checkApplicationPassword(town.db, pepper, login, password);
const mailboxAt = async (address: Address) => (await findMailboxes(town.db, [address])).get(address);

async function replace(from: string, to: string): Promise<{ exitCode: number | null; out: string; err: string }> {
  return town.run('matricule replace - -', { typed: `${from}\n${to}\n` });
}

test('both addresses lead to the one mailbox, exchanges stay, and the person signs in under the new name', async () => {
  const { citizen } = town;
  const [before, password] = [await mailboxAt(citizen), town.passwordOf(citizen)];
  await town.ask(`exchange reopen ${town.doctor} -`, citizen);
  const first = newMatricule(1);
  const run = await town.runApart('matricule replace - -', { typed: `${localPart(citizen)}\n${first.ins}\n` });
  expect(run).toMatchObject({ exitCode: 0, err: '' });
  expect(`${run.out}${run.err}`).not.toContain(first.ins);

  expect(await mailboxAt(first.address)).toMatchObject({ mailboxId: before?.mailboxId, address: first.address });
  expect(await mailboxAt(citizen)).toMatchObject({ mailboxId: before?.mailboxId, address: first.address });
  const holders = await resolveAddresses(town.db, 'patient.mssante.fr', [citizen, first.address]);
  expect(holders.get(first.address)).toMatchObject({ kind: 'citizen', state: 'active' });
  expect(new Set([...holders.values()].map((holder) => holder.kind === 'citizen' && holder.citizenId)).size).toBe(1);
  expect(await opens(first.address, password)).toBe(first.address);
  expect(await opens(citizen, password)).toBeUndefined();
  for (const name of [citizen, first.address, first.ins]) {
    expect(await town.ask(`exchange show ${town.doctor} -`, name)).toMatchObject({ exchange: 'open' });
  }

  // Run twice, and then once more from a matricule that was already given up.
  expect(await replace(localPart(citizen), first.ins)).toMatchObject({ exitCode: 0 });
  expect(await mailboxAt(citizen)).toMatchObject({ address: first.address });
  const second = newMatricule(2);
  expect(await replace(localPart(citizen), second.ins)).toMatchObject({ exitCode: 0 });
  for (const name of [citizen, first.address, second.address]) {
    expect(await mailboxAt(name)).toMatchObject({ mailboxId: before?.mailboxId, address: second.address });
  }
  expect(await opens(second.address, password)).toBe(second.address);
  // A mistake is mended: back to the one before.
  expect(await replace(second.ins, first.ins)).toMatchObject({ exitCode: 0 });
  expect(await opens(first.address, password)).toBe(first.address);
  expect(await mailboxAt(second.address)).toMatchObject({ address: first.address });
});

test('a matricule that is somebody else’s is refused, and nothing has changed', async () => {
  const { neighbour } = town;
  const somebody = (await town.db.selectFrom('citizens').select('ins').orderBy('citizen_id', 'desc').limit(1).executeTakeFirstOrThrow())
    .ins;
  expect(await replace(localPart(neighbour), somebody)).toMatchObject({ exitCode: 1, out: '' });
  expect(await mailboxAt(neighbour)).toMatchObject({ address: neighbour });
  expect(await opens(neighbour, town.passwordOf(neighbour))).toBe(neighbour);
  expect(await replace(newMatricule(9).ins, newMatricule(8).ins)).toMatchObject({ exitCode: 1, out: '' });
  expect(await replace(localPart(neighbour), localPart(neighbour))).toMatchObject({ exitCode: 2, out: '' });
});
