// Whatever happens, and in whatever order, a citizen reaches a professional by a right and by nothing else. fast-check makes the orders
// up and shortens what fails. POLICIES_RUNS=5000 looks longer; a failure names its seed, POLICIES_SEED repeats it.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { directoryMigrations } from '../../directory/migrations/set.ts';
import { policiesMigrations } from '../../policies/migrations/set.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { anyStep, blockers, citizenCount, correspondentKinds, dailyLimit, type Letter, type Step } from './register-steps.ts';
import { RegisterWorld } from './register-world.ts';

const runs = Number(process.env.POLICIES_RUNS ?? 80);
const seed = Number(process.env.POLICIES_SEED ?? Date.now() % 1_000_000);
const patienceMs = 60_000 + runs * 1000;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase([directoryMigrations, policiesMigrations]);
});
afterAll(() => database.close());

const citizens = [...Array(citizenCount).keys()];
const correspondents = [...correspondentKinds.keys()];
const steps = fc.array(anyStep(citizens, correspondents), { minLength: 1, maxLength: 16, size: 'max' });

/** The rule on one page of paper: who opened which exchange, who blocks whom, who may write first. */
class Paper {
  readonly open = new Map<string, number>(); // `citizen correspondent` → who opened it
  readonly blocks = new Set<string>(); // `citizen blocker`
  readonly choice = new Map<number, string>();
  readonly guests = new Set<string>();
  readonly writtenFirst = new Map<string, number>();

  letter({ from, to, replyTo, ends, writtenBy }: Letter): void {
    for (const citizen of writtenBy === 'correspondent' ? to : []) {
      const ended = ends === 'this' || ends === 'both' ? [from, ...replyTo] : [];
      const opened = ends === 'nothing' ? (replyTo.length > 0 ? replyTo : [from]) : [];
      for (const at of ended) this.open.delete(`${citizen} ${at}`);
      if (ends === 'everything' || ends === 'both')
        for (const at of correspondents)
          if (at === from || this.open.get(`${citizen} ${at}`) === from) this.open.delete(`${citizen} ${at}`);
      for (const at of opened) if (at === from || this.open.get(`${citizen} ${at}`) !== at) this.open.set(`${citizen} ${at}`, from);
    }
  }

  mayWrite(pair: string, citizen: number, at: number): boolean {
    const isInvited = this.choice.get(at) === 'everyone' || (this.choice.get(at) === 'listed' && this.guests.has(pair));
    const mayWriteFirst = isInvited && (this.writtenFirst.get(pair) ?? 0) < dailyLimit;
    return !this.blocks.has(`${citizen} ${blockers[at]}`) && (this.open.has(pair) || mayWriteFirst);
  }

  run(step: Step): void {
    if (step.do === 'letters') for (const letter of step.letters) this.letter(letter);
    if (step.do === 'choose') this.choice.set(step.at, step.audience);
    if (!('citizen' in step) || step.do === 'replace-matricule') return;
    const { citizen, at } = step;
    const [pair, held] = [`${citizen} ${at}`, `${citizen} ${blockers[at]}`];
    if (step.do === 'end') this.open.delete(pair);
    if (step.do === 'reopen') this.open.set(pair, at);
    if (step.do === 'block' && blockers[at] !== undefined) this.blocks.add(held);
    if (step.do === 'unblock') this.blocks.delete(held);
    if (step.do === 'invite') this.guests.add(pair);
    if (step.do === 'disinvite') this.guests.delete(pair);
    const isFirst = step.do === 'write' && !this.open.has(pair) && this.mayWrite(pair, citizen, at);
    if (isFirst) this.writtenFirst.set(pair, (this.writtenFirst.get(pair) ?? 0) + 1);
  }

  rights(): Map<string, boolean> {
    return new Map(
      citizens.flatMap((citizen) =>
        correspondents.map((at) => [`${citizen} ${at}`, this.mayWrite(`${citizen} ${at}`, citizen, at)] as const),
      ),
    );
  }
}

test('requirements 25-30, 32, 33: after any sequence, a citizen may write exactly when the rule on paper says so, and it says who opened what', {
  timeout: patienceMs,
}, async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      const [world, paper] = [await RegisterWorld.open(database.db), new Paper()];
      for (const step of sequence) {
        await world.run(step);
        paper.run(step);
        expect(await world.rights()).toEqual(paper.rights());
        expect(await world.openers()).toEqual(paper.open);
      }
    }),
    { numRuns: runs, seed },
  );
});

test('requirements 26-30: a letter that comes again changes nothing, whatever has happened since', {
  timeout: patienceMs,
}, async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(), async (sequence, which) => {
      const world = await RegisterWorld.open(database.db);
      for (const step of sequence) await world.run(step);
      const before = await world.everything();
      await world.replay(which);
      expect(await world.everything()).toEqual(before);
    }),
    { numRuns: Math.ceil(runs / 2), seed },
  );
});

test('requirement 25: what happens between some leaves everyone else where they stood', {
  timeout: patienceMs,
}, async () => {
  // The first citizen and one person's two mailboxes; what these choose for every citizen is left out.
  const theirs = [0, 1];
  const among = anyStep([0], theirs).filter((step) => step.do !== 'choose' && step.do !== 'replay');
  await fc.assert(
    fc.asyncProperty(steps, fc.array(among, { minLength: 1, maxLength: 8 }), async (earlier, sequence) => {
      const world = await RegisterWorld.open(database.db);
      for (const step of earlier) await world.run(step);
      const openers = await world.openers();
      const isUnrelated = (pair: string): boolean => {
        const [citizen, at] = pair.split(' ').map(Number) as [number, number];
        return citizen !== 0 || (!theirs.includes(at) && !theirs.includes(openers.get(pair) ?? -1));
      };
      const unrelated = async () => [...(await world.everything())].filter(([pair]) => isUnrelated(pair));
      const before = await unrelated();
      for (const step of sequence) await world.run(step);
      expect(await unrelated()).toEqual(before);
    }),
    { numRuns: Math.ceil(runs / 2), seed },
  );
});
