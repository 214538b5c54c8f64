// Who acts for a minor or a protected adult: their guardians are citizens too, who read in their own name. Requirement 38.
import { sql } from 'kysely';
import type { Ins } from '../src/core/ins.ts';
import type { Db, Trx } from '../src/database/tables.ts';
import { findCitizens } from './matricules.ts';
import type { AttachedProfilesTable } from './schema.ts';

/** A link between two people. `until`: the instant it ends (a majority, a judge's decision); without it, when it is detached. */
export type Attachment = {
  readonly ward: Ins;
  readonly guardian: Ins;
  readonly kind: AttachedProfilesTable['kind'];
  readonly until?: Date;
};

/** `unknown`: one of them is nobody here. `circular`: oneself, or someone for whom the ward already acts, be it through others. */
export type AttachAnswer = 'attached' | 'unchanged' | 'unknown' | 'circular';

/** Links are made one after the other until the transaction ends: two at once could close a circle that neither sees. */
export async function lockProfiles(trx: Trx): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('passerelle attached profiles', 0))`.execute(trx);
}

/** Attaches a ward's profile to a guardian; of a link there is already, kind and end are brought up to date. Ended links make no circle. */
export async function attachProfile(trx: Trx, attachment: Attachment, now: Date): Promise<AttachAnswer> {
  const pair = await findPair(trx, attachment);
  if (!pair) return 'unknown';
  if (pair.ward === pair.guardian) return 'circular';
  await lockProfiles(trx);
  const circle = await sql`
    with recursive led as (
      select ward_id from attached_profiles where guardian_id = ${pair.ward} and (until is null or until > ${now})
      union
      select p.ward_id from led join attached_profiles p on p.guardian_id = led.ward_id and (p.until is null or p.until > ${now}))
    select from led where ward_id = ${pair.guardian} limit 1`.execute(trx);
  if (circle.rows.length > 0) return 'circular';
  const written = await sql`
    insert into attached_profiles as p (ward_id, guardian_id, kind, until)
    values (${pair.ward}, ${pair.guardian}, ${attachment.kind}, ${attachment.until ?? null})
    on conflict (ward_id, guardian_id) do update set kind = excluded.kind, until = excluded.until
    where (p.kind, p.until) is distinct from (excluded.kind, excluded.until)`.execute(trx);
  return Number(written.numAffectedRows) > 0 ? 'attached' : 'unchanged';
}

/** Ends a link at once. `unknown`: there was none. */
export async function detachProfile(trx: Trx, people: { readonly ward: Ins; readonly guardian: Ins }): Promise<'detached' | 'unknown'> {
  const pair = await findPair(trx, people);
  if (!pair) return 'unknown';
  const gone = await sql`delete from attached_profiles where ward_id = ${pair.ward} and guardian_id = ${pair.guardian}`.execute(trx);
  return Number(gone.numAffectedRows) > 0 ? 'detached' : 'unknown';
}

/** Someone at the other end of a link. */
export type Profile = {
  readonly citizenId: number;
  readonly birthName: string;
  readonly firstGivenName: string;
  readonly kind: AttachedProfilesTable['kind'];
  readonly since: Date;
  readonly until?: Date;
};

/** The links of a citizen that stand at `now`: for whom they act, and who acts for them; the oldest first. */
export async function profilesOf(db: Db, citizenId: number, now: Date): Promise<{ wards: Profile[]; guardians: Profile[] }> {
  const { rows } = await sql<ProfileRow>`
    select side, c.citizen_id, c.birth_name, c.first_given_name, l.kind, l.since, l.until
    from (
      select 'ward' as side, ward_id as other_id, kind, since, until from attached_profiles where guardian_id = ${citizenId}
      union all
      select 'guardian', guardian_id, kind, since, until from attached_profiles where ward_id = ${citizenId}) l
    join citizens c on c.citizen_id = l.other_id
    where l.until is null or l.until > ${now}
    order by l.since, c.citizen_id`.execute(db);
  const of = (side: ProfileRow['side']) => rows.filter((row) => row.side === side).map(profileOf);
  return { wards: of('ward'), guardians: of('guardian') };
}

type ProfileRow = {
  side: 'ward' | 'guardian';
  citizen_id: number;
  birth_name: string;
  first_given_name: string;
  kind: Profile['kind'];
  since: Date;
  until: Date | null;
};

function profileOf(row: ProfileRow): Profile {
  const { kind, since, until } = row;
  const person = { citizenId: row.citizen_id, birthName: row.birth_name, firstGivenName: row.first_given_name };
  return { ...person, kind, since, ...(until !== null && { until }) };
}

async function findPair(trx: Trx, people: { ward: Ins; guardian: Ins }): Promise<{ ward: number; guardian: number } | undefined> {
  const known = await findCitizens(trx, [people.ward, people.guardian]);
  const [ward, guardian] = [known.get(people.ward), known.get(people.guardian)];
  return ward === undefined || guardian === undefined ? undefined : { ward, guardian };
}
