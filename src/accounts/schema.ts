// Credentials: what proves that a client may use a mailbox.
import type { Generated } from 'kysely';
import type { Address } from '../core/address.ts';

declare module '../database/tables.ts' {
  interface Tables {
    application_passwords: ApplicationPasswordsTable;
    renamed_logins: RenamedLoginsTable;
  }
}

/**
 * One generated password of one login, `address`. The password itself is nowhere: `hash` is keyed, by the pepper and by the name the
 * account began with, so a stolen table opens nothing.
 */
export interface ApplicationPasswordsTable {
  hash: Buffer;
  address: Address;
  label: string;
  created_at: Generated<Date>;
}

/** A login whose account began under another name. Those that never changed have no row. */
export interface RenamedLoginsTable {
  login: Address;
  first_login: Address;
}
