// STORE and UID STORE: change flags. RFC 3501 §6.4.6, §6.4.8.
import { storeFlags } from '../../../mailboxes/flags.ts';
import { type Counting, readAskedUids } from '../asked-messages.ts';
import { type Command, type CommandContext, no, ok, type Reply } from '../command.ts';
import { flagBits, printFlags } from '../flag-bits.ts';
import { publishChanges, writeFlagNames } from '../publish-changes.ts';
import { parseStoreItem } from '../wire/store-item.ts';

/** RFC 3501 §6.4.6. */
export const store: Command = {
  name: 'STORE',
  allowedIn: ['selected'],
  publishes: 'without-expunge',
  run: (context) => run(context, 'by-number'),
};

/** RFC 3501 §6.4.8. */
export const uidStore: Command = {
  name: 'UID STORE',
  allowedIn: ['selected'],
  publishes: 'all',
  run: (context) => run(context, 'by-uid'),
};

async function run({ arguments: cursor, services, session, writer }: CommandContext, counting: Counting): Promise<Reply> {
  const { folder } = session;
  cursor.space();
  const uids = readAskedUids(cursor, folder, counting);
  cursor.space();
  const { mode, isSilent, flags } = parseStoreItem(cursor);
  cursor.end();
  if (folder.isReadOnly) return no('Ce dossier est ouvert en lecture seule', 'READ-ONLY');
  // A silent client computes the new flags from those it knows: what others changed before must have been told.
  if (isSilent && folder.mayHaveChanged) await publishChanges(services, session, writer, false);

  const change = { mode, flags: flagBits(flags), keywords: flags.keywords };
  const states = await storeFlags(services.db, services.wakeups, folder.mailboxId, folder.folderId, uids, change);
  if (folder.learnKeywords(states.flatMap(({ keywords }) => keywords))) writeFlagNames(folder, writer);
  for (const { uid, flags: bits, keywords, modseq } of states) {
    folder.noteTold(uid, modseq);
    if (isSilent) continue;
    const uidItem = counting === 'by-uid' ? `UID ${uid} ` : '';
    writer.untagged(`${folder.numbers.sequenceOf(uid)} FETCH (${uidItem}FLAGS ${printFlags(bits, keywords, folder.isRecent(uid))})`);
    await writer.room();
  }
  if (states.length === uids.length || counting === 'by-uid') return ok('Store completed');
  // RFC 2180 §4.2: someone else expunged some of them; a silent client need not care.
  return isSilent ? ok('Store completed', 'EXPUNGEISSUED') : no('Certains messages n’existent plus', 'EXPUNGEISSUED');
}
