// The SOAP 1.2 envelope of a request: WS-Addressing says what it is and to whom, WS-Security carries the assertion. ITI TF-2 appendix V.3.

import { asWritten, element, type Xml } from '../xml-text.ts';
import { namespaces } from './registry-names.ts';

/** A request before it is put into bytes. */
export type SoapRequest = {
  /** One of `actions`. */
  readonly action: string;
  readonly to: string;
  /** `urn:uuid:…`, another one each time; the answer relates to it. */
  readonly messageId: string;
  /** The signed assertion, by signAssertion(). */
  readonly assertion: string;
  readonly body: Xml;
};

/** The whole document, with its declaration. */
export function soapEnvelope({ action, to, messageId, assertion, body }: SoapRequest): string {
  const envelope = element('soap:Envelope', { 'xmlns:soap': namespaces.soap, 'xmlns:wsa': namespaces.addressing }, [
    element('soap:Header', {}, [
      element('wsa:Action', { 'soap:mustUnderstand': 'true' }, action),
      element('wsa:MessageID', {}, messageId),
      element('wsa:ReplyTo', {}, [element('wsa:Address', {}, `${namespaces.addressing}/anonymous`)]),
      element('wsa:To', { 'soap:mustUnderstand': 'true' }, to),
      element('wsse:Security', { 'xmlns:wsse': namespaces.security, 'soap:mustUnderstand': 'true' }, [asWritten(assertion)]),
    ]),
    element('soap:Body', {}, [body]),
  ]);
  return `<?xml version="1.0" encoding="UTF-8"?>${envelope}`;
}
