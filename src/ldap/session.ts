// What the server knows of one client: how private the connection is, who is bound, and where its searches by page have come to.
import type { Account } from '../accounts/account.ts';
import type { AtMost } from '../core/at-most.ts';
import { OpenPages } from './search/open-pages.ts';

/** One client's state. */
export class Session {
  isSecure: boolean;
  refusedBinds = 0;
  readonly pages = new OpenPages();
  #account: Account | undefined;
  #searches: AtMost | undefined;
  #leave: (() => void) | undefined;
  #endingBecause: string | undefined;

  constructor(isSecure: boolean) {
    this.isSecure = isSecure;
  }

  /** Who is bound; undefined for someone unnamed. RFC 4513 §4. */
  get account(): Account | undefined {
    return this.#account;
  }

  /** Someone is bound from now on; `searches` is their turn at the database. `leave` is called once, when they are not any more. */
  logIn(account: Account, searches: AtMost, leave: () => void): void {
    this.logOut();
    this.#account = account;
    this.#searches = searches;
    this.#leave = leave;
  }

  /** Waits for the turn of whoever is bound, among their own searches first and then among everybody's. */
  async inTurn<Result>(everybodys: AtMost, work: () => Promise<Result>): Promise<Result> {
    return this.#searches ? this.#searches(() => everybodys(work)) : everybodys(work);
  }

  /** Nobody is bound any more; what they had begun is not for the next to go on with. */
  logOut(): void {
    this.#leave?.();
    this.#leave = undefined;
    this.#account = undefined;
    this.#searches = undefined;
    this.pages.clear();
  }

  /** Why the connection is about to be closed; undefined while it is not. */
  get endingBecause(): string | undefined {
    return this.#endingBecause;
  }

  /** The connection closes once what is under way has been answered. The first reason stands; it is told, in French. */
  end(because: string): void {
    this.#endingBecause ??= because;
  }
}
