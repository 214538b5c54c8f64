// NOOP and CHECK: both ask what is new and nothing else, every change being durable already. RFC 3501 §6.1.2, §6.4.1.
import { anyState, type Command, ok } from '../command.ts';

/** RFC 3501 §6.1.2. */
export const noop: Command = {
  name: 'NOOP',
  allowedIn: anyState,
  publishes: 'all',
  asksForChanges: true,
  async run({ arguments: cursor }) {
    cursor.end();
    return ok('Noop completed');
  },
};

/** RFC 3501 §6.4.1. */
export const check: Command = {
  name: 'CHECK',
  allowedIn: ['selected'],
  publishes: 'all',
  asksForChanges: true,
  async run({ arguments: cursor }) {
    cursor.end();
    return ok('Check completed');
  },
};
