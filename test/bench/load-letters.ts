// Many senders who keep their connection and hand over one letter after the other.
import { SmtpClient } from '../support/smtp-client.ts';
import { makeLetter } from './letters.ts';
import { percentile } from './percentile.ts';
import type { LettersResult, LettersTask, Person } from './tasks.ts';

/** Sends until the time is over; every answer is counted, none is guessed. Rejects when a connection is lost. */
export async function loadLetters(task: LettersTask): Promise<LettersResult> {
  const [anyone = ''] = task.recipients;
  const letters = new Map(task.senders.map(({ address }) => [address, makeLetter(address, anyone, task.sizeBytes)]));
  const sessions = await Promise.all(Array.from({ length: task.connections }, (_, at) => openSession(task, at)));
  const owed: Record<string, number> = {};
  const refused: Record<string, number> = {};
  let measures: number[] = [];
  let next = 0;

  const sendUntil = async (end: number, { client, sender }: Session): Promise<void> => {
    const letter = letters.get(sender.address) ?? '';
    while (performance.now() < end) {
      const recipient = task.recipients[next++ % task.recipients.length] ?? '';
      const start = performance.now();
      const { code } = await client.deliver(sender.address, [recipient], letter);
      if (code !== 250) {
        refused[code] = (refused[code] ?? 0) + 1;
        continue;
      }
      owed[recipient] = (owed[recipient] ?? 0) + 1;
      measures.push(performance.now() - start);
    }
  };
  const phase = async (durationMs: number): Promise<number> => {
    const start = performance.now();
    await Promise.all(sessions.map((session) => sendUntil(start + durationMs, session)));
    return (performance.now() - start) / 1000;
  };

  await phase(task.warmUpMs);
  measures = [];
  const seconds = await phase(task.durationMs);
  for (const { client } of sessions) client.destroy();
  return { acknowledged: measures.length, seconds, medianMs: percentile(measures, 0.5), p99Ms: percentile(measures, 0.99), owed, refused };
}

type Session = { readonly client: SmtpClient; readonly sender: Person };

async function openSession(task: LettersTask, at: number): Promise<Session> {
  const sender = task.senders[at % task.senders.length];
  if (!sender) throw new Error('A load needs a sender');
  const login = { user: sender.address, password: sender.password };
  return { client: await SmtpClient.open({ host: '127.0.0.1', port: task.port, ca: task.ca, login }), sender };
}
