import * as Schema from "effect/Schema";
import type { TraceLine } from "../simulator/trace.ts";
import { runScenario } from "./run.ts";
import type { Scenario } from "./scenario.ts";
import { whole } from "./schema.ts";
import type { AnySuite } from "./suite.ts";

/** The version of the failure file's own shape. */
export const FAILURE_FORMAT = 1;

/** What is in a failure file besides the scenarios, which their suite's schema checks. */
export const FailureSchema = Schema.Struct({
  format: Schema.Literal(FAILURE_FORMAT),
  /** Versions of what wrote it. */
  seatrial: Schema.String,
  node: Schema.String,
  suite: Schema.String,
  /** The seeded bug that was in the model, or null. */
  bug: Schema.NullOr(Schema.String),
  property: Schema.String,
  explanation: Schema.String,
  evidence: Schema.Record(Schema.String, Schema.Unknown),
  /** Where it came from: the campaign's seed, profile and run; null for a scenario given by hand. */
  origin: Schema.NullOr(Schema.Struct({ seed: Schema.Number, profile: Schema.String, run: whole(0, 1e15) })),
  /** The scenario to replay: the shrunk one, or the original where it was not shrunk. */
  scenario: Schema.Unknown,
  traceHash: Schema.String,
  events: whole(0, 1e15),
  /** Virtual time of the violation, in microseconds. */
  atUs: whole(0, 1e15),
  /** The rolling hash after each event, 8 hexadecimal digits each, up to {@link EVENT_HASHES_MAX} events. */
  eventHashes: Schema.String,
  /** As generated, before shrinking; null where it was not shrunk. */
  original: Schema.NullOr(
    Schema.Struct({
      scenario: Schema.Unknown,
      traceHash: Schema.String,
      events: whole(0, 1e15),
      explanation: Schema.String,
    }),
  ),
  /** What shrinking cost; null where it was not shrunk. */
  shrinking: Schema.NullOr(
    Schema.Struct({
      executions: whole(1, 1e9),
      events: whole(0, 1e15),
      seconds: Schema.Number,
      exhausted: Schema.Boolean,
    }),
  ),
  /** The command that replays it, from the top of the project. */
  replay: Schema.String,
});

/** A violation, with all that is needed to see it again. */
export interface Failure extends Omit<typeof FailureSchema.Type, "scenario" | "original"> {
  readonly scenario: Scenario;
  readonly original:
    | (Omit<NonNullable<(typeof FailureSchema.Type)["original"]>, "scenario"> & { readonly scenario: Scenario })
    | null;
}

/** So many events have their hash in the failure file. */
export const EVENT_HASHES_MAX = 5000;

/** The rolling hash after each event of a run, for {@link Failure.eventHashes}. */
export function eventHashes(suite: AnySuite, scenario: Scenario): string {
  const hashes: string[] = [];
  const trace = {
    tell(event: number, _atUs: number, _process: string, _text: string, hash: number) {
      if (event < EVENT_HASHES_MAX) hashes[event] = hash.toString(16).padStart(8, "0");
    },
  };
  runScenario(suite, scenario, { trace });
  return Array.from(hashes, (hash) => hash ?? "--------").join("");
}

/** The first event whose hash differs from the recorded one, or null when none of the recorded ones does. */
export function firstChangedEvent(recorded: string, lines: readonly TraceLine[]): TraceLine | null {
  const lastOf = new Map<number, TraceLine>();
  for (const line of lines) lastOf.set(line.event, line);
  for (let event = 0; event * 8 < recorded.length; event++) {
    const was = recorded.slice(event * 8, event * 8 + 8);
    const line = lastOf.get(event);
    const is = line === undefined ? "--------" : line.hash.toString(16).padStart(8, "0");
    if (was !== is) return line ?? lines.at(-1) ?? null;
  }
  return null;
}
