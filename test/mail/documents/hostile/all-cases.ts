// The hostile set: every case, in one list.
import { bombs, damages, disagreements, names } from './archive-cases.ts';
import { documents, letters, xml } from './content-cases.ts';
import type { HostileCase } from './hostile-case.ts';

export const hostileSet: readonly HostileCase[] = [...bombs, ...names, ...disagreements, ...damages, ...xml, ...documents, ...letters];
