// TD0.2: whether a citizen has a record, asked by INS. HL7 version 3, Patient Registry Get Demographics. Requirement 52.
// The names it uses are CONFIRMED by public software of the DMP's test bench; the words for a closed record are RECALL.
import { randomUUID } from 'node:crypto';
import type { DocumentPatient } from '../../mail/documents/health-document.ts';
import type { RecordFailure, RecordStatus } from '../connector.ts';
import { dtm } from '../hl7-values.ts';
import { element, type Xml } from '../xml-text.ts';
import { type AnswerElement, all, within } from './answer-tree.ts';
import { namespaces } from './registry-names.ts';

const hl7Interactions = '2.16.840.1.113883.1.6';
/** The record, as a device that receives messages. */
const recordOid = '1.2.250.1.213.4.1.1.1';

/** The question. */
export function statusQuery(patient: DocumentPatient, sourceOid: string, now: Date): Xml {
  return element('PRPA_IN201307UV02', { xmlns: namespaces.hl7, ITSVersion: 'XML_1.0' }, [
    element('id', { root: sourceOid, extension: randomUUID() }),
    element('creationTime', { value: dtm(now) }),
    element('interactionId', { root: hl7Interactions, extension: 'PRPA_IN201307UV02' }),
    element('processingCode', { code: 'P' }),
    element('processingModeCode', { code: 'T' }),
    element('acceptAckCode', { code: 'AL' }),
    element('receiver', { typeCode: 'RCV' }, [device(recordOid, 'DMP')]),
    element('sender', { typeCode: 'SND' }, [device(sourceOid, 'Passerelle')]),
    element('controlActProcess', { classCode: 'CACT', moodCode: 'EVN' }, [
      element('code', { code: 'PRPA_TE201307UV02', codeSystem: hl7Interactions }),
      element('reasonCode', { code: 'TEST_EXST', codeSystem: '1.2.250.1.213.1.1.4.11', displayName: "Test d'existence de dossier" }),
      element('queryByParameter', {}, [
        element('queryId', { root: sourceOid, extension: randomUUID() }),
        element('statusCode', { code: 'new' }),
        element('parameterList', {}, [
          element('patientIdentifier', {}, [
            element('value', { root: patient.oid, extension: patient.matricule }),
            element('semanticsText', {}, 'Patient.id'),
          ]),
        ]),
      ]),
    ]),
  ]);
}

function device(oid: string, name: string): Xml {
  return element('device', { classCode: 'DEV', determinerCode: 'INSTANCE' }, [
    element('id', { root: oid }),
    element('softwareName', {}, name),
  ]);
}

/** The answer, PRPA_IN201308UV02. */
export function readStatus(content: AnswerElement): RecordStatus | RecordFailure {
  const act = content.name === 'PRPA_IN201308UV02' ? within(content, 'controlActProcess') : undefined;
  const outcome = within(act, 'queryAck', 'queryResponseCode')?.attribute('code');
  if (outcome === 'NF') return { do: 'known', status: 'none' };
  if (outcome !== 'OK') return { do: 'later', because: outcome === 'AE' || outcome === 'QE' ? 'status-error' : 'unreadable-answer' };
  const [patient] = all(act, 'patient');
  switch (within(patient, 'statusCode')?.attribute('code')?.toLowerCase()) {
    case 'active':
      return { do: 'known', status: 'active' };
    case 'terminated':
    case 'suspended':
    case 'cancelled':
    case 'nullified':
      return { do: 'known', status: 'closed' };
    default:
      return { do: 'later', because: 'unreadable-answer' };
  }
}
