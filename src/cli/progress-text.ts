// One line about a work that goes on, for a person: how far, how fast, how long still.

/** Where a long work is. */
export type Step = {
  /** What it does now: `Lecture`. */
  readonly what: string;
  /** How many of `unit` are done: `lignes`. */
  readonly done: number;
  readonly unit: string;
  /** From 0 to 1; absent while nobody knows how much there is. */
  readonly fraction?: number;
};

const [shortestBar, longestBar] = [10, 40];

/** The line. With `width` it has a bar, and never more than that many characters. */
export function progressText(step: Step, speed: { readonly perSecond?: number; readonly leftMs?: number }, width?: number): string {
  const { what, done, unit, fraction } = step;
  const facts = [
    ...(fraction === undefined ? [] : [`${Math.floor(bounded(fraction) * 100)} %`.padStart(5)]),
    `${number.format(done)} ${unit}`,
    ...(speed.perSecond === undefined ? [] : [`${number.format(Math.round(speed.perSecond))}/s`]),
    ...(speed.leftMs === undefined ? [] : [`encore ${durationText(speed.leftMs)}`]),
  ].join('  ');
  if (width === undefined) return `${what}  ${facts.trimStart()}`;
  const room = Math.min(width - what.length - facts.length - 4, longestBar);
  if (fraction === undefined || room < shortestBar) return [...`${what} ${facts}`].slice(0, Math.max(width, 0)).join('');
  const full = Math.floor(bounded(fraction) * room);
  return `${what} [${'#'.repeat(full)}${'.'.repeat(room - full)}] ${facts}`;
}

/** `12 s`, `3 min 20 s`, `1 h 05 min`. */
export function durationText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

const number = new Intl.NumberFormat('fr-FR');

function bounded(fraction: number): number {
  return Math.min(Math.max(fraction, 0), 1);
}
