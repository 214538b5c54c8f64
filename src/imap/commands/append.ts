// APPEND: a message put into a folder, streamed to the blob store and indexed on its way. RFC 3501 §6.3.11, RFC 4315 §3 (APPENDUID).
// Too large a message is refused before a byte of it is asked for.
import { findFolder } from '../../../mailboxes/folders.ts';
import { appendLetter } from '../../../mailboxes/place-letters.ts';
import { MimeIndexer } from '../../mail/mime-index.ts';
import { bad, type Command, type CommandContext, loggedIn, no, ok, type Reply } from '../command.ts';
import { flagBits } from '../flag-bits.ts';
import type { Cursor } from '../wire/cursor.ts';
import type { FlagList } from '../wire/flags.ts';
import type { StreamedLiteral } from '../wire/streamed-literal.ts';
import { noTarget } from './copy.ts';

/** RFC 3501 §6.3.11. */
export const append: Command = {
  name: 'APPEND',
  allowedIn: loggedIn,
  publishes: 'all',
  async run(context) {
    const { arguments: cursor, literal, services, session } = context;
    const asked = readArguments(cursor);
    if (!literal) return bad('Expected a message as a literal');
    const refuse = async (reply: Reply): Promise<Reply> => {
      await literal.refuse();
      return reply;
    };
    const folder = await findFolder(services.db, session.account.mailboxId, asked.name);
    if (!folder) return refuse(noTarget);
    if (literal.sizeBytes > services.appendLimitBytes) return refuse(no('Message trop volumineux', 'TOOBIG'));
    if (literal.sizeBytes === 0) return refuse(no('Message vide'));
    return keep(context, literal, folder.folderId, asked);
  },
};

type Asked = { readonly name: string; readonly flags: FlagList; readonly internalDate: Date };

function readArguments(cursor: Cursor): Asked {
  cursor.space();
  const name = cursor.mailboxName();
  cursor.space();
  let flags: FlagList = { system: [], keywords: [] };
  if (cursor.peek() === '(') {
    flags = cursor.flagList();
    cursor.space();
  }
  let internalDate = new Date();
  if (cursor.peek() === '"') {
    internalDate = cursor.dateTime();
    cursor.space();
  }
  cursor.end();
  return { name, flags, internalDate };
}

async function keep(
  { services, session }: CommandContext,
  literal: StreamedLiteral,
  folderId: number,
  asked: Asked,
): Promise<Reply | undefined> {
  const indexer = new MimeIndexer();
  const blob = await services.blobs.store(await literal.accept(), (chunk) => indexer.write(chunk));
  const tail = await literal.tail();
  if (!tail || tail.kind === 'bad' || !tail.arguments.isAtEnd) {
    await services.blobs.discard(blob);
    if (!tail) return undefined;
    if (tail.kind === 'bad' && tail.isFatal) session.end('Commande illisible');
    return bad(tail.kind === 'bad' ? tail.reason : 'Expected the end of the command');
  }
  // Should this throw, the row may or may not have been committed: the file then stays, and is collected if nobody refers to it.
  const placed = await appendLetter(services.db, services.wakeups, {
    mailboxId: session.account.mailboxId,
    folderId,
    blob,
    prefix: Buffer.alloc(0),
    index: indexer.end(),
    flags: flagBits(asked.flags),
    keywords: asked.flags.keywords,
    internalDate: asked.internalDate,
  });
  if (typeof placed === 'string') {
    await services.blobs.discard(blob);
    return placed === 'over-quota' ? no('La boîte est pleine', 'OVERQUOTA') : noTarget;
  }
  if (session.selected?.folderId === folderId) session.wake(); // the client is told in this very answer
  return ok('Append completed', `APPENDUID ${placed.uidValidity} ${placed.uid}`);
}
