// AUTHENTICATE PLAIN, with or without an initial response. RFC 3501 §6.2.2, RFC 4959 (SASL-IR), RFC 4616 (PLAIN).
import { bad, type Command, type CommandContext, no, type Reply } from '../command.ts';
import { logIn, privacyRequired } from '../log-in.ts';

const base64Shape = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** RFC 3501 §6.2.2; PLAIN alone. */
export const authenticate: Command = {
  name: 'AUTHENTICATE',
  allowedIn: ['not-authenticated'],
  publishes: 'nothing',
  async run(context) {
    const { arguments: cursor, session } = context;
    cursor.space();
    const mechanism = cursor.atom().toUpperCase();
    let response: string | undefined;
    if (cursor.accept(' ')) response = cursor.accept('=') ? '' : cursor.astring();
    cursor.end();
    if (!session.isSecure) return privacyRequired;
    if (mechanism !== 'PLAIN') return no('Mécanisme d’identification inconnu');
    return response === undefined ? askForResponse(context) : judge(context, response);
  },
};

async function askForResponse(context: CommandContext): Promise<Reply | undefined> {
  context.writer.continuation('');
  await context.writer.flush();
  const line = await context.reader.readLine();
  if (!line || line === 'aborted') return undefined; // the peer has gone
  if (line.kind === 'bad') {
    if (line.isFatal) context.session.end('Commande illisible');
    return bad(line.reason);
  }
  return line.text === '*' ? bad('Authentication cancelled') : judge(context, line.text);
}

async function judge(context: CommandContext, response: string): Promise<Reply> {
  const parts = base64Shape.test(response) ? readPlain(Buffer.from(response, 'base64')) : undefined;
  if (!parts) return bad('Expected a PLAIN response in base64');
  // Acting for someone else is a matter of delegations, which have no place in PLAIN here.
  if (parts.actingFor !== '' && parts.actingFor.toLowerCase() !== parts.login.toLowerCase()) {
    return no('Vous ne pouvez agir pour une autre boîte', 'AUTHORIZATIONFAILED');
  }
  return logIn(context, parts.login, parts.password);
}

/** `authorization identity NUL login NUL password`; undefined when it is not that, or not UTF-8. */
function readPlain(bytes: Buffer): { actingFor: string; login: string; password: string } | undefined {
  try {
    const parts = new TextDecoder('utf-8', { fatal: true }).decode(bytes).split('\0');
    const [actingFor, login, password] = parts;
    if (parts.length !== 3 || actingFor === undefined || !login || !password) return undefined;
    return { actingFor, login, password };
  } catch {
    return undefined;
  }
}
