// TD0.2: does the patient have a record, and is it active? In the form of the HL7 v3 patient registry (PRPA_IN201307UV02 and its answer);
// the exact interaction the DMP uses is RECALL.
import { type XmlFragment, xml } from '../../documents/xml.ts';
import { isInsOid } from '../hl7-types.ts';
import type { Holdings } from '../holdings.ts';
import { attributeOf, descend, onlyChild, type XmlElement } from '../xml-tree.ts';

const hl7Ns = 'urn:hl7-org:v3';

/** The answer; a text when the request says nothing that can be answered. */
export function patientStatus(request: XmlElement, matricule: string, holdings: Holdings, now: Date): XmlFragment | string {
  const control = onlyChild(request, hl7Ns, 'controlActProcess');
  const query = onlyChild(control, hl7Ns, 'queryByParameter');
  const queryId = onlyChild(query, hl7Ns, 'queryId');
  const value = descend(query, hl7Ns, 'parameterList', 'patientIdentifier', 'value');
  const [root, extension] = [attributeOf(value, 'root') ?? '', attributeOf(value, 'extension')];
  if (!queryId || !isInsOid(root)) return 'No query by the INS of a patient';
  if (extension !== matricule) return 'The assertion is about another patient';
  const found = holdings.statusOf(matricule);
  const id = onlyChild(request, hl7Ns, 'id');
  const patient = xml`<subject typeCode="SUBJ"><registrationEvent classCode="REG" moodCode="EVN"><statusCode code="active"/><subject1 typeCode="SBJ"><patient classCode="PAT"><id root="${root}" extension="${matricule}"/><statusCode code="${found === 'active' ? 'active' : 'terminated'}"/></patient></subject1></registrationEvent></subject>`;
  return xml`<PRPA_IN201308UV02 xmlns="${hl7Ns}" ITSVersion="XML_1.0"><id root="1.2.250.1.999.2" extension="${String(now.getTime())}"/><creationTime value="${hl7Time(now)}"/><interactionId root="2.16.840.1.113883.1.6" extension="PRPA_IN201308UV02"/><processingCode code="T"/><processingModeCode code="T"/><acceptAckCode code="NE"/><acknowledgement><typeCode code="AA"/><targetMessage><id root="${attributeOf(id, 'root') ?? ''}" extension="${attributeOf(id, 'extension') ?? ''}"/></targetMessage></acknowledgement><controlActProcess classCode="CACT" moodCode="EVN"><code code="PRPA_TE201308UV02" codeSystem="2.16.840.1.113883.1.6"/>${found === undefined ? [] : [patient]}<queryAck><queryId root="${attributeOf(queryId, 'root') ?? ''}" extension="${attributeOf(queryId, 'extension') ?? ''}"/><queryResponseCode code="${found === undefined ? 'NF' : 'OK'}"/></queryAck></controlActProcess></PRPA_IN201308UV02>`;
}

function hl7Time(date: Date): string {
  return date.toISOString().slice(0, 19).replaceAll(/[-:T]/g, '');
}
