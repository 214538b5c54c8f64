// What the key of a matricule tells, proved over all there is to tell: departments, keys, and the accidents of typing. Requirement 35.
// A difference of one place changes the number by (to - from) · 10^place: whether the key tells it does not depend on the other digits. So
// enumerating pairs on a few bodies is a proof for all of them, and random bodies look for a mistake in that reasoning.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type InsArc, insArcOf, insKey, insOid, isTestArc, looksLikeIns, parseIns, parseInsArc } from '../../src/core/ins.ts';

const digits = [...'0123456789'];
const alphabet = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const departments = [...Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0')), '2A', '2B'];
const whole = (body: string) => body + insKey(body);
const body = fc
  .tuple(fc.constantFrom(...'123478'), fc.stringMatching(/^\d{4}$/), fc.constantFrom(...departments), fc.stringMatching(/^\d{6}$/))
  .map((parts) => parts.join(''));

/** Digit by digit, as one would on paper; Corsica by subtraction, as the register's own rule words it. */
function keyOnPaper(matricule: string): string {
  const corsica = matricule.slice(5, 7) === '2A' ? 1_000_000 : matricule.slice(5, 7) === '2B' ? 2_000_000 : 0;
  let rest = 0;
  for (const digit of matricule.replace(/[AB]/, '0')) rest = (rest * 10 + Number(digit)) % 97;
  rest = (((rest - corsica) % 97) + 97) % 97;
  return String(97 - rest).padStart(2, '0');
}

describe('requirement 35: the key of a matricule', () => {
  test.each([
    ['2790351215189', '89'],
    ['2770763220829', '10'],
  ])('%s has the key %s, as the official examples say', (matricule, key) => {
    expect(insKey(matricule)).toBe(key);
  });

  test('in every department, Corsica’s two and all others, every key occurs, and for each body one key alone is right', () => {
    for (const department of departments) {
      const keys = new Set<string>();
      for (let order = 0; order < 97; order += 1) {
        const matricule = `18501${department}0010${String(order).padStart(2, '0')}`;
        const key = insKey(matricule);
        if (key === keyOnPaper(matricule) && parseIns(matricule + key)) keys.add(key);
      }
      expect(keys.size).toBe(97);
      const [least, most] = [[...keys].sort().at(0), [...keys].sort().at(-1)];
      expect([least, most]).toEqual(['01', '97']);
    }
  });

  test('the key on paper is the key, for any body; any other of the hundred is refused', () => {
    fc.assert(
      fc.property(body, (matricule) => {
        const right = Array.from({ length: 100 }, (_, key) => String(key).padStart(2, '0')).filter((key) => parseIns(matricule + key));
        expect(right).toEqual([keyOnPaper(matricule)]);
        expect(looksLikeIns(`${matricule}00`)).toBe(true);
      }),
    );
  });

  test('any one wrong character is told, letters and the key included: every place, every character there and every other', () => {
    let tried = 0;
    const untold: string[] = [];
    const tell = (wrong: string) => {
      tried += 1;
      if (parseIns(wrong)) untold.push(wrong);
    };
    for (const department of departments) {
      for (const sex of '123478') {
        const ins = whole(`${sex}7903${department}121518`);
        for (let place = 0; place < ins.length; place += 1) {
          for (const other of alphabet) {
            if (other === ins[place]) continue;
            tell(ins.slice(0, place) + other + ins.slice(place + 1));
          }
        }
      }
    }
    // And each digit at each place of the number, whichever stood there.
    for (let place = 1; place < 13; place += 1) {
      for (const from of digits) {
        for (const to of digits) {
          if (from === to) continue;
          const at = (digit: string) => `1850199100001`.slice(0, place) + digit + `1850199100001`.slice(place + 1);
          tell(at(to) + insKey(at(from)));
        }
      }
    }
    expect(untold).toEqual([]);
    expect(tried).toBe(102 * 6 * 15 * 35 + 12 * 90);
  });

  const swap = (text: string, one: number, other: number) => {
    const characters = [...text];
    [characters[one], characters[other]] = [text[other] ?? '', text[one] ?? ''];
    return characters.join('');
  };

  test('two neighbours that change places, two that surround a third, and a digit twice typed for another are told', () => {
    fc.assert(
      fc.property(body, fc.integer({ min: 1, max: 9 }), (matricule, shift) => {
        const ins = whole(matricule);
        for (let place = 0; place + 1 < ins.length; place += 1) {
          const next = swap(ins, place, place + 1);
          if (next !== ins) expect(parseIns(next)).toBeUndefined();
          const around = swap(ins, place, place + 2);
          if (place + 2 < 13 && around !== ins) expect(parseIns(around)).toBeUndefined();
          const [one, two] = [ins[place] ?? '', ins[place + 1] ?? ''];
          if (one !== two || !/\d/.test(one)) continue;
          const typed = String((Number(one) + shift) % 10);
          expect(parseIns(ins.slice(0, place) + typed + typed + ins.slice(place + 2))).toBeUndefined();
        }
      }),
      { numRuns: 500 },
    );
  });

  test('what it cannot tell: the last two digits, each when it changes places with the key’s digit two places on', () => {
    fc.assert(
      fc.property(body, fc.constantFrom(11, 12), (matricule, place) => {
        const swapped = swap(whole(matricule), place, place + 2);
        const key = Number(swapped.slice(13));
        if (key >= 1 && key <= 97) expect(parseIns(swapped)).toBe(swapped);
        else expect(parseIns(swapped)).toBeUndefined();
      }),
    );
  });

  test('what it cannot tell: the two departments that Corsica is read as, and no other pair of departments that exist', () => {
    const same: string[] = [];
    for (const one of departments) {
      for (const other of departments) {
        const at = (department: string) => `18501${department}001002`;
        if (one < other && insKey(at(one)) === insKey(at(other))) same.push(`${one} ${other}`);
      }
    }
    expect(same).toEqual(['00 97', '01 98', '02 99', '18 2B', '19 2A']);
  });
});

describe('requirement 35: who gave a matricule', () => {
  test.each<[string, InsArc | undefined]>([
    ['8', 8],
    ['1.2.250.1.213.1.4.8', 8],
    ['1.2.250.1.213.1.4.9', 9],
    ['1.2.250.1.213.1.4.10', 10],
    ['1.2.250.1.213.1.4.11', 11],
    // INS-C, its test and demonstration, and what only looks like one of ours.
    ['1.2.250.1.213.1.4.2', undefined],
    ['1.2.250.1.213.1.4.6', undefined],
    ['1.2.250.1.213.1.4.7', undefined],
    ['1.2.250.1.213.1.4.8.0', undefined],
    ['1.2.250.1.213.1.4.08', undefined],
    ['1.2.250.1.213.1.4', undefined],
    ['1.2.250.1.213.1.4.', undefined],
    ['8.0', undefined],
    ['0x8', undefined],
    [' 8', undefined],
    ['', undefined],
  ])('« %s » is %s', (text, arc) => {
    expect(parseInsArc(text)).toBe(arc);
    if (arc) expect(parseInsArc(insOid(arc))).toBe(arc);
  });

  test('7 and 8 wait for a NIR; tests and demonstrations say so themselves', () => {
    const arcOf = (matricule: string) => insArcOf(parseIns(whole(matricule)) ?? expect.fail('not a matricule'));
    expect([...'123478'].map((sex) => arcOf(`${sex}790351215189`))).toEqual([8, 8, 8, 8, 9, 9]);
    expect(([8, 9, 10, 11] as const).map(isTestArc)).toEqual([false, false, true, true]);
  });
});
