/** Which run is due (kubernetes pkg/controller/cronjob/utils.go, mostRecentScheduleTime). */
import type { Micros } from "../../kernel/index.ts";
import type { CronJob } from "../../machinery/kinds/index.ts";
import { timeOf, wallOf } from "../../machinery/time.ts";
import { nextAfter, type Schedule } from "./schedule.ts";

export interface Due {
  /** The last time that was missed; null: none. */
  readonly at: Micros | null;
  readonly missed: "none" | "few" | "many";
}

/** After so many missed runs something may be wrong with a clock; it is told, and only the last is run. */
const MANY = 100;

/** From when on runs count: the last one, else the creation; but not from before the deadline for starting. */
export function earliestTime(cronJob: CronJob, wall: Micros): Micros {
  const { lastScheduleTime } = cronJob.status ?? {};
  const created = wallOf(cronJob.metadata.creationTimestamp ?? timeOf(wall));
  const earliest = lastScheduleTime === undefined ? created : wallOf(lastScheduleTime);
  const { startingDeadlineSeconds } = cronJob.spec;
  if (startingDeadlineSeconds === undefined) return earliest;
  return Math.max(earliest, wall - startingDeadlineSeconds * 1_000_000);
}

export function mostRecent(cronJob: CronJob, schedule: Schedule, wall: Micros): Due {
  let next = nextAfter(schedule, earliestTime(cronJob, wall));
  if (next === null || next > wall) return { at: null, missed: "none" };
  const second = nextAfter(schedule, next);
  if (second === null || second > wall) return { at: next, missed: "few" };
  // Those between are counted by the distance of the first two, as the real one does.
  const count = Math.floor((wall - next) / (second - next)) + 1;
  const from = count > MANY ? next + Math.max(0, count - MANY) * (second - next) : next;
  let last = next;
  next = from === next ? next : nextAfter(schedule, from - 1);
  for (; next !== null && next <= wall; next = nextAfter(schedule, next)) last = next;
  return { at: last, missed: count > MANY ? "many" : "few" };
}
