// Every command of this server, by name. A new one is a file beside this one and a line here (and in capabilities.ts if it is an extension).
import type { Command } from '../command.ts';
import { append } from './append.ts';
import { authenticate } from './authenticate.ts';
import { capability } from './capability.ts';
import { close, unselect } from './close.ts';
import { copy, uidCopy } from './copy.ts';
import { create } from './create.ts';
import { deleteCommand } from './delete.ts';
import { expunge, uidExpunge } from './expunge.ts';
import { fetch, uidFetch } from './fetch.ts';
import { id } from './id.ts';
import { idle } from './idle.ts';
import { list } from './list.ts';
import { login } from './login.ts';
import { logout } from './logout.ts';
import { lsub } from './lsub.ts';
import { move, uidMove } from './move.ts';
import { namespace } from './namespace.ts';
import { check, noop } from './noop.ts';
import { rename } from './rename.ts';
import { search, uidSearch } from './search.ts';
import { examine, select } from './select.ts';
import { starttls } from './starttls.ts';
import { status } from './status.ts';
import { store, uidStore } from './store.ts';
import { subscribe, unsubscribe } from './subscribe.ts';

const anyTime: readonly Command[] = [capability, noop, logout, id];
const beforeLogin: readonly Command[] = [starttls, authenticate, login];
const afterLogin: readonly Command[] = [
  ...[select, examine, create, deleteCommand, rename, subscribe, unsubscribe],
  ...[list, lsub, namespace, status, append, idle],
];
const inFolder: readonly Command[] = [
  ...[check, close, unselect, expunge, uidExpunge, search, uidSearch],
  ...[fetch, uidFetch, store, uidStore, copy, uidCopy, move, uidMove],
];

/** Names in capitals, as the reader gives them. */
export const commands: ReadonlyMap<string, Command> = new Map(
  [...anyTime, ...beforeLogin, ...afterLogin, ...inFolder].map((command) => [command.name, command]),
);
