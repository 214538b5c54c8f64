// Tells a failure that will pass, the database's or the machine's, from one of ours: the doors answer « later » to the one.
import { UnavailableError } from '../core/errors.ts';

/** The database cannot be reached, is stopping or starting: connection failures and SQLSTATE classes 08, 53 and 57. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof UnavailableError) return true;
  if (!(error instanceof Error)) return false;
  const { code = '', syscall } = error as NodeJS.ErrnoException;
  // ENOENT: the socket file of a database that is not up; any other missing file is our own fault.
  if (code === 'ENOENT') return syscall === 'connect';
  return /^(?:ECONN\w+|EPIPE|ETIMEDOUT|ENOSPC|08...|53...|57...)$/.test(code) || lostConnection.test(error.message);
}

/** What node-postgres says, without a code, when the server goes away under a query. */
const lostConnection = /^Connection terminated|^timeout exceeded when trying to connect/;
