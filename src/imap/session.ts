// What the server knows of one client: who it is, which folder it has open. RFC 3501 §3.
import type { Account } from '../accounts/account.ts';
import type { SelectedFolder } from './selected-folder.ts';

/** RFC 3501 §3; the logout state is `isEnding`. */
export type SessionState = 'not-authenticated' | 'authenticated' | 'selected';

/** The state of one connection, changed by its commands alone. */
export class Session {
  isSecure: boolean;
  refusedLogins = 0;
  /** What IDLE does when there is news; nothing outside IDLE. */
  onNews: () => void = () => {};
  #endingBecause: string | undefined;
  #hasLeft = false;
  #account: Account | undefined;
  #selected: SelectedFolder | undefined;

  constructor(isSecure: boolean) {
    this.isSecure = isSecure;
  }

  get state(): SessionState {
    if (!this.#account) return 'not-authenticated';
    return this.#selected ? 'selected' : 'authenticated';
  }

  /** Who is logged in. Asking before the log-in is a mistake of the caller: the state is checked before a command runs. */
  get account(): Account {
    if (!this.#account) throw new Error('No account before log-in');
    return this.#account;
  }

  /** The open folder, if any. */
  get selected(): SelectedFolder | undefined {
    return this.#selected;
  }

  /** The open folder, for commands that only run in the selected state. */
  get folder(): SelectedFolder {
    if (!this.#selected) throw new Error('No folder selected');
    return this.#selected;
  }

  /** Why the connection is to be closed after the running command: the text of the BYE. Undefined while it is not. */
  get endingBecause(): string | undefined {
    return this.#endingBecause;
  }

  /** The connection will be closed; the first reason given is the one told. */
  end(because: string): void {
    this.#endingBecause ??= because;
    this.onNews();
  }

  /** The client said goodbye and has been answered: the connection is closed without another word. */
  leave(): void {
    this.#hasLeft = true;
  }

  /** After leave(). */
  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  /** A wake-up: the open folder changed somehow. */
  wake(): void {
    this.#selected?.wake();
    this.onNews();
  }

  logIn(account: Account): void {
    this.#account = account;
  }

  /** Opens a folder in place of the one that was open. */
  select(folder: SelectedFolder): void {
    this.deselect();
    this.#selected = folder;
  }

  /** Back to the authenticated state; wake-ups of the folder reach nobody any more. */
  deselect(): void {
    this.#selected?.close();
    this.#selected = undefined;
  }
}
