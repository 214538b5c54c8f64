// A DMP beside a gateway that runs in a process of its own: the server, and what the gateway's environment says of it.
import { join } from 'node:path';
import { openDevAuthority } from '../../certs/dev-authority.ts';
import { clinic } from '../../src/demo/cast.ts';
import { DmpServer } from '../../src/demo/dmp-server/dmp-server.ts';
import type { GatewayHome } from './gateway-process.ts';

/** The server, not yet told of any record, with the settings that lead to it. */
export type RecordBeside = { readonly dmp: DmpServer; readonly environment: Readonly<Record<string, string>> };

/** Starts it under the authority of the gateway's home; the clinic of the demo is who feeds it. */
export async function startRecordBeside({ folder: home }: GatewayHome): Promise<RecordBeside> {
  const folder = join(home, 'authority');
  const authority = await openDevAuthority(folder);
  await authority.structureCredential(clinic);
  const dmp = await DmpServer.start({ credential: await authority.serverCredential('dmp.test'), authority: authority.certificate });
  return {
    dmp,
    environment: {
      PASSERELLE_DMP_ENDPOINTS_REPOSITORY: dmp.urls.repository,
      PASSERELLE_DMP_ENDPOINTS_STATUS: dmp.urls.status,
      PASSERELLE_DMP_ENDPOINTS_REGISTRY: dmp.urls.registry,
      PASSERELLE_DMP_AUTHORITY_FILE: authority.certificateFile,
      PASSERELLE_DMP_CERTIFICATE_FILE: join(folder, `structure-${clinic.structureId}.crt`),
      PASSERELLE_DMP_KEY_FILE: join(folder, `structure-${clinic.structureId}.key`),
      PASSERELLE_DMP_STRUCTURE_ID: clinic.structureId,
      PASSERELLE_DMP_STRUCTURE_NAME: clinic.name,
    },
  };
}
