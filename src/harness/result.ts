import * as Schema from "effect/Schema";

const Count = Schema.Int;

/** A violated property of a campaign, as `run --json` reports it. */
export const ViolationSchema = Schema.Struct({
  property: Schema.String,
  explanation: Schema.String,
  /** The failure file; null when it could not be written, or the scenario is a file of the user's own. */
  scenarioFile: Schema.NullOr(Schema.String),
  /** The run of the campaign; null for a file of the corpus. */
  run: Schema.NullOr(Count),
  /** How many runs violated this property. */
  occurrences: Count,
  traceHash: Schema.String,
  eventsBefore: Count,
  eventsAfter: Count,
  /** Faults and operations of the workload. */
  actionsBefore: Count,
  actionsAfter: Count,
  /** What shrinking cost; 0 when it was not shrunk. */
  shrinkExecutions: Count,
  shrinkSeconds: Schema.Number,
  /** The command that replays it. */
  replay: Schema.NullOr(Schema.String),
});

/** One suite of a campaign. */
export const SuiteResultSchema = Schema.Struct({
  suite: Schema.String,
  /** What was watched in each run. */
  properties: Schema.Array(
    Schema.Struct({
      id: Schema.String,
      kind: Schema.Literals(["always", "eventually", "sometimes"]),
      source: Schema.String,
    }),
  ),
  verdict: Schema.Literals(["holds", "violated", "unknown"]),
  runs: Count,
  /** Files tried before the generated runs: earlier failures and named scenarios. */
  corpus: Count,
  /** Files of earlier failures that hold now. */
  mended: Schema.Array(Schema.String),
  events: Count,
  virtualSeconds: Schema.Number,
  wallSeconds: Schema.Number,
  eventsPerSecond: Schema.Number,
  violations: Schema.Array(ViolationSchema),
  unknown: Schema.Array(Schema.Struct({ run: Schema.NullOr(Count), reason: Schema.String })),
  /** Each `sometimes` property with the number of runs that reached it; 0 is a gap in the campaign. */
  reached: Schema.Record(Schema.String, Count),
  /** Runs in which a quorum was lost for good, so that liveness was not asked for. */
  excused: Count,
  /** Faults that struck, by kind. */
  faults: Schema.Record(Schema.String, Count),
  /** Rows: message kinds and rules; columns: kinds of fault that were on, `none` first. */
  coverage: Schema.Struct({
    columns: Schema.Array(Schema.String),
    rows: Schema.Record(Schema.String, Schema.Array(Count)),
    /** Rules that no run has taken. */
    neverTaken: Schema.Array(Schema.String),
  }),
  /** Over the trace hashes of all generated runs, in the order of their numbers. */
  hash: Schema.String,
});

/** What `seatrial run --json FILE` writes. The totals are over all suites. */
export const CampaignResultSchema = Schema.Struct({
  format: Schema.Literal(1),
  seatrial: Schema.String,
  node: Schema.String,
  verdict: Schema.Literals(["holds", "violated", "unknown"]),
  profile: Schema.String,
  seed: Count,
  shard: Schema.Struct({ index: Count, of: Count }),
  workers: Count,
  /** Stopped by an interrupt: what is here is what was done by then. */
  interrupted: Schema.Boolean,
  /** Why fewer runs were made than planned; null when all were. */
  stoppedBy: Schema.NullOr(Schema.Literals(["interrupt", "time", "bail"])),
  runs: Count,
  events: Count,
  virtualSeconds: Schema.Number,
  wallSeconds: Schema.Number,
  eventsPerSecond: Schema.Number,
  violations: Schema.Array(Schema.Struct({ ...ViolationSchema.fields, suite: Schema.String })),
  reached: Schema.Record(Schema.String, Count),
  /** Over the hashes of the suites, in their order; with one suite, that suite's own. */
  hash: Schema.String,
  suites: Schema.Array(SuiteResultSchema),
  /** Faults of seatrial itself: a worker that died, with the run that it was making. */
  faults: Schema.Array(
    Schema.Struct({ suite: Schema.String, run: Schema.NullOr(Count), seed: Count, message: Schema.String }),
  ),
});

/** A row of `seatrial bugs --json FILE`. */
export const BugResultSchema = Schema.Struct({
  id: Schema.String,
  title: Schema.String,
  suite: Schema.String,
  found: Schema.Boolean,
  /** The property that found it; null when it was not found. */
  property: Schema.NullOr(Schema.String),
  runs: Count,
  seconds: Schema.Number,
  /** After shrinking. */
  faults: Schema.NullOr(Count),
  operations: Schema.NullOr(Count),
  shrinkExecutions: Schema.NullOr(Count),
  failureFile: Schema.NullOr(Schema.String),
  /** The failure file, run again, gave the same hash; null when the bug was not found. */
  replays: Schema.NullOr(Schema.Boolean),
});

export const BugsResultSchema = Schema.Struct({
  format: Schema.Literal(1),
  seatrial: Schema.String,
  node: Schema.String,
  seed: Count,
  /** The budget of each bug, in seconds. */
  secondsMax: Schema.Number,
  bugs: Schema.Array(BugResultSchema),
  /** \`always\` and \`eventually\` properties that found no bug, where the whole catalogue was run; else empty. */
  unbroken: Schema.Array(Schema.String),
});

export type ViolationRow = typeof ViolationSchema.Type;
export type SuiteResult = typeof SuiteResultSchema.Type;
export type CampaignResult = typeof CampaignResultSchema.Type;
export type BugResult = typeof BugResultSchema.Type;
export type BugsResult = typeof BugsResultSchema.Type;
