// What is done later: how much at once, and how long before somebody must be told.
import { about, count, section } from '../kinds.ts';

/** The settings of src/pipeline. */
export const pipeline = section('What is done after a letter was taken', {
  concurrency: section('Work under way at once, by lane: a slow neighbour must not keep the others waiting', {
    here: count(1, 256).default(8).meta(about('Automatic letters delivered here', '8')),
    outside: count(1, 256).default(16).meta(about('Letters for other operators, notices, copies to the DMP', '16')),
    upkeep: count(1, 16).default(2).meta(about('Housekeeping', '2')),
  }).prefault({}),
  stopGraceSeconds: count(1, 600).default(10).meta(about('Seconds that work under way has to end when the gateway stops', '10')),
  courseDeadlineHours: count(1, 720)
    .default(72)
    .meta(about('Hours after which a letter whose delivery is still unknown is reported to its sender as not delivered', '72')),
  deadDays: count(1, 3660).default(90).meta(about('Days that work which was given up is kept for a person to look at', '90')),
});
