// Who acts for whom, as a batch of a feed says it: the guardians of a ward become those of their line, no more and no fewer. One that nobody
// knows yet is awaited, so that people may come in any order. Requirement 38.
import { sql } from 'kysely';
import type { Ins } from '../../src/core/ins.ts';
import type { Trx } from '../../src/database/tables.ts';
import { lockProfiles } from '../attached-profiles.ts';
import { findCitizens } from '../matricules.ts';

/** A ward, by number, and everybody who is to act for them. */
export type Guardianship = { readonly wardId: number; readonly guardians: readonly Ins[] };

/** What it did, by wards' numbers. `circular`: somebody named would act for whoever acts for them: that link is not made. */
export type GuardiansOutcome = { readonly changed: ReadonlySet<number>; readonly circular: ReadonlySet<number> };

type Link = { readonly wardId: number; readonly guardianId: number };

/** Age of majority, in years: what a minor's profile is attached until. Code civil, article 414. */
const majorityYears = 18;

/** Writes what the lines of a batch say, and attaches those of `arrived` who were awaited. */
export async function attachGuardians(trx: Trx, said: readonly Guardianship[], arrived: readonly Ins[]): Promise<GuardiansOutcome> {
  const awaited = await takeAwaited(trx, arrived);
  if (said.length === 0 && awaited.length === 0) return { changed: new Set(), circular: new Set() };
  await lockProfiles(trx);
  const known = await findCitizens(trx, [...new Set(said.flatMap(({ guardians }) => guardians))]);
  const named = said.flatMap(({ wardId, guardians }) => guardians.map((ins) => ({ wardId, ins, guardianId: known.get(ins) })));
  const links = named.flatMap(({ wardId, guardianId }) => (guardianId === undefined ? [] : [{ wardId, guardianId }]));
  const wards = said.map(({ wardId }) => wardId);
  const detached = await detachOthers(trx, wards, links);
  const { open, circular } = await withoutCircles(trx, [...links, ...awaited]);
  const attached = await attach(trx, open);
  const waiting = named.filter(({ guardianId }) => guardianId === undefined);
  await awaitGuardians(trx, wards, waiting);
  return { changed: new Set([...detached, ...attached]), circular };
}

/** Links whose guardian was named before, and is here now; they wait no more. */
async function takeAwaited(trx: Trx, arrived: readonly Ins[]): Promise<Link[]> {
  if (arrived.length === 0) return [];
  const taken = await sql<{ ward_id: number; guardian_ins: Ins }>`
    delete from awaited_guardians where guardian_ins = any(${arrived}::text[]) returning ward_id, guardian_ins`.execute(trx);
  const known = await findCitizens(trx, [...new Set(taken.rows.map((row) => row.guardian_ins))]);
  return taken.rows.flatMap(({ ward_id: wardId, guardian_ins: ins }) => {
    const guardianId = known.get(ins);
    return guardianId === undefined ? [] : [{ wardId, guardianId }];
  });
}

/** Ends the links of these wards to anybody else. Returns the wards that had such. */
async function detachOthers(trx: Trx, wards: readonly number[], links: readonly Link[]): Promise<number[]> {
  const { rows } = await sql<{ ward_id: number }>`
    delete from attached_profiles p
    where ward_id = any(${wards}::bigint[])
      and not exists (
        select from unnest(${links.map((link) => link.wardId)}::bigint[], ${links.map((link) => link.guardianId)}::bigint[])
          as kept (ward_id, guardian_id)
        where kept.ward_id = p.ward_id and kept.guardian_id = p.guardian_id)
    returning ward_id`.execute(trx);
  return rows.map((row) => row.ward_id);
}

/** The links that may be made one after another without anybody acting for themselves, be it through others. */
async function withoutCircles(trx: Trx, links: readonly Link[]): Promise<{ open: Link[]; circular: Set<number> }> {
  const guardiansOf = new Map<number, Set<number>>();
  const add = ({ wardId, guardianId }: Link) => {
    const guardians = guardiansOf.get(wardId) ?? new Set();
    guardiansOf.set(wardId, guardians.add(guardianId));
  };
  // Everybody above those who are named, a generation a statement: most guardians have nobody. Links that have ended make no circle.
  const seen = new Set(links.map((link) => link.guardianId));
  for (let generation = [...seen]; generation.length > 0; ) {
    const { rows } = await sql<{ ward_id: number; guardian_id: number }>`
      select ward_id, guardian_id from attached_profiles where ward_id = any(${generation}::bigint[]) and (until is null or until > now())`.execute(
      trx,
    );
    for (const row of rows) add({ wardId: row.ward_id, guardianId: row.guardian_id });
    generation = [...new Set(rows.map((row) => row.guardian_id))].filter((id) => !seen.has(id));
    for (const id of generation) seen.add(id);
  }
  const open: Link[] = [];
  const circular = new Set<number>();
  for (const link of links) {
    if (isAbove(guardiansOf, link.guardianId, link.wardId)) circular.add(link.wardId);
    else {
      add(link);
      open.push(link);
    }
  }
  return { open, circular };
}

/** True when `sought` is this person or acts for them, be it through others. */
function isAbove(guardiansOf: ReadonlyMap<number, ReadonlySet<number>>, person: number, sought: number): boolean {
  const above = new Set([person]);
  for (const one of above) {
    if (one === sought) return true;
    for (const guardian of guardiansOf.get(one) ?? []) above.add(guardian);
  }
  return false;
}

/** Makes links, or brings their kind up to date. Until their majority for a minor, until it is said otherwise for a protected adult. */
async function attach(trx: Trx, links: readonly Link[]): Promise<number[]> {
  if (links.length === 0) return [];
  const { rows } = await sql<{ ward_id: number }>`
    insert into attached_profiles as p (ward_id, guardian_id, kind, until)
    select distinct on (ward_id, guardian_id) ward_id, guardian_id,
      case when majority > now() then 'minor' else 'ward' end, case when majority > now() then majority end
    from unnest(${links.map((link) => link.wardId)}::bigint[], ${links.map((link) => link.guardianId)}::bigint[])
        as link (ward_id, guardian_id)
      join citizens c on c.citizen_id = link.ward_id
      cross join lateral (
        select (c.birth_date::date + make_interval(years => ${majorityYears})) at time zone 'Europe/Paris') as coming_of_age (majority)
    order by ward_id, guardian_id
    on conflict (ward_id, guardian_id) do update set kind = excluded.kind, until = excluded.until
    where (p.kind, p.until) is distinct from (excluded.kind, excluded.until)
    returning ward_id`.execute(trx);
  return rows.map((row) => row.ward_id);
}

/** The guardians these wards wait for become those, no more and no fewer. */
async function awaitGuardians(trx: Trx, wards: readonly number[], waiting: readonly { wardId: number; ins: Ins }[]): Promise<void> {
  if (wards.length === 0) return;
  const [wardIds, insList] = [waiting.map(({ wardId }) => wardId), waiting.map(({ ins }) => ins)];
  await sql`
    delete from awaited_guardians a
    where ward_id = any(${wards}::bigint[])
      and not exists (
        select from unnest(${wardIds}::bigint[], ${insList}::text[]) as kept (ward_id, guardian_ins)
        where kept.ward_id = a.ward_id and kept.guardian_ins = a.guardian_ins)`.execute(trx);
  await sql`
    insert into awaited_guardians (ward_id, guardian_ins)
    select * from unnest(${wardIds}::bigint[], ${insList}::text[]) on conflict do nothing`.execute(trx);
}
