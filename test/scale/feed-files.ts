// A citizens' feed of any size as a file, written as it is generated.
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fictionalCitizen } from './fictional-citizens.ts';

const header = 'matricule;oid;nom_naissance;premier_prenom;prenoms;nom_utilise;date_naissance;lieu_naissance;sexe;qualifiee;etat\r\n';
const linesAPiece = 5000;

/** Writes the citizens numbered `from` to `to`, the last one excluded, as CSV: traits of people who were never born, with OIDs of the test arc. */
export async function writeFeed(file: string, from: number, to: number): Promise<void> {
  await pipeline(Readable.from(pieces(from, to)), createWriteStream(file));
}

function* pieces(from: number, to: number): Generator<string> {
  yield header;
  for (let start = from; start < to; start += linesAPiece) {
    let piece = '';
    for (let number = start; number < Math.min(to, start + linesAPiece); number += 1) piece += line(number);
    yield piece;
  }
}

function line(number: number): string {
  const { ins, birthName, firstGivenName, givenNames, usedName, birthDate, birthPlace, sex } = fictionalCitizen(number);
  return `${ins};8;${birthName};${firstGivenName};${givenNames};${usedName};${birthDate};${birthPlace};${sex};oui;cree\r\n`;
}
