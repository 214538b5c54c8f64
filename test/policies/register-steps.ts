// Everything that can happen between a few citizens and correspondents, drawn by lot.
import fc from 'fast-check';
import type { Audience } from '../../policies/schema.ts';

/** Citizens are named by their place in the world, and so are correspondents. */
export const citizenCount = 2;

/** Who may be written to. The first two mailboxes are one person's; the last is kept by another operator. */
export const correspondentKinds = ['PER', 'CAB', 'ORG', 'elsewhere'] as const;

/** Whose blocks count at each correspondent, by number: a person's two mailboxes have one. */
export const blockers = [0, 0, 1, undefined] as const;

/** Letters a day that a citizen may write first. */
export const dailyLimit = 1;

export type Letter = {
  readonly from: number;
  readonly to: readonly number[];
  readonly replyTo: readonly number[];
  readonly ends: 'nothing' | 'this' | 'everything' | 'both';
  /** Only what a person who is a correspondent wrote changes anything; a citizen's letter may name whom it likes in Reply-To. */
  readonly writtenBy: 'correspondent' | 'citizen' | 'software' | 'nobody';
};

/** One thing that happens. */
export type Step =
  /** Letters that are taken in one transaction; `isDoubled`: each of them twice. */
  | { readonly do: 'letters'; readonly letters: readonly Letter[]; readonly isDoubled: boolean }
  /** An earlier letter that comes again. */
  | { readonly do: 'replay'; readonly which: number }
  | {
      readonly do: 'end' | 'reopen' | 'block' | 'unblock' | 'invite' | 'disinvite' | 'write';
      readonly citizen: number;
      readonly at: number;
    }
  | { readonly do: 'choose'; readonly at: number; readonly audience: Audience }
  /** `isNewUsed`: letters go to the new address from now on; else to the old one still. */
  | { readonly do: 'replace-matricule'; readonly citizen: number; readonly isNewUsed: boolean };

/** Any step about these citizens and these correspondents. */
export function anyStep(citizens: readonly number[], correspondents: readonly number[]): fc.Arbitrary<Step> {
  const citizen = fc.constantFrom(...citizens);
  const at = fc.constantFrom(...correspondents);
  const letter = fc.record({
    from: at,
    to: fc.subarray([...citizens], { minLength: 1 }),
    replyTo: fc.oneof(
      { weight: 1, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.subarray([...correspondents], { maxLength: 2 }) },
    ),
    ends: fc.constantFrom(...(['nothing', 'nothing', 'nothing', 'this', 'everything', 'everything', 'both'] as const)),
    writtenBy: fc.oneof(
      { weight: 5, arbitrary: fc.constant('correspondent' as const) },
      { weight: 1, arbitrary: fc.constantFrom('citizen' as const, 'software' as const, 'nobody' as const) },
    ),
  });
  const letters = fc.record({
    do: fc.constant('letters' as const),
    letters: fc.array(letter, { minLength: 1, maxLength: 4 }),
    isDoubled: fc.boolean(),
  });
  const acts = ['end', 'reopen', 'block', 'block', 'unblock', 'invite', 'invite', 'disinvite', 'write', 'write'] as const;
  return fc.oneof(
    { weight: 5, arbitrary: letters },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('replay' as const), which: fc.nat() }) },
    { weight: 5, arbitrary: fc.record({ do: fc.constantFrom(...acts), citizen, at }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('choose' as const),
        at,
        audience: fc.constantFrom(...(['everyone', 'listed', 'listed', 'nobody', 'nobody'] as const)),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('replace-matricule' as const), citizen, isNewUsed: fc.boolean() }) },
  );
}
