// What is measured of a registry: how large it is on disk, and how long finding somebody takes.
import { sql } from 'kysely';
import { citizenAddress } from '../../directory/citizen-addresses.ts';
import type { Resolver } from '../../directory/resolver/resolver.ts';
import type { Db } from '../../src/database/tables.ts';
import { percentile } from '../bench/percentile.ts';
import { fictionalCitizen, mostCitizens } from './fictional-citizens.ts';

/** A table or an index of it, in bytes. */
export type Size = { readonly name: string; readonly bytes: number };

/** The citizens' table (heap, without indexes) first, then each of its indexes by size. */
export async function sizesOfCitizens(db: Db): Promise<Size[]> {
  const { rows } = await sql<Size>`
    select 'citizens' as name, pg_table_size('citizens') as bytes
    union all
    (select indexrelid::regclass::text, pg_relation_size(indexrelid) from pg_index where indrelid = 'citizens'::regclass order by 2 desc)`.execute(
    db,
  );
  return rows;
}

/** Times of lookups in milliseconds. */
export type LookupTimes = { readonly medianMs: number; readonly p99Ms: number; readonly perSecond: number; readonly foundShare: number };

/** One in ten is asked for in vain. */
const unknownShare = 0.1;

/**
 * Looks citizens up by matricule, at random among `known` of them and strangers, from `clients` that each wait for their answer before
 * they ask again. The domain is that of the resolver.
 */
export async function measureLookups(
  resolver: Resolver,
  domain: string,
  { known, lookups, clients, chance }: { known: number; lookups: number; clients: number; chance: () => number },
): Promise<LookupTimes> {
  const times: number[] = [];
  let found = 0;
  const questions = Array.from({ length: lookups }, () => {
    const isKnown = chance() >= unknownShare;
    const number = isKnown ? Math.floor(chance() * known) : known + Math.floor(chance() * (mostCitizens - known));
    return { isKnown, address: citizenAddress(fictionalCitizen(number).ins, domain) };
  });
  const client = async () => {
    for (let question = questions.pop(); question; question = questions.pop()) {
      const { isKnown, address } = question;
      const began = performance.now();
      const holder = (await resolver.resolve([address])).get(address);
      times.push(performance.now() - began);
      if ((holder !== undefined) !== isKnown) throw new Error('A lookup found whom nobody registered, or missed somebody');
      found += Number(isKnown);
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: clients }, client));
  const tookMs = performance.now() - began;
  return {
    medianMs: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    perSecond: (lookups / tookMs) * 1000,
    foundShare: found / lookups,
  };
}

/** The middle turn of several, figure by figure: one that the machine disturbed does not count. */
export function middleOf(turns: readonly LookupTimes[]): LookupTimes {
  const middle = (figure: (turn: LookupTimes) => number) => percentile(turns.map(figure), 0.5);
  return {
    medianMs: middle((turn) => turn.medianMs),
    p99Ms: middle((turn) => turn.p99Ms),
    perSecond: middle((turn) => turn.perSecond),
    foundShare: middle((turn) => turn.foundShare),
  };
}
