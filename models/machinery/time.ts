import type { Micros } from "../kernel/index.ts";
import type { MicroTime, Time } from "./kinds/index.ts";

/** Days from 1970-01-01 to 2026-01-01, at which the calendar clocks of the model begin. */
const EPOCH_DAYS = 20_454;
const DAY_US = 86_400_000_000;

/** The calendar time `wallUs` microseconds after 2026-01-01T00:00:00Z, in whole seconds (metav1.Time). */
export function timeOf(wallUs: Micros): Time {
  return `${secondsText(wallUs)}Z`;
}

/** The same with microseconds (metav1.MicroTime). */
export function microTimeOf(wallUs: Micros): MicroTime {
  const micros = wallUs - Math.floor(wallUs / 1_000_000) * 1_000_000;
  return `${secondsText(wallUs)}.${String(micros).padStart(6, "0")}Z`;
}

/** The microseconds from 2026-01-01T00:00:00Z to a time of either form; negative before it. NaN where it is none. */
export function wallOf(time: Time | MicroTime): Micros {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/.exec(time);
  if (match === null) return Number.NaN;
  const [, year, month, day, hour, minute, second, fraction, sign, offsetHour, offsetMinute] = match;
  const days = daysOf(Number(year), Number(month), Number(day)) - EPOCH_DAYS;
  const offset = sign === undefined ? 0 : Number(`${sign}1`) * (Number(offsetHour) * 3600 + Number(offsetMinute) * 60);
  const seconds = days * 86_400 + Number(hour) * 3600 + Number(minute) * 60 + Number(second) - offset;
  return seconds * 1_000_000 + Number((fraction ?? "").padEnd(6, "0").slice(0, 6));
}

/** Year, month (1 to 12), day of the month, hour, minute and day of the week (0: Sunday) of a calendar time in UTC. */
export interface Calendar {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly weekday: number;
}

/** The calendar of a time given as microseconds after 2026-01-01T00:00:00Z. */
export function calendarOf(wallUs: Micros): Calendar {
  const day = Math.floor(wallUs / DAY_US);
  const seconds = Math.floor((wallUs - day * DAY_US) / 1_000_000);
  const date = dateOf(day + EPOCH_DAYS);
  return {
    year: date[0],
    month: date[1],
    day: date[2],
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
    weekday: (((day + EPOCH_DAYS + 4) % 7) + 7) % 7,
  };
}

function secondsText(wallUs: Micros): string {
  const { year, month, day, hour, minute, second } = calendarOf(wallUs);
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`;
}

function two(number: number): string {
  return number < 10 ? `0${number}` : `${number}`;
}

/** Days since 1970-01-01 of a date of the Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms"). */
function daysOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
}

/** The inverse of {@link daysOf}. */
function dateOf(days: number): readonly [year: number, month: number, day: number] {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted + (shifted < 10 ? 3 : -9);
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1];
}
