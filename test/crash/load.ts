// Many clients that deliver through the submission door as fast as they are answered, never twice the same letter, until the gateway dies.
import type { Address } from '../../src/core/address.ts';
import type { Crowd } from '../support/crowd.ts';
import type { GatewayProcess } from '../support/gateway-process.ts';
import { SmtpClient } from '../support/smtp-client.ts';
import { type SentLetter, type WrittenLetter, writeLetter } from './letters.ts';
import type { Random } from './random.ts';

/** What a load is made of. `name` begins the id of each letter. */
export type LoadOptions = {
  readonly name: string;
  readonly authority: string;
  readonly crowd: Crowd;
  readonly clients: number;
  readonly random: Random;
  /** Share of letters of 50 to 200 KB, which are kept as files. */
  readonly largeShare: number;
  /** Told of each letter before its first byte is sent. */
  readonly remember: (letter: SentLetter) => void;
};

/** A load that is under way. */
export type Load = {
  /** Letters whose final dot was sent and that have no answer yet. */
  inFlight(): number;
  /** Letters answered 250. */
  acknowledged(): number;
  /** Resolves once every connection has gone, with each answer other than 250 that was read before `gatewayIsGoing()`. */
  readonly ended: Promise<readonly string[]>;
  /** From now on a refusal is no surprise. */
  gatewayIsGoing(): void;
};

const smallBytes = 2000;

/** Connects every client first, so that the load begins at once. */
export async function startLoad(gateway: GatewayProcess, options: LoadOptions): Promise<Load> {
  const { authority, clients, crowd } = options;
  const senders = Array.from({ length: clients }, (_, at) => crowd.doctors[at % crowd.doctors.length]).filter(
    (sender) => sender !== undefined,
  );
  const connected = await Promise.all(
    senders.map(async ({ address, password }) => ({
      address,
      random: options.random.fork(),
      client: await SmtpClient.open({
        host: '127.0.0.1',
        port: gateway.report.ports.submission,
        ca: authority,
        login: { user: address, password },
      }),
    })),
  );
  const surprises = new Set<string>();
  let isGoing = false;
  let acknowledged = 0;
  const ended = Promise.all(
    connected.map(async ({ address, client, random }, at) => {
      for (let number = 0; ; number += 1) {
        const { sent, bytes } = nextLetter(options, random, `${options.name}-${at}-${number}`, address);
        options.remember(sent);
        // A connection that breaks ends this client: it does not try again.
        const reply = await client.deliver(address, sent.recipients, bytes).catch(() => undefined);
        if (!reply) return;
        if (reply.code === 250) {
          sent.isAcknowledged = true;
          acknowledged += 1;
        } else if (!isGoing) surprises.add(`${reply.code} ${reply.text}`);
      }
    }),
  );
  return {
    inFlight: () => connected.filter(({ client }) => client.isDelivering).length,
    acknowledged: () => acknowledged,
    ended: ended.then(() => [...surprises]),
    gatewayIsGoing: () => {
      isGoing = true;
    },
  };
}

/** Mostly small letters to one citizen; some large ones, some to several people. */
function nextLetter({ crowd, largeShare }: LoadOptions, random: Random, id: string, sender: Address): WrittenLetter {
  const everyone = [...crowd.citizens, ...crowd.doctors].map(({ address }) => address);
  const recipients = random.pick(everyone, random.chance(0.2) ? random.between(2, 5) : 1);
  return writeLetter(random, id, sender, recipients, random.chance(largeShare) ? random.between(50_000, 200_000) : smallBytes);
}
