// A few citizens and correspondents of nobody else, on the real tables: what the properties of the register are shown on.
// Each world has people of its own, so that many share one database.
import { expect } from 'vitest';
import { replaceMatricule } from '../../directory/matricules.ts';
import { registerAddress, registerCitizen, registerProfessional, registerStructure } from '../../directory/registry.ts';
import { resolveAddresses } from '../../directory/resolve-addresses.ts';
import { blockerOf } from '../../policies/blocker.ts';
import { block, unblock } from '../../policies/blocks.ts';
import { strangers, unread } from '../../policies/facts.ts';
import { disinviteCitizen, inviteCitizen, setFirstContact } from '../../policies/first-contacts.ts';
import { judgeRecipient } from '../../policies/judge.ts';
import { effectsOnCitizen } from '../../policies/letter-effects.ts';
import { applyEffects, countFirstLetters, type Pair, readStandings, rememberLetters } from '../../policies/register.ts';
import { type Address, parseAddress } from '../../src/core/address.ts';
import { newId } from '../../src/core/ids.ts';
import { type Ins, insKey, parseIns } from '../../src/core/ins.ts';
import type { Db, Trx } from '../../src/database/tables.ts';
import { address } from '../support/address.ts';
import { citizenCount, correspondentKinds, dailyLimit, type Letter, type Step } from './register-steps.ts';

const domain = 'patient.mssante.fr';
const morning = new Date('2026-11-22T07:00:00Z');

/** The real register, the real directory and the real judge. */
export class RegisterWorld {
  readonly #db: Db;
  readonly #citizens: Ins[] = [];
  readonly #correspondents: Address[] = [];
  /** What was sent, for replays. */
  readonly sent: { readonly letter: Letter; readonly fingerprint: Buffer }[] = [];

  #now = morning;

  private constructor(db: Db) {
    this.#db = db;
  }

  /** Makes new people. */
  static async open(db: Db): Promise<RegisterWorld> {
    const world = new RegisterWorld(db);
    const rpps = String(++people).padStart(11, '9');
    await registerProfessional(db, { rpps, civility: 'Dr', familyName: 'TEST', givenName: 'Léa', profession: 'Médecin' });
    await registerStructure(db, { structureId: '1990001014', name: 'Hôpital de test' });
    for (const [at, kind] of correspondentKinds.entries()) {
      const one = address(`${newId()}.${at}@${kind === 'elsewhere' ? 'autre' : 'test'}.mssante.fr`);
      world.#correspondents.push(one);
      if (kind === 'ORG') await registerAddress(db, { address: one, type: kind, label: 'Service', structureId: '1990001014' });
      else if (kind !== 'elsewhere') await registerAddress(db, { address: one, type: kind, label: 'Dr Léa TEST', rpps });
    }
    for (let at = 0; at < citizenCount; at += 1) {
      const ins = matricule();
      world.#citizens.push(ins);
      await registerCitizen(db, { ins, birthName: 'ESSAI', firstGivenName: 'RUTH', birthDate: '1979-03-28', sex: 'F' }, domain);
    }
    return world;
  }

  /** Does it, a minute after the last, in a transaction of its own where the gateway does so. */
  async run(step: Step): Promise<void> {
    this.#aMinuteLater();
    const citizenId = 'citizen' in step ? await this.#citizenId(step.citizen) : 0;
    const at = 'at' in step ? (this.#correspondents[step.at] as Address) : (undefined as never);
    if (step.do === 'letters') {
      const fresh = step.letters.map((letter) => ({ letter, fingerprint: Buffer.from(newId().replaceAll('-', '').repeat(2), 'hex') }));
      this.sent.push(...fresh);
      await this.#receive(step.isDoubled ? fresh.flatMap((one) => [one, one]) : fresh);
    } else if (step.do === 'replay') await this.replay(step.which);
    else if (step.do === 'end')
      await this.#in((trx) => applyEffects(trx, [{ do: 'end', citizenId, correspondent: at, endedBy: at }], this.#now));
    else if (step.do === 'reopen')
      await this.#in((trx) => applyEffects(trx, [{ do: 'open', citizenId, correspondent: at, openedBy: at }], this.#now));
    else if (step.do === 'choose') await setFirstContact(this.#db, at, { audience: step.audience, dailyLimit });
    else if (step.do === 'invite') await inviteCitizen(this.#db, at, citizenId);
    else if (step.do === 'disinvite') await disinviteCitizen(this.#db, at, citizenId);
    else if (step.do === 'write') await this.#write(step.citizen, step.at);
    else if (step.do === 'replace-matricule') await this.#replaceMatricule(step.citizen, step.isNewUsed);
    else {
      const { blocker } = await this.#pair(step.citizen, step.at);
      if (!blocker) return; // another operator's people do not block here
      if (step.do === 'block') await this.#in((trx) => block(trx, { citizenId, blocker, by: at }, this.#now));
      else await this.#in((trx) => unblock(trx, { citizenId, blocker }));
    }
  }

  /** A letter that was sent comes again; nothing when none was. */
  async replay(which: number): Promise<void> {
    this.#aMinuteLater();
    const again = this.sent[which % this.sent.length];
    if (again) await this.#receive([again]);
  }

  /** Whether each citizen may write to each correspondent, as the judge says it: `citizen correspondent`. */
  async rights(): Promise<Map<string, boolean>> {
    const standings = await this.#standings();
    const verdicts = [...standings].map(([name, { standing, kind }]) => {
      const sender = { kind: 'citizen', hasNullPath: false, guessesAddresses: false } as const;
      const recipient = kind === 'elsewhere' ? ({ kind, reachable: true } as const) : ({ kind: 'professional', state: 'active' } as const);
      return [name, judgeRecipient({ sender, recipient, standing, content: unread }).do === 'accept'] as const;
    });
    return new Map(verdicts);
  }

  /** All that is kept of these people's exchanges, with times and authors, and their standings. */
  async everything(): Promise<Map<string, unknown>> {
    const standings = await this.#standings();
    const rows = await this.#db.selectFrom('exchanges').selectAll().where('correspondent', 'in', this.#correspondents).execute();
    const kept = new Map<string, unknown>(standings);
    for (const [citizen] of this.#citizens.entries()) {
      const citizenId = await this.#citizenId(citizen);
      for (const [at, correspondent] of this.#correspondents.entries()) {
        const row = rows.find((one) => one.citizen_id === citizenId && one.correspondent === correspondent);
        kept.set(`${citizen} ${at}`, { ...standings.get(`${citizen} ${at}`), row });
      }
    }
    return kept;
  }

  /** Who opened each exchange that is open, by place: `citizen correspondent`. */
  async openers(): Promise<Map<string, number>> {
    const holders = await this.#holders();
    const ids = this.#citizens.map((_, citizen) => this.#pairOf(holders, citizen, 0).citizenId);
    const rows = await this.#db
      .selectFrom('exchanges')
      .select(['citizen_id', 'correspondent', 'opened_by'])
      .where('correspondent', 'in', this.#correspondents)
      .where('state', '=', 'open')
      .execute();
    const place = (one: Address) => this.#correspondents.indexOf(one);
    return new Map(
      rows.map((row) => [`${ids.indexOf(row.citizen_id)} ${place(row.correspondent)}`, row.opened_by ? place(row.opened_by) : -1]),
    );
  }

  async #standings() {
    const names: { readonly citizen: number; readonly at: number }[] = [];
    for (let citizen = 0; citizen < citizenCount; citizen += 1)
      for (let at = 0; at < correspondentKinds.length; at += 1) names.push({ citizen, at });
    const holders = await this.#holders();
    const standings = await readStandings(
      this.#db,
      names.map(({ citizen, at }) => this.#pairOf(holders, citizen, at)),
      this.#now,
    );
    return new Map(
      names.map(({ citizen, at }, index) => [
        `${citizen} ${at}`,
        { standing: standings[index] ?? strangers, kind: correspondentKinds[at] },
      ]),
    );
  }

  /** What a delivery does for the letters of one group. */
  async #receive(letters: readonly { readonly letter: Letter; readonly fingerprint: Buffer }[]): Promise<void> {
    const holders = await this.#holders();
    const received = letters.flatMap(({ letter, fingerprint }) =>
      letter.to.map((citizen) => ({ letter, fingerprint, citizenId: this.#pairOf(holders, citizen, 0).citizenId })),
    );
    await this.#in(async (trx) => {
      const isNew = await rememberLetters(trx, received, this.#now);
      const effects = received
        .filter((_, at) => isNew[at])
        .flatMap(({ letter, citizenId }) => effectsOnCitizen(this.#factsOf(letter), citizenId));
      await applyEffects(trx, effects, this.#now);
    });
  }

  #factsOf({ from, replyTo, ends, writtenBy }: Letter) {
    return {
      sender: this.#senderOf(from, writtenBy),
      isAutomatic: writtenBy === 'software',
      mssMes: ends === 'this' || ends === 'both' ? 'FIN' : 'fin',
      subject: ends === 'everything' || ends === 'both' ? '[FIN]' : 'RE: [FIN]',
      replyTo: replyTo.map((at) => this.#correspondents[at] as Address),
    };
  }

  #senderOf(from: number, writtenBy: Letter['writtenBy']) {
    const kind = correspondentKinds[from] === 'elsewhere' ? ('other-operator' as const) : ('professional' as const);
    if (writtenBy === 'nobody') return { kind, address: null };
    if (writtenBy === 'citizen') return { kind: 'citizen' as const, address: mailAddress(this.#citizens[0] as Ins) };
    return { kind, address: this.#correspondents[from] as Address };
  }

  /** A citizen writes: a letter that was accepted because the mailbox agreed to be written to first is counted. */
  async #write(citizen: number, at: number): Promise<void> {
    const pair = await this.#pair(citizen, at);
    const [standing] = await readStandings(this.#db, [pair], this.#now);
    const isFirst = standing && !standing.isBlocked && standing.exchange !== 'open' && standing.mayWriteFirst === 'yes';
    if (isFirst) await this.#in((trx) => countFirstLetters(trx, [pair], this.#now));
  }

  async #replaceMatricule(citizen: number, isNewUsed: boolean): Promise<void> {
    const [from, to] = [this.#citizens[citizen] as Ins, matricule()];
    expect(await this.#in((trx) => replaceMatricule(trx, from, to))).toBe('replaced');
    // Letters to the old address still find the same person.
    if (isNewUsed) this.#citizens[citizen] = to;
  }

  async #pair(citizen: number, at: number): Promise<Pair> {
    return this.#pairOf(await this.#holders(), citizen, at);
  }

  #holders() {
    return resolveAddresses(this.#db, 'patient.mssante.fr', [...this.#correspondents, ...this.#citizens.map(mailAddress)]);
  }

  #pairOf(holders: Awaited<ReturnType<typeof resolveAddresses>>, citizen: number, at: number): Pair {
    const [person, holder] = [holders.get(mailAddress(this.#citizens[citizen] as Ins)), holders.get(this.#correspondents[at] as Address)];
    if (person?.kind !== 'citizen') throw new Error('A citizen is always found');
    const correspondent = this.#correspondents[at] as Address;
    return { citizenId: person.citizenId, correspondent, ...(holder?.kind === 'professional' && { blocker: blockerOf(holder) }) };
  }

  #aMinuteLater(): void {
    this.#now = new Date(this.#now.getTime() + 60_000);
  }

  async #citizenId(citizen: number): Promise<number> {
    return (await this.#pair(citizen, 0)).citizenId;
  }

  #in<Result>(work: (trx: Trx) => Promise<Result>): Promise<Result> {
    return this.#db.transaction().execute(work);
  }
}

let people = 0;

function matricule(): Ins {
  const body = String(1_790_399_000_000 + ++people);
  return parseIns(body + insKey(body)) ?? expect.fail('not a matricule');
}

function mailAddress(ins: Ins): Address {
  return parseAddress(`${ins}@${domain}`) ?? expect.fail('not an address');
}
