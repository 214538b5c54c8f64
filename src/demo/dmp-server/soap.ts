// SOAP 1.2 envelopes with WS-Addressing, as the IHE transactions want them (ITI TF-2 appendix V): read, answered, or answered by a fault.
import { randomUUID } from 'node:crypto';
import { type XmlFragment, xml } from '../documents/xml.ts';
import { attributeOf, childrenOf, onlyChild, readXml, textOf, type XmlElement } from './xml-tree.ts';

/** The namespaces of the envelope. */
export const soapNs = 'http://www.w3.org/2003/05/soap-envelope';
const wsaNs = 'http://www.w3.org/2005/08/addressing';
const anonymous = 'http://www.w3.org/2005/08/addressing/anonymous';
/** WS-Security 1.0. */
export const wsseNs = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';

/** A fault: whose it is, a qualified subcode when there is one, a reason in English for the log of the other side. */
export type Fault = {
  readonly fault: 'Sender' | 'Receiver' | 'MustUnderstand' | 'VersionMismatch';
  readonly subcode?: string;
  readonly reason: string;
};

/** A request as its envelope says it. */
export type Envelope = { readonly action: string; readonly messageId: string; readonly security: XmlElement; readonly body: XmlElement };

const sender = (reason: string, subcode?: string): Fault => ({ fault: 'Sender', reason, ...(subcode === undefined ? {} : { subcode }) });

/** Reads the envelope and checks what every transaction asks of it. `contentTypeAction` must agree with wsa:Action when it is given. */
export function readEnvelope(text: string, contentTypeAction: string | undefined, path: string): Envelope | Fault {
  const root = readXml(text);
  if (!root) return sender('The envelope is not well-formed XML');
  if (root.local !== 'Envelope') return sender('Not a SOAP envelope');
  if (root.uri !== soapNs) return { fault: 'VersionMismatch', reason: 'Not SOAP 1.2' };
  const header = onlyChild(root, soapNs, 'Header');
  const body = onlyChild(root, soapNs, 'Body');
  const unknown = header?.children.find((block) => isMustUnderstand(block) && block.uri !== wsaNs && block.uri !== wsseNs);
  if (unknown) return { fault: 'MustUnderstand', reason: `Header ${unknown.local} is not understood` };
  const actionBlock = onlyChild(header, wsaNs, 'Action');
  const action = textOf(actionBlock);
  if (!actionBlock || action === undefined) return sender('No wsa:Action', 'wsa:MessageAddressingHeaderRequired');
  if (!isMustUnderstand(actionBlock)) return sender('wsa:Action without mustUnderstand', 'wsa:InvalidAddressingHeader');
  if (contentTypeAction !== undefined && contentTypeAction !== action)
    return sender('The action of the content type is not wsa:Action', 'wsa:ActionMismatch');
  const messageId = textOf(onlyChild(header, wsaNs, 'MessageID'));
  if (messageId === undefined || !/^urn:uuid:[0-9a-f-]{36}$/i.test(messageId))
    return sender('wsa:MessageID is not a urn:uuid', 'wsa:InvalidAddressingHeader');
  if (pathOf(textOf(onlyChild(header, wsaNs, 'To'))) !== path) return sender('wsa:To is another address', 'wsa:DestinationUnreachable');
  const [replyTo] = childrenOf(header, wsaNs, 'ReplyTo');
  if (replyTo && textOf(onlyChild(replyTo, wsaNs, 'Address')) !== anonymous)
    return sender('wsa:ReplyTo is not anonymous', 'wsa:OnlyAnonymousAddressSupported');
  const security = onlyChild(header, wsseNs, 'Security');
  if (!security) return sender('No wsse:Security', 'wsse:InvalidSecurity');
  const [request, more] = body?.children ?? [];
  if (!request || more) return sender('The body does not hold one request');
  return { action, messageId, security, body: request };
}

function isMustUnderstand(block: XmlElement): boolean {
  return ['1', 'true'].includes(attributeOf(block, `{${soapNs}}mustUnderstand`) ?? '');
}

function pathOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).pathname : undefined;
}

/** A fault, whole. `relatesTo`: the request's MessageID when it could be read. */
export function writeFault({ fault, subcode, reason }: Fault, relatesTo: string | undefined): string {
  const inner = subcode === undefined ? [] : [xml`<s:Subcode><s:Value>${subcode}</s:Value></s:Subcode>`];
  return writeEnvelope(
    'http://www.w3.org/2005/08/addressing/soap/fault',
    relatesTo,
    xml`<s:Fault><s:Code><s:Value>s:${fault}</s:Value>${inner}</s:Code><s:Reason><s:Text xml:lang="en">${reason}</s:Text></s:Reason></s:Fault>`,
  );
}

/** The HTTP status a fault travels with. SOAP 1.2 part 2 §7.5.2.2. */
export function faultStatus({ fault }: Fault): 400 | 500 {
  return fault === 'Sender' ? 400 : 500;
}

/** An answer, whole: its action, the MessageID it answers, its body. */
export function writeEnvelope(action: string, relatesTo: string | undefined, body: XmlFragment): string {
  const relates = relatesTo === undefined ? [] : [xml`<wsa:RelatesTo>${relatesTo}</wsa:RelatesTo>`];
  return xml`<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="${soapNs}" xmlns:wsa="${wsaNs}" xmlns:wsse="${wsseNs}"><s:Header><wsa:Action s:mustUnderstand="1">${action}</wsa:Action><wsa:MessageID>urn:uuid:${randomUUID()}</wsa:MessageID>${relates}</s:Header><s:Body>${body}</s:Body></s:Envelope>`
    .xml;
}
