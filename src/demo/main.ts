// `npm run demo`: builds the world, plays the story, says how to look at it with a mail program, and stays up until Ctrl-C.
// With --once, plays the story and ends: 0 when every step did what it says.
import { dominiquePatTrois, leaMartin, ruthNessi } from './cast.ts';
import { story } from './story.ts';
import { openWorld, type World } from './world.ts';

const isOnce = process.argv.includes('--once');
const print = (line: string) => process.stdout.write(`${line}\n`);

print('Passerelle: starting a gateway on this machine …');
const world = await openWorld({ isPassing: isOnce });
const failed = await playStory(world);
if (failed !== undefined) process.exitCode = 1;
if (failed === undefined && !isOnce) {
  describe(world);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
await world.close();

/** Plays every step, a line each; returns the number of the first that failed. */
async function playStory(world: World): Promise<number | undefined> {
  for (const [index, { says, play }] of story.entries()) {
    const startedAt = performance.now();
    const number = String(index + 1).padStart(2);
    try {
      const outcome = await play(world);
      print(`✓ ${number}. ${says}\n       ${outcome} (${Math.round(performance.now() - startedAt)} ms)`);
    } catch (error) {
      print(`✗ ${number}. ${says}\n       ${error instanceof Error ? error.message : String(error)}`);
      print(`Step ${index + 1} failed.`);
      return index + 1;
    }
  }
  print(`All ${story.length} steps did what they say.`);
  return undefined;
}

/** What a person types into Thunderbird or Outlook. */
function describe({ gateway, people, authorityFile, dmp }: World): void {
  const { ports, observeUrl } = gateway;
  print('');
  print('Look around with Thunderbird or Outlook (server 127.0.0.1 or localhost, login = the address):');
  print(`  IMAP  ${ports.imap} STARTTLS, ${ports.imapTls} TLS      SMTP  ${ports.submission} STARTTLS, ${ports.submissionTls} TLS`);
  print(`  Certificate authority to trust: ${authorityFile}`);
  for (const { address } of [leaMartin, dominiquePatTrois, ruthNessi]) print(`  ${address}   ${people.get(address)?.password}`);
  print(`  Health and metrics: ${observeUrl}/health ${observeUrl}/metrics`);
  print(`  What the national record holds: ${dmp.urls.page}`);
  print('Ctrl-C ends the demo.');
}
