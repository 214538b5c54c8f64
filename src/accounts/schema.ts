// Credentials: what proves that a client may use a mailbox.
import type { Generated } from 'kysely';
import type { Address } from '../core/address.ts';

declare module '../database/tables.ts' {
  interface Tables {
    application_passwords: ApplicationPasswordsTable;
  }
}

/** One generated password of one address. The password itself is nowhere: `hash` is keyed, so a stolen table opens nothing. */
export interface ApplicationPasswordsTable {
  hash: Buffer;
  address: Address;
  label: string;
  created_at: Generated<Date>;
}
