// One SMTP session: smtp-server's connection with what it gets wrong for us replaced. Each override says why.
// RFC 5321 (SMTP), RFC 3207 (STARTTLS), RFC 4954 (AUTH), RFC 2034 (enhanced status codes), RFC 1870 (SIZE), RFC 3461 (DSN).
import { SMTPConnection } from 'smtp-server/lib/smtp-connection.js';
import { asciiText } from '../core/ascii-text.ts';
import type { ConnectionHome } from './connection-rules.ts';
import { protocolReplies, type Reply, replyForRefusal } from './replies.ts';
import { type LineFault, StrictParser } from './strict-parser.ts';

type ParsedAddress = Parameters<SMTPConnection['_validateMailParams']>[0];

/** Commands that RFC 3207 §4 lets a client give before TLS; the unknown ones are answered as such. */
const afterTlsOnly = new Set(['MAIL', 'RCPT', 'DATA', 'RSET', 'VRFY', 'AUTH', 'HELP']);
/** Parameters of the extensions announced. RFC 4954 §5 asks that AUTH= be taken from anyone; it is not used. */
const mailParameters = new Set(['SIZE', 'BODY', 'AUTH', 'RET', 'ENVID']);
const recipientParameters = new Set(['NOTIFY', 'ORCPT']);
const dsnParameter = /(?<=\s)(?:RET|ENVID|NOTIFY|ORCPT)=\S*/gi;
/** Bytes of replies that wait for the next one, well below the stream's high-water mark. */
const mostHeldBytes = 4096;
const helloName = /^[A-Za-z0-9._:[\]-]{1,255}$/;
const ownStatus = /^[245]\.\d{1,3}\.\d{1,3} /;

/** The server as it is: StrictServer alone makes these connections. A function, as the parent's constructor already needs it. */
function serverOf(connection: SMTPConnection): ConnectionHome {
  return connection._server as unknown as ConnectionHome;
}

/** A connection of either door. */
export class StrictConnection extends SMTPConnection {
  #errors = 0;
  #openingTimer: NodeJS.Timeout | undefined;

  /** smtp-server waits 100 ms before each greeting to catch early talkers: one turn of the loop catches the same bytes. */
  override init(): void {
    const { rules } = serverOf(this);
    this._setListeners(() => {
      if (serverOf(this).connections.size > rules.limits.maxConnections) {
        this.#answer(protocolReplies.tooManyConnections);
        return;
      }
      this.#openingTimer = setTimeout(() => this.#endOpening(), rules.limits.openingMs);
      this.#openingTimer.unref();
      setImmediate(() => {
        if (this._closing || this._closed) return;
        if (this._parser instanceof StrictParser && this._parser.hasReceived) this.#dismiss(protocolReplies.earlyTalker);
        else this.connectionReady();
      });
    });
  }

  /** True when nothing is under way: the door may close this connection at once. */
  get isIdle(): boolean {
    return !this._handlerPending && !this._dataStream;
  }

  /** Cuts the connection at the end of the door's patience; the reader of an unfinished letter gets an error. */
  cut(): void {
    this.#answer(protocolReplies.shuttingDown);
    // From below a handshake, destroying crashes Node; close() has set its own deadline for that case.
    if (!this._upgrading) this._socket.destroySoon();
  }

  /** Says why, then closes. */
  dismiss(): void {
    this.#answer(protocolReplies.shuttingDown);
  }

  override _createParser(): StrictParser {
    const { rules } = serverOf(this);
    const parser = new StrictParser({ maxLineBytes: rules.maxLineBytes, maxDrainedBytes: 2 * rules.maxLetterBytes });
    parser.oncommand = (command, next) => this._onCommand(command, next);
    parser.onfault = (fault, next) => this.#onFault(fault, next);
    parser.onflood = () => this.#dismiss(this._dataStream ? replyForRefusal('letter-too-large') : protocolReplies.lineTooLong);
    parser.on('error', () => this.close());
    return parser;
  }

  /** Replies of ours bring their own status code; all are ASCII; a client that only makes errors is let go. */
  override send(code: number, data?: string | string[] | null, context?: string | false): void {
    const text = typeof data === 'string' ? asciiText(data) : data;
    // RFC 2920 §3.2: the replies to commands that came together leave together, one TLS record and one write for all of them.
    // Not too many at once: a stream that asks to be drained would never be, while it is corked.
    const isMoreToCome =
      code === 250 && this._parser instanceof StrictParser && this._parser.hasCommandWaiting && this._socket.writableLength < mostHeldBytes;
    if (isMoreToCome && this._socket.writableCorked === 0) this._socket.cork();
    super.send(code, text, typeof text === 'string' && ownStatus.test(text) ? false : context);
    if (!isMoreToCome && this._socket.writableCorked > 0) this._socket.uncork();
    if (code < 400 || code === 421) return;
    this.#errors += 1;
    // Every recipient of a letter may be refused, twice over; beyond that it is guessing.
    if (this.#errors > 2 * serverOf(this).rules.limits.maxRecipients && !this._closing) this.#answer(protocolReplies.tooManyErrors);
  }

  /** 530 before TLS (smtp-server would take MAIL), 538 for AUTH, 554 for whoever talks before the greeting. */
  override _onCommand(command: Buffer, next: () => void = () => undefined): void {
    if (!this._upgrading && !this._ready) {
      this.#dismiss(protocolReplies.earlyTalker);
      return;
    }
    const word = command.toString('latin1').split(' ', 1)[0]?.toUpperCase() ?? '';
    if (this._upgrading || this.secure || this._nextHandler || !afterTlsOnly.has(word)) {
      super._onCommand(command, next);
      return;
    }
    this.#answer(word === 'AUTH' && serverOf(this).rules.offersAuth ? protocolReplies.tlsBeforeAuth : protocolReplies.tlsFirst);
    setImmediate(() => this._whenWritable(next));
  }

  /** smtp-server announces AUTH before TLS, and fixes the list of the rest. */
  override handler_EHLO(command: Buffer, callback: () => void): void {
    if (!this.#greeted(command)) {
      callback();
      return;
    }
    const { rules } = serverOf(this);
    const features = ['PIPELINING', '8BITMIME', 'ENHANCEDSTATUSCODES', `SIZE ${rules.maxLetterBytes}`, 'DSN'];
    if (!this.secure) features.push('STARTTLS');
    else if (rules.offersAuth && !this.session.user) features.push('AUTH PLAIN LOGIN');
    this.send(250, [this.name, ...features], false);
    callback();
  }

  override handler_HELO(command: Buffer, callback: () => void): void {
    if (this.#greeted(command)) this.send(250, this.name, false);
    callback();
  }

  /** smtp-server decodes xtext before anyone can check it, and lets `+zz` pass: the parameters of RFC 3461 keep their text here. */
  override _parseAddressCommand(rawName: string, rawCommand: Buffer | string): ParsedAddress | false {
    // A `+` escaped once more is what its decoding gives back.
    const command = rawCommand.toString().replace(dsnParameter, (parameter) => parameter.replaceAll('+', '+2B'));
    return super._parseAddressCommand(rawName, command);
  }

  /** The size refusal in the words of all the others. Requirement 16. */
  override _validateMailParams(parsed: ParsedAddress): ReturnType<SMTPConnection['_validateMailParams']> {
    const fault = super._validateMailParams(parsed);
    return fault?.code === 552 ? { code: 552, message: replyForRefusal('letter-too-large').text, enhancedCode: null } : fault;
  }

  /** smtp-server ignores parameters of extensions it has not announced; RFC 5321 §4.1.1.11 asks for 555. */
  override _rejectInvalidParams(parsed: ParsedAddress, keys: string[], callback: () => void): boolean {
    const known = keys.includes('SIZE') ? mailParameters : recipientParameters;
    if (parsed.args && Object.keys(parsed.args).some((key) => !known.has(key))) {
      this.#answer(protocolReplies.unknownParameter);
      callback();
      return true;
    }
    return super._rejectInvalidParams(parsed, keys, callback);
  }

  /** smtp-server answers as soon as the reader gives up, in the middle of the client's data; here the final dot comes first. */
  override handler_DATA(_command: Buffer, callback: () => void): void {
    const parser = this._parser;
    if (this.session.envelope.rcptTo.length === 0 || !(parser instanceof StrictParser)) {
      this.#answer(protocolReplies.needsRecipient);
      callback();
      return;
    }
    const { rules } = serverOf(this);
    const stream = parser.startDataMode(rules.maxLetterBytes);
    this._dataStream = stream;
    // With a listener, _onClose() destroys the stream with an error: a letter cut short must never look like one that ended.
    stream.on('error', () => undefined);
    const socket = this._socket;
    const finished = new Promise<boolean>((resolve) => {
      const closed = () => resolve(false);
      parser.onletterend = () => {
        socket.off('close', closed); // a connection carries many letters
        resolve(true);
      };
      socket.once('close', closed);
    });
    const deadline = setTimeout(() => this.#dismiss(protocolReplies.timeout), rules.limits.letterMs);
    deadline.unref();
    this.send(354, 'End data with <CR><LF>.<CR><LF>');
    const handled = rules.takeLetter(this.session, stream).then(async (reply) => {
      if (!stream.writableEnded) stream.destroy(); // decided early: what still comes is read and dropped
      const isWhole = await finished;
      clearTimeout(deadline);
      if (isWhole && this._parser === parser) this.#endLetter(parser, reply);
    });
    serverOf(this).track(handled);
    callback();
  }

  override _onClose(): void {
    clearTimeout(this.#openingTimer);
    serverOf(this).forget(this);
    super._onClose();
  }

  #endLetter(parser: StrictParser, reply: Reply): void {
    this._dataStream = false;
    this.#answer(reply);
    this._transactionCounter += 1;
    this._unrecognizedCommands = 0;
    if (reply.code < 400) this.#errors = 0;
    this._resetSession();
    parser.continue();
  }

  /** Takes the argument of EHLO or HELO; it goes into trace headers, so it is a host name or an address literal and no more. */
  #greeted(command: Buffer): boolean {
    const [, name = '', ...rest] = command.toString('latin1').trim().split(/\s+/);
    if (rest.length > 0 || !helloName.test(name)) {
      this.#answer(protocolReplies.badHelloName);
      return false;
    }
    this.hostNameAppearsAs = name.toLowerCase();
    this._resetSession();
    return true;
  }

  #onFault(fault: LineFault, next: () => void): void {
    if (!this._ready) {
      this.#dismiss(protocolReplies.earlyTalker);
    } else if (fault === 'bare-lf') {
      // What follows cannot be told apart from what someone hid in it: the connection ends here.
      this.#dismiss(protocolReplies.bareLineFeed);
    } else {
      this.#answer(protocolReplies.lineTooLong);
      setImmediate(() => this._whenWritable(next));
    }
  }

  #endOpening(): void {
    if (this._closing || this._closed || serverOf(this).rules.isAdmitted(this)) return;
    this.#answer(protocolReplies.timeout);
  }

  #answer(reply: Reply): void {
    this.send(reply.code, reply.text, false);
  }

  #dismiss(reply: Reply): void {
    this.#answer(reply);
    this.close();
  }
}
