// One client, from its first byte to the close: reads requests, has them served in turn, answers. serve() never rejects. RFC 4511 §5.
import type { Socket } from 'node:net';
import { upgradeToTls } from '../../certs/upgrade-to-tls.ts';
import { failedOperation } from './failed-operation.ts';
import type { AnsweredOperation, OperationOutcome } from './operation.ts';
import { runOperation } from './operations/table.ts';
import { RequestQueue } from './request-queue.ts';
import type { LdapServices } from './services.ts';
import { Session } from './session.ts';
import { AnswerWriter, ClientGoneError } from './wire/answer-writer.ts';
import { MessageSource } from './wire/message-source.ts';
import { answerTag, extensionOid, resultCode } from './wire/protocol.ts';
import { LdapProtocolError } from './wire/protocol-error.ts';
import { type Envelope, type LdapRequest, readEnvelope, readRequest } from './wire/read-message.ts';
import { type Result, success, writeNoticeOfDisconnection, writeResult } from './wire/write-answer.ts';

/** A request that could be read, with the operation it is for. */
type AnsweredRequest = LdapRequest & { readonly operation: AnsweredOperation };

/** A client being served. Made for a socket that has just been accepted (and secured, on the TLS port). */
export class Connection {
  readonly #services: LdapServices;
  readonly #session: Session;
  readonly #source: MessageSource;
  readonly #writer: AnswerWriter;
  readonly #queue: RequestQueue;
  #socket: Socket;
  #bindTimer: NodeJS.Timeout | undefined;
  #badRequestsInARow = 0;
  #isAdmitted = false;

  constructor(services: LdapServices, socket: Socket, isSecure: boolean) {
    const { limits } = services;
    this.#services = services;
    this.#socket = socket;
    this.#session = new Session(isSecure);
    this.#writer = new AnswerWriter(socket);
    this.#queue = new RequestQueue(limits.maxWaiting);
    this.#source = new MessageSource(socket, { maxMessageBytes: limits.maxMessageBytesBeforeBind, maxMessageMs: limits.messageTimeoutMs });
    this.#expectBind();
    this.#watch(socket);
  }

  /** Serves the client until one of the two leaves. */
  async serve(): Promise<void> {
    try {
      while (this.#session.endingBecause === undefined && (await this.#serveNext())) {
        // one message at a time
      }
      // A client that has closed its side has left, and wants nothing any more (RFC 4511 §3.1); one that we send away has its answers.
      if (this.#session.endingBecause !== undefined) await this.#queue.served();
    } catch (error) {
      await this.#breakOff(error);
    } finally {
      await this.#release();
    }
  }

  /** Asks the client to leave: at once when it is waiting, else after what is being served or when the grace is over. */
  end(because: string): void {
    this.#session.end(because);
    if (this.#queue.isEmpty) this.#sayGoodbye({ code: resultCode.unavailable, text: because });
    else setTimeout(() => this.#socket.destroy(), this.#services.limits.closingGraceMs).unref();
  }

  /** False when the client has left. */
  async #serveNext(): Promise<boolean> {
    const message = await this.#source.next();
    if (!message) return false;
    const envelope = readEnvelope(message);
    const request = this.#read(envelope);
    if (!(request instanceof LdapProtocolError)) {
      const { operation } = request;
      if (operation.is === 'unbind') return this.#unbind();
      if (operation.is === 'abandon') this.#queue.giveUp(operation.messageId);
      else if (operation.is === 'extended' && operation.oid === extensionOid.startTls) await this.#startTls(envelope.messageId);
      else await this.#enqueue(envelope, { ...request, operation });
      return true;
    }
    // What is never answered is never found wrong either.
    if (envelope.answerTag !== undefined) await this.#enqueue(envelope, request);
    return true;
  }

  #read(envelope: Envelope): LdapRequest | LdapProtocolError {
    try {
      return readRequest(envelope);
    } catch (error) {
      if (error instanceof LdapProtocolError) return error;
      throw error;
    }
  }

  async #enqueue({ messageId, answerTag: tag = 0 }: Envelope, request: AnsweredRequest | LdapProtocolError): Promise<void> {
    if (this.#queue.has(messageId)) throw new LdapProtocolError('Two requests under way have the same number', true);
    const isSearch = !(request instanceof LdapProtocolError) && request.operation.is === 'search';
    await this.#queue.add(messageId, isSearch, (signal) => this.#answer(messageId, tag, request, signal));
  }

  /** Serves one request to its end. Never rejects: a client that has gone is the reader's to notice. */
  async #answer(messageId: number, tag: number, request: AnsweredRequest | LdapProtocolError, signal: AbortSignal): Promise<void> {
    try {
      const outcome = await this.#run(messageId, request, signal);
      if (outcome && !signal.aborted) {
        await this.#writer.write(writeResult(messageId, tag, outcome.result, outcome.extras));
        await this.#writer.flush();
        this.#judge(outcome.result);
      }
      const because = this.#session.endingBecause;
      if (because !== undefined) this.#sayGoodbye({ code: resultCode.unavailable, text: because });
    } catch (error) {
      if (!(error instanceof ClientGoneError)) this.#services.events.operationFailed('answer', error);
      this.#socket.destroy();
    }
  }

  /** Undefined when nobody wants the answer any more. */
  async #run(messageId: number, request: AnsweredRequest | LdapProtocolError, signal: AbortSignal): Promise<OperationOutcome | undefined> {
    try {
      if (request instanceof LdapProtocolError) throw request;
      if (signal.aborted || this.#session.endingBecause !== undefined) return undefined;
      return await runOperation(request.operation, {
        services: this.#services,
        session: this.#session,
        messageId,
        controls: request.controls,
        signal,
        send: async (answer) => {
          signal.throwIfAborted();
          await this.#writer.write(answer);
        },
        end: (because) => this.end(because),
      });
    } catch (error) {
      if (error instanceof ClientGoneError) throw error;
      if (signal.aborted) return undefined;
      const failed = failedOperation(error);
      const name = request instanceof LdapProtocolError ? 'read' : request.operation.is;
      if (failed.isOurs) this.#services.events.operationFailed(name, error);
      return { result: failed.result };
    }
  }

  /** What an answer means for the connection: a way in, or one mistake too many. */
  #judge({ code }: Result): void {
    this.#badRequestsInARow = code === resultCode.protocolError ? this.#badRequestsInARow + 1 : 0;
    if (this.#badRequestsInARow >= this.#services.limits.maxBadRequests) this.#session.end('Trop de requêtes illisibles');
    const isBound = this.#session.account !== undefined;
    if (isBound !== this.#isAdmitted) this.#admit(isBound);
  }

  /** Whoever is bound may ask longer questions, and be silent for longer; when nobody is any more, it is as before the bind. */
  #admit(isBound: boolean): void {
    const { limits } = this.#services;
    this.#isAdmitted = isBound;
    const maxMessageBytes = isBound ? limits.maxMessageBytes : limits.maxMessageBytesBeforeBind;
    this.#source.setBounds({ maxMessageBytes, maxMessageMs: limits.messageTimeoutMs });
    this.#socket.setTimeout(isBound ? limits.idleTimeoutMs : 0);
    if (isBound) clearTimeout(this.#bindTimer);
    else this.#expectBind();
  }

  #expectBind(): void {
    this.#bindTimer = setTimeout(() => this.end('Délai d’identification dépassé'), this.#services.limits.bindTimeoutMs);
  }

  /** From here on in private; only once, and never while something is under way. RFC 4511 §4.14. */
  async #startTls(messageId: number): Promise<void> {
    const answer = (result: Result) =>
      this.#writer
        .write(writeResult(messageId, answerTag.extended, result, { extension: { oid: extensionOid.startTls } }))
        .then(() => this.#writer.flush());
    if (this.#session.isSecure) return answer({ code: resultCode.operationsError, text: 'La connexion est déjà chiffrée' });
    if (!this.#queue.isEmpty) return answer({ code: resultCode.operationsError, text: 'StartTLS se demande seul' });
    // Whatever came with the request in the clear is thrown away: an attacker may have put it there (CVE-2011-0411).
    this.#source.detach();
    await answer(success);
    const tls = await upgradeToTls(this.#socket, this.#services.secureContext, this.#services.limits.bindTimeoutMs);
    if (!tls) throw new ClientGoneError('The handshake failed');
    this.#socket = tls;
    this.#source.attach(tls);
    this.#writer.attach(tls);
    this.#session.isSecure = true;
    this.#watch(tls);
  }

  #unbind(): false {
    this.#queue.giveUpAll();
    this.#hangUp();
    return false;
  }

  /** The last word to a client that does not speak LDAP; to one that has gone, none. */
  async #breakOff(error: unknown): Promise<void> {
    if (error instanceof ClientGoneError) return;
    if (error instanceof LdapProtocolError) return this.#sayGoodbye({ code: resultCode.protocolError, text: error.message });
    this.#services.events.operationFailed('connection', error);
  }

  #watch(socket: Socket): void {
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('timeout', () => this.end('Déconnexion après inactivité'));
    socket.once('close', () => this.#queue.giveUpAll());
  }

  /** The notice, and the end. Answers are whole, so it can be said between any two. RFC 4511 §4.4.1. */
  #sayGoodbye(result: Result): void {
    if (!this.#socket.destroyed && !this.#socket.writableEnded) this.#socket.write(writeNoticeOfDisconnection(result));
    this.#hangUp();
  }

  /** The peer has a little time to read the last answer. */
  #hangUp(): void {
    const socket = this.#socket;
    if (socket.destroyed) return;
    socket.destroySoon();
    setTimeout(() => socket.destroy(), this.#services.limits.closingGraceMs).unref();
  }

  async #release(): Promise<void> {
    clearTimeout(this.#bindTimer);
    this.#queue.giveUpAll();
    this.#hangUp();
    await this.#queue.served();
    this.#session.logOut();
  }
}
