// IDLE: changes are told as they happen, until the client says DONE. RFC 2177. A `* OK` now and then shows that both ends are alive:
// mail programs and middle boxes give up silent connections long before the half hour of the RFC.
import { isUnavailable } from '../../database/is-unavailable.ts';
import { bad, type Command, type CommandContext, loggedIn, ok, type Reply } from '../command.ts';
import { publishChanges } from '../publish-changes.ts';

/** RFC 2177. */
export const idle: Command = {
  name: 'IDLE',
  allowedIn: loggedIn,
  publishes: 'all',
  async run(context) {
    context.arguments.end();
    context.writer.continuation('idling');
    const stop = new AbortController();
    const waiting = context.reader.readLine({ signal: stop.signal });
    try {
      await pushUntil(waiting, context);
    } finally {
      // The session ends, or a push failed: nobody waits for DONE any more. After DONE this does nothing.
      stop.abort();
      await waiting.catch(() => {}); // the same failure as the push's, if any
    }
    return answer(await waiting, context);
  },
};

/** Publishes at each wake-up, and at each keep-alive what a lost wake-up would have told, until the line has come or the session must end. */
async function pushUntil(waiting: Promise<unknown>, { services, session, writer }: CommandContext): Promise<void> {
  let isOver = false;
  let isAlarmed = true; // look once at the beginning
  let wakeUp = (): void => {};
  session.onNews = () => {
    isAlarmed = true;
    wakeUp();
  };
  const finish = (): void => {
    isOver = true;
    wakeUp();
  };
  waiting.then(finish, finish);
  try {
    while (!isOver && session.endingBecause === undefined) {
      if (isAlarmed) {
        isAlarmed = false;
        await publishPatiently();
        await writer.flush();
        continue;
      }
      const isTimeUp = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(true), services.idleKeepAliveMs);
        wakeUp = () => {
          clearTimeout(timer);
          resolve(false);
        };
      });
      if (!isTimeUp) continue;
      writer.untaggedStatus('OK', undefined, 'Still here');
      isAlarmed = true;
    }
  } finally {
    session.onNews = () => {};
  }

  /** The database being away for a moment is no reason to lose the client: the next keep-alive asks again. */
  async function publishPatiently(): Promise<void> {
    try {
      await publishChanges(services, session, writer, true);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      services.events.commandFailed('IDLE', error);
    }
  }
}

function answer(line: Awaited<ReturnType<CommandContext['reader']['readLine']>>, { session }: CommandContext): Reply | undefined {
  if (!line || line === 'aborted') return undefined;
  if (line.kind === 'bad' && line.isFatal) session.end('Commande illisible');
  if (line.kind === 'bad' || line.text.toUpperCase() !== 'DONE') return bad('Expected DONE');
  return ok('Idle completed');
}
