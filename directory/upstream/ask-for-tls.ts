// StartTLS, as a client asks for it: the one thing said in the clear. RFC 4511 §4.14. What comes with the answer and is not it could only
// have been put there by someone on the road, to be taken for an answer once the road is safe: it ends the connection.
import type { Socket } from 'node:net';
import { ExtendedRequest, ProtocolOperation } from 'ldapts';
import { firstMessage } from './read-answer.ts';

const startTls = '1.3.6.1.4.1.1466.20037';
const messageId = 1;

/** Resolves when the server has agreed and the socket is ready for the handshake. Rejects otherwise; ending the socket is the caller's. */
export function askForTls(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    let heard: Buffer = Buffer.alloc(0);
    const settle = (problem?: string) => {
      socket.off('data', hear);
      socket.off('close', leave);
      // Nothing is read, and lost, between here and the handshake.
      socket.pause();
      if (problem === undefined) resolve();
      else reject(new Error(problem));
    };
    const hear = (bytes: Buffer) => {
      heard = Buffer.concat([heard, bytes]);
      const verdict = judge(heard);
      if (verdict === 'agreed') settle();
      else if (verdict !== 'unfinished') settle(verdict);
    };
    const leave = () => settle('Ended before an answer');
    socket.on('data', hear);
    socket.once('close', leave);
    socket.write(new ExtendedRequest({ messageId, oid: startTls }).write());
  });
}

/** `agreed`, `unfinished`, or what is wrong with the answer. */
function judge(heard: Buffer): string {
  try {
    const message = firstMessage(heard);
    if (!message) return 'unfinished';
    if (message.end < heard.length) return 'More than an answer';
    const isAnswer = message.id === messageId && message.is === 'result' && message.operation === ProtocolOperation.LDAP_RES_EXTENSION;
    return isAnswer && message.code === 0 ? 'agreed' : 'Refused';
  } catch {
    return 'Not an answer';
  }
}
