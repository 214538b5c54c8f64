// How people are named to others.

/** A citizen's display name, as correspondents see it: `Dominique PAT-TROIS`. Requirement 34. */
export function citizenDisplayName(traits: { readonly birthName: string; readonly firstGivenName: string }): string {
  const given = traits.firstGivenName
    .toLocaleLowerCase('fr')
    .replace(/(^|[\s'-])(\p{L})/gu, (_, before, letter) => before + letter.toLocaleUpperCase('fr'));
  return `${given} ${traits.birthName.toLocaleUpperCase('fr')}`;
}
