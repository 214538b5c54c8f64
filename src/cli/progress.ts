// How far a long command is, on the error output: a bar that is drawn over and over on a terminal, a plain line now and then elsewhere for
// whoever asks (--progress). The answer itself is never touched.
import { progressText, type Step } from './progress-text.ts';

/** What a long work tells of itself. */
export type Progress = {
  /** As often as one likes: what is drawn too soon after the last time is left out. */
  readonly show: (step: Step) => void;
  /** Takes the bar away; what comes next begins on a clean line. */
  readonly end: () => void;
};

/** Where it is drawn: a terminal, or a file. `columns` changes with the window. */
export type ProgressStream = { readonly columns?: number; readonly write: (text: string) => unknown };

const betweenBarsMs = 100;
const betweenLinesMs = 5000;
/** What speed is measured over: long enough to be calm, short enough to notice a change. */
const windowMs = 10_000;
const usualColumns = 80;

type Sample = { readonly atMs: number; readonly step: Step };

/** `bar` for a terminal, `lines` for anything else. `nowMs` is a monotonic clock. */
export function openProgress(kind: 'bar' | 'lines', stream: ProgressStream, nowMs: () => number = () => performance.now()): Progress {
  let samples: Sample[] = [];
  let drawnMs: number | undefined;
  return {
    show(step) {
      const atMs = nowMs();
      const isNew = samples.at(-1)?.step.what !== step.what;
      if (!isNew && drawnMs !== undefined && atMs - drawnMs < (kind === 'bar' ? betweenBarsMs : betweenLinesMs)) return;
      samples = isNew ? [] : samples.filter((sample, at) => at === samples.length - 1 || atMs - sample.atMs <= windowMs);
      samples.push({ atMs, step });
      drawnMs = atMs;
      const text = progressText(step, speedOf(samples), kind === 'bar' ? (stream.columns ?? usualColumns) - 1 : undefined);
      // Erased behind the text and not before it: nothing flickers.
      stream.write(kind === 'bar' ? `\r${text}\u001b[K` : `${text}\n`);
    },
    end() {
      if (kind === 'bar' && drawnMs !== undefined) stream.write('\r\u001b[K');
      samples = [];
      drawnMs = undefined;
    },
  };
}

/** What `--help` says of the option. */
export const progressHelp = 'dit l’avancement toutes les cinq secondes, là où une barre ne peut pas être dessinée';

/** No progress at all. */
export const noProgress: Progress = { show: () => undefined, end: () => undefined };

/**
 * For a command with these options: a bar on a terminal, unless a program reads the answer; lines where there is no terminal and
 * `--progress` asks for them.
 */
export function progressFor({ json = false, progress = false }: { readonly json?: boolean; readonly progress?: boolean }): Progress {
  const isTerminal = process.stderr.isTTY === true;
  if (isTerminal && !json) return openProgress('bar', process.stderr);
  return progress ? openProgress('lines', process.stderr) : noProgress;
}

function speedOf(samples: readonly Sample[]): { readonly perSecond?: number; readonly leftMs?: number } {
  const [oldest, latest] = [samples[0], samples.at(-1)];
  const elapsedMs = latest && oldest ? latest.atMs - oldest.atMs : 0;
  if (!oldest || !latest || elapsedMs < 1000) return {};
  const perSecond = ((latest.step.done - oldest.step.done) * 1000) / elapsedMs;
  const gained = (latest.step.fraction ?? 0) - (oldest.step.fraction ?? 0);
  if (gained <= 0) return { perSecond };
  return { perSecond, leftMs: ((1 - (latest.step.fraction ?? 0)) / gained) * elapsedMs };
}
