import { describe, expect, test } from "vitest";
import { timeOf, wallOf } from "../../machinery/time.ts";
import { nextAfter, parseSchedule } from "./schedule.ts";

/** Rows of the tests of github.com/robfig/cron/v3 (MIT), spec_test.go and parser_test.go, in a short notation. */

const at = (text: string) => wallOf(text.length === 16 ? `${text}:00Z` : `${text}Z`);
const next = (schedule: string, from: string) => {
  const found = nextAfter(parseSchedule(schedule)!, at(from));
  return found === null ? null : timeOf(found).slice(0, 16);
};

describe("TestActivation", () => {
  test.each([
    ["2012-07-09T15:00", "0/15 * * * *", true],
    ["2012-07-09T15:45", "0/15 * * * *", true],
    ["2012-07-09T15:40", "0/15 * * * *", false],
    ["2012-07-09T15:05", "5/15 * * * *", true],
    ["2012-07-09T15:20", "5/15 * * * *", true],
    ["2012-07-09T15:50", "5/15 * * * *", true],
    ["2012-07-15T15:00", "0/15 * * Jul *", true],
    ["2012-07-15T15:00", "0/15 * * Jun *", false],
    ["2012-07-15T08:30", "30 08 ? Jul Sun", true],
    ["2012-07-15T08:30", "30 08 15 Jul ?", true],
    ["2012-07-16T08:30", "30 08 ? Jul Sun", false],
    ["2012-07-16T08:30", "30 08 15 Jul ?", false],
    ["2012-07-09T15:00", "@hourly", true],
    ["2012-07-09T15:04", "@hourly", false],
    ["2012-07-09T15:00", "@daily", false],
    ["2012-07-09T00:00", "@daily", true],
    ["2012-07-09T00:00", "@weekly", false],
    ["2012-07-08T00:00", "@weekly", true],
    ["2012-07-08T01:00", "@weekly", false],
    ["2012-07-08T00:00", "@monthly", false],
    ["2012-07-01T00:00", "@monthly", true],
    ["2012-07-15T00:00", "* * 1,15 * Sun", true],
    ["2012-06-15T00:00", "* * 1,15 * Sun", true],
    ["2012-08-01T00:00", "* * 1,15 * Sun", true],
    ["2012-07-15T00:00", "* * */10 * Sun", true],
    ["2012-07-15T00:00", "* * * * Mon", false],
    ["2012-07-09T00:00", "* * 1,15 * *", false],
    ["2012-07-15T00:00", "* * 1,15 * *", true],
    ["2012-07-15T00:00", "* * */2 * Sun", true],
  ])("%s, %s: %s", (time, schedule, isActive) => {
    const found = nextAfter(parseSchedule(schedule)!, at(time) - 1_000_000);
    expect(found === at(time)).toBe(isActive);
  });
});

describe("TestNext", () => {
  test.each([
    ["2012-07-09T14:45", "0/15 * * * *", "2012-07-09T15:00"],
    ["2012-07-09T14:59", "0/15 * * * *", "2012-07-09T15:00"],
    ["2012-07-09T14:59:59", "0/15 * * * *", "2012-07-09T15:00"],
    ["2012-07-09T15:45", "20-35/15 * * * *", "2012-07-09T16:20"],
    ["2012-07-09T23:46", "*/15 * * * *", "2012-07-10T00:00"],
    ["2012-07-09T23:45", "20-35/15 * * * *", "2012-07-10T00:20"],
    ["2012-07-09T23:35:51", "20-35/15 1/2 * * *", "2012-07-10T01:20"],
    ["2012-07-09T23:35:51", "20-35/15 10-12 * * *", "2012-07-10T10:20"],
    ["2012-07-09T23:35:51", "20-35/15 1/2 */2 * *", "2012-07-11T01:20"],
    ["2012-07-09T23:35:51", "20-35/15 * 9-20 * *", "2012-07-10T00:20"],
    ["2012-07-09T23:35:51", "20-35/15 * 9-20 Jul *", "2012-07-10T00:20"],
    ["2012-07-09T23:35", "0 0 9 Apr-Oct ?", "2012-08-09T00:00"],
    ["2012-07-09T23:35", "0 0 */5 Apr,Aug,Oct Mon", "2012-08-01T00:00"],
    ["2012-07-09T23:35", "0 0 */5 Oct Mon", "2012-10-01T00:00"],
    ["2012-07-09T23:35", "0 0 * Feb Mon", "2013-02-04T00:00"],
    ["2012-07-09T23:35", "0 0 * Feb Mon/2", "2013-02-01T00:00"],
    ["2012-12-31T23:59:45", "* * * * *", "2013-01-01T00:00"],
    ["2012-07-09T23:35", "0 0 29 Feb ?", "2016-02-29T00:00"],
    ["2012-07-09T23:35", "0 0 30 Feb ?", null],
    ["2012-07-09T23:35", "0 0 31 Apr ?", null],
    ["2012-07-09T14:45", "@every 1h30m", "2012-07-09T16:15"],
  ])("after %s, %s: %s", (from, schedule, expected) => {
    expect(next(schedule, from)).toBe(expected);
  });
});

describe("what is no schedule", () => {
  test.each([
    "",
    "xyz",
    "* * * *",
    "* * * * * *",
    "60 0 * * *",
    "0 60 * * *",
    "0 0 32 * *",
    "0 0 0 * *",
    "0 0 * 13 *",
    "0 0 * 0 *",
    "0 0 * * 8",
    "0 0 * * XYZ",
    "-5 * * * *",
    "3--4 * * * *",
    "4-1 * * * *",
    "1/2/3 * * * *",
    "*/0 * * * *",
    "5-x * * * *",
    "@unrecognized",
    "@every",
    "@every 5",
  ])("%j", (text) => {
    expect(parseSchedule(text)).toBeNull();
  });
});
