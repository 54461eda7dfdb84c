import * as Schema from "effect/Schema";
import type { Fault, FaultPointSpec } from "../simulator/faults.ts";
import { defaulting, Milliseconds, Rate, whole, within } from "./schema.ts";

/** How messages travel while no fault is on. */
export const NetworkProfileSchema = Schema.Struct({
  latencyMinUs: defaulting(whole(0, 10_000_000), 200),
  latencyJitterUs: defaulting(whole(0, 10_000_000), 300),
  tailDoublingsMax: defaulting(whole(0, 20), 6),
  loss: defaulting(Rate, 0),
  duplicate: defaulting(Rate, 0),
  reorder: defaulting(Rate, 0),
});

/** How long an fsync takes while no fault is on. */
export const DiskProfileSchema = Schema.Struct({
  syncMinUs: defaulting(whole(0, 10_000_000), 100),
  syncJitterUs: defaulting(whole(0, 10_000_000), 100),
  tailDoublingsMax: defaulting(whole(0, 20), 6),
});

/** How far the hosts' clocks are off. */
export const ClockProfileSchema = Schema.Struct({
  driftMax: defaulting(within(0, 0.5), 0),
  skewMaxUs: defaulting(whole(0, 86_400_000_000), 0),
});

/** Who chooses what happens next while there is chaos. After the heal, what is due first happens first. */
export const ScheduleSchema = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("timed") }),
  /** Probabilistic concurrency testing; see pctChooser. */
  Schema.Struct({
    kind: Schema.Literal("pct"),
    depth: whole(1, 20),
    windowMs: Milliseconds,
    steps: whole(1, 10_000_000),
  }),
  Schema.Struct({ kind: Schema.Literal("random"), windowMs: Milliseconds }),
  Schema.Struct({ kind: Schema.Literal("replay"), windowMs: Milliseconds, choices: Schema.Array(whole(0, 1_000_000)) }),
]);

/** A place in a process's work, for faults and operations that wait for it; see FaultPointSpec. */
export const PointSchema = Schema.Struct({
  process: Schema.optionalKey(Schema.String),
  effect: Schema.Literals(["send", "persist", "setTimer", "cancelTimer", "reply", "note"]),
  detail: Schema.optionalKey(Schema.String),
  nth: defaulting(whole(1, 1_000_000), 1),
  edge: defaulting(Schema.Literals(["before", "after"]), "after"),
});

const start = { atMs: defaulting(Milliseconds, 0), on: Schema.optionalKey(PointSchema) };
const target = { ...start, target: Schema.String };
const lasting = { durationMs: Milliseconds };
const between = { ...start, ...lasting, from: Schema.String, to: Schema.String };
const noise = {
  loss: Schema.optionalKey(Rate),
  duplicate: Schema.optionalKey(Rate),
  reorder: Schema.optionalKey(Rate),
  delayMs: Schema.optionalKey(Milliseconds),
};

/** Trouble; what each kind means stands with the type {@link Fault}. */
export const FaultSchema = Schema.Union([
  Schema.Struct({
    kind: Schema.Literal("crash"),
    ...target,
    downMs: Milliseconds,
    torn: defaulting(Schema.Boolean, false),
  }),
  Schema.Struct({ kind: Schema.Literal("kill"), ...target, downMs: Milliseconds }),
  Schema.Struct({ kind: Schema.Literal("pause"), ...target, ...lasting }),
  Schema.Struct({ kind: Schema.Literal("slow"), ...target, ...lasting, stepUs: whole(1, 10_000_000) }),
  Schema.Struct({
    kind: Schema.Literal("partition"),
    ...start,
    ...lasting,
    side: Schema.Array(Schema.String).check(Schema.isMinLength(1)),
    direction: defaulting(Schema.Literals(["both", "in", "out"]), "both"),
  }),
  Schema.Struct({ kind: Schema.Literal("link"), ...between, ...noise }),
  Schema.Struct({
    kind: Schema.Literal("clog"),
    ...between,
    messages: Schema.optionalKey(Schema.Array(Schema.String).check(Schema.isMinLength(1))),
  }),
  Schema.Struct({ kind: Schema.Literal("storm"), ...start, ...lasting, ...noise }),
  Schema.Struct({ kind: Schema.Literal("slowDisk"), ...target, ...lasting, syncMs: Milliseconds }),
  Schema.Struct({ kind: Schema.Literal("fullDisk"), ...target, ...lasting }),
  Schema.Struct({ kind: Schema.Literal("corrupt"), ...target }),
  Schema.Struct({ kind: Schema.Literal("clockRate"), ...target, ...lasting, rate: within(0.5, 2) }),
  Schema.Struct({ kind: Schema.Literal("clockJump"), ...target, byMs: within(-3_600_000, 3_600_000) }),
]);

/** What a scenario of a library says of itself, and is held to. */
export const ExpectationSchema = Schema.Struct({
  verdict: defaulting(Schema.Literals(["holds", "violated"]), "holds"),
  /** The property that is violated, where the verdict is `violated`. */
  property: Schema.optionalKey(Schema.String),
  /** `sometimes` properties that the run reaches, and that it does not. */
  reached: defaulting(Schema.Array(Schema.String), []),
  notReached: defaulting(Schema.Array(Schema.String), []),
});

/** @param settleMs how long a suite's system has by default to come to rest */
export function phasesSchema(settleMs: number) {
  return Schema.Struct({
    /** How long workload and faults go on. */
    chaosMs: Milliseconds,
    /** After the heal, all must be well within this time. */
    settleMs: defaulting(Milliseconds, settleMs),
    /** Processes that do not come back at the heal, as far as the system must bear it. */
    stayDown: defaulting(Schema.Array(Schema.String), []),
  });
}

/** The fields that the scenarios of all suites share. A suite adds `system` and `workload`. */
export const scenarioFields = {
  suite: Schema.String,
  title: Schema.optionalKey(Schema.String),
  seed: defaulting(whole(-2_147_483_648, 4_294_967_295), 1),
  schedule: defaulting(ScheduleSchema, { kind: "timed" }),
  network: defaulting(NetworkProfileSchema, {}),
  disk: defaulting(DiskProfileSchema, {}),
  clock: defaulting(ClockProfileSchema, {}),
  faults: defaulting(Schema.Array(FaultSchema), []),
  phases: phasesSchema(60_000),
  expect: Schema.optionalKey(ExpectationSchema),
} as const;

type Fields = Schema.Struct.Type<typeof scenarioFields>;

/** One operation of the workload; each suite has its own kinds. */
export interface Operation {
  readonly kind: string;
  /** When, in milliseconds from the start of the run; with `on`, from when its point is waited for. */
  readonly atMs: number;
  /** It comes when a process reaches this point, and may name that process as `self`. */
  readonly on?: FaultPointSpec;
}

/** All that decides a run, as plain data: the same scenario gives the same trace hash everywhere. */
export interface Scenario<Spec = unknown, Op extends Operation = Operation> extends Fields {
  readonly system: Spec;
  readonly workload: readonly Op[];
}

// The schema and the simulator's type of a fault are one and the same; the compiler proves it, both ways.
type SchemaFault = typeof FaultSchema.Type;
const _schemaFitsType: (fault: SchemaFault) => Fault = (fault) => fault;
const _typeFitsSchema: (fault: Fault) => SchemaFault = (fault) => fault;
void _schemaFitsType;
void _typeFitsSchema;
