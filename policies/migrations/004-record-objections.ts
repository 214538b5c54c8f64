// Citizens who want no copies of their documents in the shared medical record.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table record_objections (
      citizen_id bigint primary key,
      objected_by text not null,
      since timestamptz not null
    )`.execute(db);
}
