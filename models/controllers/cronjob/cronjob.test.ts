import { describe, expect, test } from "vitest";
import type { CronJob, CronJobSpec, Job } from "../../machinery/kinds/index.ts";
import { timeOf, wallOf } from "../../machinery/time.ts";
import { Drill } from "../testing/drill.ts";
import { cronJob } from "./index.ts";
import { nextAfter, parseSchedule } from "./schedule.ts";

const MINUTE = 60_000_000;

describe("schedules", () => {
  test.each([
    ["*/15 * * * *", "2026-01-01T00:01:30Z", "2026-01-01T00:15:00Z"],
    ["0 * * * *", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"],
    ["@hourly", "2026-01-01T10:59:59Z", "2026-01-01T11:00:00Z"],
    ["@daily", "2026-02-28T10:00:00Z", "2026-03-01T00:00:00Z"],
    ["30 4 1,15 * 5", "2026-01-01T05:00:00Z", "2026-01-02T04:30:00Z"],
    ["0 0 * * mon-fri", "2026-01-02T12:00:00Z", "2026-01-05T00:00:00Z"],
    ["0 12 29 feb *", "2026-01-01T00:00:00Z", "2028-02-29T12:00:00Z"],
    ["5-10/2 1 * * *", "2026-01-01T01:05:00Z", "2026-01-01T01:07:00Z"],
    ["7/20 * * * *", "2026-01-01T00:08:00Z", "2026-01-01T00:27:00Z"],
    ["@every 90s", "2026-01-01T00:00:00Z", "2026-01-01T00:01:30Z"],
  ])("%s after %s: %s", (text, from, next) => {
    expect(timeOf(nextAfter(parseSchedule(text)!, wallOf(from))!)).toBe(next);
  });

  test.each([
    "",
    "* * * *",
    "60 * * * *",
    "* * 0 * *",
    "*/0 * * * *",
    "5-1 * * * *",
    "a * * * *",
    "* * * * 7",
    "@never",
    "1-2-3 * * * *",
  ])("%j is none", (text) => expect(parseSchedule(text)).toBeNull());
});

function drill(spec: Partial<CronJobSpec> = {}) {
  const made = new Drill(cronJob);
  const jobTemplate = { spec: { template: { spec: { containers: [] } } } };
  const cron: CronJob = {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: "tick", namespace: "default" },
    spec: { schedule: "* * * * *", jobTemplate, ...spec },
  };
  made.api.put(cron);
  made.settle();
  return made;
}
type D = ReturnType<typeof drill>;
const pass = (d: D, minutes: number) => {
  for (let i = 0; i < minutes; i++) {
    d.advance(MINUTE);
    d.settle();
  }
};
const jobs = (d: D) => d.api.list<Job>("jobs");
const status = (d: D) => d.api.get<CronJob>("cronjobs", "default/tick")!.status;
const finish = (d: D, job: Job, type = "Complete") =>
  d.api.edit<Job>("jobs", `default/${job.metadata.name}`, (one) => ({
    ...one,
    status: { startTime: timeOf(d.wall), completionTime: timeOf(d.wall), conditions: [{ type, status: "True" }] },
  }));

describe("cron job", () => {
  test("a job a minute, named after it", () => {
    const d = drill();
    pass(d, 2);
    expect(jobs(d).map(({ metadata }) => metadata.name)).toEqual(["tick-29455201", "tick-29455202"]);
    expect(status(d)?.active).toHaveLength(2);
    expect(jobs(d)[0]!.metadata.ownerReferences?.[0]).toMatchObject({
      kind: "CronJob",
      name: "tick",
      controller: true,
    });
  });

  test("Forbid waits for the one that runs; Replace takes its place", () => {
    const forbid = drill({ concurrencyPolicy: "Forbid" });
    pass(forbid, 3);
    expect(jobs(forbid)).toHaveLength(1);
    finish(forbid, jobs(forbid)[0]!);
    pass(forbid, 1);
    expect(jobs(forbid)).toHaveLength(2);
    const replace = drill({ concurrencyPolicy: "Replace" });
    pass(replace, 3);
    expect(jobs(replace)).toHaveLength(1);
    expect(status(replace)?.active).toHaveLength(1);
  });

  test("suspended: none; afterwards the last of those that were missed", () => {
    const d = drill({ suspend: true });
    pass(d, 10);
    expect(jobs(d)).toEqual([]);
    d.api.edit<CronJob>("cronjobs", "default/tick", (one) => ({ ...one, spec: { ...one.spec, suspend: false } }));
    d.settle();
    expect(jobs(d).map(({ metadata }) => metadata.name)).toEqual(["tick-29455210"]);
  });

  test("more than a hundred missed are told, and one is run", () => {
    const d = drill({ suspend: true });
    d.advance(200 * MINUTE);
    d.api.edit<CronJob>("cronjobs", "default/tick", (one) => ({ ...one, spec: { ...one.spec, suspend: false } }));
    d.settle();
    expect(jobs(d)).toHaveLength(1);
    expect(d.notes).toContain("controllers/cronjob/too-many-missed");
  });

  test("one too late is not started", () => {
    const d = drill({ suspend: true, schedule: "0 * * * *", startingDeadlineSeconds: 30 });
    d.advance(61 * MINUTE);
    d.api.edit<CronJob>("cronjobs", "default/tick", (one) => ({ ...one, spec: { ...one.spec, suspend: false } }));
    d.settle();
    expect(jobs(d)).toEqual([]);
  });

  test("the history is three successes and one failure", () => {
    const d = drill();
    for (let i = 0; i < 6; i++) {
      pass(d, 1);
      finish(d, jobs(d).at(-1)!, i < 4 ? "Complete" : "Failed");
      d.settle();
    }
    expect(jobs(d).map(({ metadata }) => metadata.name.slice(-1))).toEqual(["2", "3", "4", "6"]);
    expect(status(d)?.active).toEqual([]);
    expect(status(d)?.lastSuccessfulTime).toBeDefined();
  });

  test("a crash between the job and the status: the job is found, not made twice", () => {
    const d = drill();
    d.advance(MINUTE);
    d.deliver();
    const asked = d.sync("default/tick");
    expect(asked).toMatchObject({ verb: "create" });
    d.api.call(asked as never);
    const next = new Drill(cronJob);
    Object.assign(next, { api: d.api });
    next.now = d.now;
    next.settle();
    expect(jobs(next)).toHaveLength(1);
    expect(status(next)?.active).toHaveLength(1);
  });
});
