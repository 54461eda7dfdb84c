/** Schedules in five fields (github.com/robfig/cron/v3, parser.go and spec.go). Times are in UTC. */
import type { Micros } from "../../kernel/index.ts";
import { calendarOf } from "../../machinery/time.ts";

/** By field the values that it holds; whether day of month and day of week were left open. `everyUs`: `@every`. */
export interface Schedule {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: readonly number[];
  readonly months: readonly number[];
  readonly weekdays: readonly number[];
  readonly anyDay: boolean;
  readonly anyWeekday: boolean;
  /** 0 unless the schedule is `@every`. */
  readonly everyUs: Micros;
}

interface Field {
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const FIELDS: readonly Field[] = [
  { min: 0, max: 59, names: [] },
  { min: 0, max: 23, names: [] },
  { min: 1, max: 31, names: [] },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 6, names: WEEKDAYS },
];

const DESCRIPTORS: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

/** cron.ParseStandard; null where it is no schedule. */
export function parseSchedule(text: string): Schedule | null {
  const trimmed = text.trim();
  if (trimmed.startsWith("@every ")) return everySchedule(trimmed.slice("@every ".length));
  const spec = DESCRIPTORS[trimmed] ?? trimmed;
  const parts = spec.split(/\s+/);
  if (parts.length !== FIELDS.length) return null;
  const fields = parts.map((part, i) => parseField(part, FIELDS[i]!));
  const [minutes, hours, days, months, weekdays] = fields;
  if (!minutes || !hours || !days || !months || !weekdays) return null;
  const isOpen = (part: string) => part.split(",").some((one) => /^[*?](\/1)?$/.test(one));
  return {
    minutes,
    hours,
    days,
    months,
    weekdays,
    anyDay: isOpen(parts[2]!),
    anyWeekday: isOpen(parts[4]!),
    everyUs: 0,
  };
}

const UNITS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1 };

function everySchedule(text: string): Schedule | null {
  if (!/^(\d+[hms])+$/.test(text)) return null;
  let seconds = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)([hms])/g)) seconds += Number(count) * UNITS[unit!]!;
  if (seconds < 1) return null;
  return {
    minutes: [],
    hours: [],
    days: [],
    months: [],
    weekdays: [],
    anyDay: true,
    anyWeekday: true,
    everyUs: seconds * 1_000_000,
  };
}

function parseField(text: string, field: Field): readonly number[] | null {
  const values = new Set<number>();
  for (const part of text.split(",")) {
    const range = parseRange(part.toLowerCase(), field);
    if (range === null) return null;
    for (const value of range) values.add(value);
  }
  return [...values].sort((one, two) => one - two);
}

/** getRange: `*`, `a`, `a-b`, each with `/step`; `a/step` goes to the end. */
function parseRange(text: string, field: Field): readonly number[] | null {
  const [range = "", step, ...more] = text.split("/");
  if (more.length > 0) return null;
  const by = step === undefined ? 1 : numberIn(step);
  if (by === null || by === 0) return null;
  const bounds =
    range === "*" || range === "?" ? [field.min, field.max] : range.split("-").map((one) => valueIn(one, field));
  if (bounds.length > 2) return null;
  const [first, end] = bounds;
  const last = bounds.length === 2 ? end : step === undefined ? first : field.max;
  if (first === null || first === undefined || last === null || last === undefined) return null;
  if (first < field.min || last > field.max || first > last) return null;
  const values: number[] = [];
  for (let value = first; value <= last; value += by) values.push(value);
  return values;
}

function valueIn(text: string, { names, min }: Field): number | null {
  const at = names.indexOf(text);
  return at >= 0 ? at + min : numberIn(text);
}

function numberIn(text: string): number | null {
  return /^\d+$/.test(text) ? Number(text) : null;
}

const MINUTE_US = 60_000_000;
const HOUR_US = 60 * MINUTE_US;
const DAY_US = 24 * HOUR_US;

/** SpecSchedule.Next: the first time after `wall` that it names; null: none within five years. */
export function nextAfter(schedule: Schedule, wall: Micros): Micros | null {
  if (schedule.everyUs > 0) return Math.floor(wall / 1_000_000) * 1_000_000 + schedule.everyUs;
  let at = (Math.floor(wall / MINUTE_US) + 1) * MINUTE_US;
  const end = at + 5 * 366 * DAY_US;
  while (at < end) {
    const { month, day, weekday, hour, minute } = calendarOf(at);
    if (!schedule.months.includes(month) || !dayMatches(schedule, day, weekday))
      at = (Math.floor(at / DAY_US) + 1) * DAY_US;
    else if (!schedule.hours.includes(hour)) at = (Math.floor(at / HOUR_US) + 1) * HOUR_US;
    else if (!schedule.minutes.includes(minute)) at += MINUTE_US;
    else return at;
  }
  return null;
}

/** dayMatches: where both days are said, either is enough. */
function dayMatches({ days, weekdays, anyDay, anyWeekday }: Schedule, day: number, weekday: number): boolean {
  const isDay = days.includes(day);
  const isWeekday = weekdays.includes(weekday);
  return anyDay || anyWeekday ? isDay && isWeekday : isDay || isWeekday;
}
