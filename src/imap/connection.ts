// One client, from greeting to close: reads a command, checks the state, runs it, publishes what changed, answers. In order, one at a time:
// a client that sends several commands at once gets their answers in turn. RFC 3501 §5.5. serve() never rejects.
import type { Socket } from 'node:net';
import { upgradeToTls } from '../../certs/upgrade-to-tls.ts';
import { capabilities } from './capabilities.ts';
import { bad, type Command, type Reply } from './command.ts';
import { failedCommand } from './command-outcome.ts';
import { commands } from './commands/table.ts';
import { countOut } from './log-in.ts';
import { publishChanges } from './publish-changes.ts';
import type { ImapServices } from './services.ts';
import { Session } from './session.ts';
import { CommandReader } from './wire/command-reader.ts';
import { ResponseWriter } from './wire/response-writer.ts';

type ReadCommand = Extract<NonNullable<Awaited<ReturnType<CommandReader['next']>>>, { kind: 'command' }>;

/** A client being served. Made for a socket that has just been accepted (and secured, on the implicit TLS port). */
export class Connection {
  readonly #services: ImapServices;
  readonly #session: Session;
  readonly #reader: CommandReader;
  readonly #writer: ResponseWriter;
  readonly #loginTimer: NodeJS.Timeout;
  #socket: Socket;
  #badCommandsInARow = 0;
  #isRunning = false;
  #isAdmitted = false;
  #stopWatching: () => void = () => {};

  constructor(services: ImapServices, socket: Socket, isSecure: boolean) {
    this.#services = services;
    this.#socket = socket;
    this.#session = new Session(isSecure);
    this.#writer = new ResponseWriter(socket);
    this.#reader = new CommandReader(socket, {
      sendContinuation: async (text) => {
        this.#writer.continuation(text);
        await this.#writer.flush();
      },
      // Only a logged-in client may make us take a message.
      streamsLiteral: (name) => name === 'APPEND' && this.#session.state !== 'not-authenticated',
      maxCommandBytes: services.limits.maxCommandBytesBeforeLogin,
    });
    this.#loginTimer = setTimeout(() => this.#sayBye('Délai de connexion dépassé'), services.limits.loginTimeoutMs);
    this.#watch(socket);
  }

  /** Serves the client until one of the two leaves. */
  async serve(): Promise<void> {
    try {
      this.#writer.untaggedStatus('OK', `CAPABILITY ${capabilities(this.#session)}`, `${this.#services.hostname} Passerelle IMAP4rev1`);
      await this.#writer.flush();
      while (!this.#session.hasLeft && this.#session.endingBecause === undefined && (await this.#serveOne())) {
        // one command at a time
      }
      if (!this.#session.hasLeft && this.#session.endingBecause !== undefined) {
        this.#writer.untaggedStatus('BYE', undefined, this.#session.endingBecause);
        await this.#writer.flush();
      }
    } catch (error) {
      const failed = failedCommand(error);
      if (failed.isOurs) this.#services.events.commandFailed('connection', error);
    } finally {
      this.#release();
    }
  }

  /** Asks the client to leave: at once when it is waiting, else after the running command or when the grace is over. */
  end(reason: string): void {
    this.#session.end(reason);
    if (this.#isRunning) setTimeout(() => this.#socket.destroy(), this.#services.limits.closingGraceMs).unref();
    else this.#sayBye(reason);
  }

  /** False when the connection is over. */
  async #serveOne(): Promise<boolean> {
    const read = await this.#reader.next();
    if (!read) return false;
    if (read.kind === 'command') {
      this.#isRunning = true;
      try {
        return await this.#run(read);
      } finally {
        this.#isRunning = false;
      }
    }
    if (read.tag) this.#writer.tagged(read.tag, 'BAD', undefined, read.reason);
    else this.#writer.untaggedStatus('BAD', undefined, read.reason);
    this.#countBad();
    if (read.isFatal) this.#session.end('Commande illisible');
    await this.#writer.flush();
    return true;
  }

  async #run(read: ReadCommand): Promise<boolean> {
    const command = commands.get(read.name);
    let reply: Reply | undefined;
    try {
      reply = await this.#ask(command, read);
    } catch (error) {
      const failed = failedCommand(error);
      if (failed.isOurs) this.#services.events.commandFailed(read.name, error);
      if (failed.isGone || this.#socket.destroyed) return false;
      reply = failed.reply;
    }
    if (command && command.publishes !== 'nothing') await this.#publish(command);
    if (reply) {
      this.#writer.tagged(read.tag, reply.status, reply.code, reply.text);
      if (reply.status === 'BAD') this.#countBad();
      else this.#badCommandsInARow = 0;
    }
    await this.#writer.flush();
    if (!this.#isAdmitted && this.#session.state !== 'not-authenticated') this.#admit();
    return true;
  }

  async #ask(command: Command | undefined, read: ReadCommand): Promise<Reply | undefined> {
    if (!command) return bad('Unknown command');
    if (!command.allowedIn.includes(this.#session.state)) return bad(`${command.name} is not allowed now`);
    return command.run({
      services: this.#services,
      session: this.#session,
      tag: read.tag,
      arguments: read.arguments,
      ...(read.literal ? { literal: read.literal } : {}),
      reader: this.#reader,
      writer: this.#writer,
      startTls: (replyInClear) => this.#startTls(replyInClear),
    });
  }

  /** A failure to publish is not a failure of the command: what was not told is told next time. */
  async #publish(command: Command): Promise<void> {
    const isAsked = command.asksForChanges === true || this.#session.selected?.mayHaveChanged === true;
    if (!isAsked) return;
    try {
      await publishChanges(this.#services, this.#session, this.#writer, command.publishes === 'all');
    } catch (error) {
      const failed = failedCommand(error);
      if (failed.isGone) throw error;
      this.#services.events.commandFailed('publish', error);
    }
  }

  async #startTls(replyInClear: () => Promise<void>): Promise<void> {
    // Whatever came with the command in the clear is thrown away: an attacker may have put it there (CVE-2011-0411).
    this.#reader.detach();
    await replyInClear();
    const tls = await upgradeToTls(this.#socket, this.#services.secureContext, this.#services.limits.loginTimeoutMs);
    if (!tls) return;
    this.#socket = tls;
    this.#reader.attach(tls);
    this.#writer.attach(tls);
    this.#session.isSecure = true;
    this.#watch(tls);
  }

  /** After the log-in: more room for commands, and the long time-out. */
  #admit(): void {
    const { limits, watchAccount } = this.#services;
    this.#isAdmitted = true;
    this.#stopWatching = watchAccount(this.#session.account.address, () => this.end('Cette messagerie n’est plus ouverte'));
    clearTimeout(this.#loginTimer);
    this.#reader.setMaxCommandBytes(limits.maxCommandBytes);
    this.#socket.setTimeout(limits.idleTimeoutMs, () => this.#sayBye('Déconnexion après inactivité'));
  }

  #countBad(): void {
    this.#badCommandsInARow += 1;
    if (this.#badCommandsInARow >= this.#services.limits.maxBadCommands) this.#session.end('Trop de commandes erronées');
  }

  #watch(socket: Socket): void {
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
  }

  /** BYE where it can still be said (not in the middle of an answer), and the end. RFC 3501 §7.1.5. */
  #sayBye(reason: string): void {
    this.#session.end(reason);
    if (!this.#isRunning && !this.#socket.destroyed) {
      this.#writer.untaggedStatus('BYE', undefined, reason);
      this.#writer.flush().catch(() => {});
    }
    this.#hangUp();
  }

  /** The peer has a little time to read the last answer. */
  #hangUp(): void {
    const socket = this.#socket;
    if (socket.destroyed) return;
    socket.destroySoon();
    setTimeout(() => socket.destroy(), this.#services.limits.closingGraceMs).unref();
  }

  #release(): void {
    clearTimeout(this.#loginTimer);
    this.#stopWatching();
    this.#session.deselect();
    if (this.#session.state !== 'not-authenticated') countOut(this.#services, this.#session.account.mailboxId);
    this.#hangUp();
  }
}
