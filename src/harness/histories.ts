import * as Schema from "effect/Schema";

const Count = Schema.Int;

/** A call of a history, as evidence shows it. */
const CallRow = {
  process: Schema.String,
  /** The operation and its answer: `read() = 4`. */
  operation: Schema.String,
  /** The line of its invocation. */
  line: Count,
  /** The line of its answer; null where its outcome is unknown. */
  answeredLine: Schema.NullOr(Count),
};

/** What shows that a history is not linearizable. */
const EvidenceSchema = Schema.Struct({
  /** The key that it is about; null for models without keys. */
  partition: Schema.NullOr(Schema.String),
  /** How many calls there are: of that key, where there is one. */
  calls: Count,
  /** How many of them can be put into an order that explains their answers. */
  ordered: Count,
  /** The last of that order, with the state after each. */
  last: Schema.Array(Schema.Struct({ ...CallRow, state: Schema.String })),
  /** The calls of which one would have to come next, and why none can. */
  stuck: Schema.Array(Schema.Struct({ ...CallRow, reason: Schema.String })),
});

/** A file of `seatrial check-history --json FILE`. */
const HistoryResultSchema = Schema.Struct({
  file: Schema.String,
  /** null where the file is not as it must be: then nothing is said of the history. */
  verdict: Schema.NullOr(Schema.Literals(["linearizable", "notLinearizable", "unknown"])),
  format: Schema.NullOr(Schema.Literals(["jepsen-log", "edn", "json-lines"])),
  /** All calls of the history. */
  operations: Count,
  /** Those that did not take effect, and a cas that was not equal. */
  failed: Count,
  /** Those whose outcome is unknown. */
  unanswered: Count,
  /** For reading and checking. */
  milliseconds: Schema.Number,
  /** Why it is unknown; else null. */
  reason: Schema.NullOr(Schema.String),
  /** Where it is not linearizable; else null. */
  evidence: Schema.NullOr(EvidenceSchema),
  /** What is wrong with the file, in the order of its lines, the first of it. */
  flaws: Schema.Array(
    Schema.Struct({ line: Schema.NullOr(Count), field: Schema.NullOr(Schema.String), message: Schema.String }),
  ),
  /** How many flaws there are in all. */
  flawsFound: Count,
});

/** What `seatrial check-history --json FILE` writes. */
export const HistoriesResultSchema = Schema.Struct({
  format: Schema.Literal(1),
  seatrial: Schema.String,
  node: Schema.String,
  model: Schema.String,
  files: Schema.Array(HistoryResultSchema),
});

export type HistoryEvidence = typeof EvidenceSchema.Type;
export type HistoryResult = typeof HistoryResultSchema.Type;
export type HistoriesResult = typeof HistoriesResultSchema.Type;
