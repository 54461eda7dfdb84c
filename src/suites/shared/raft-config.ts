import * as Schema from "effect/Schema";
import type { Micros } from "../../../models/kernel/index.ts";
import type { Configuration, MemberId, RaftConfig } from "../../../models/raft/types.ts";
import { defaulting, whole, within } from "../../harness/schema.ts";
import type { Contradiction } from "./names.ts";

/** How members are configured; the fields are those of RaftConfig, with durations in milliseconds. */
export const raftConfigFields = {
  heartbeatIntervalMs: defaulting(within(1, 60_000), 100),
  electionTimeoutMs: defaulting(within(2, 600_000), 1000),
  electionTimeoutMaxMs: defaulting(within(2, 600_000), 2000),
  preVote: defaulting(Schema.Boolean, true),
  checkQuorum: defaulting(Schema.Boolean, true),
  readMode: defaulting(Schema.Literals(["readIndex", "lease"]), "readIndex"),
  clockDriftBound: defaulting(within(1, 2), 1.1),
  pipelining: defaulting(Schema.Boolean, true),
  inflightAppendsMax: defaulting(whole(1, 1024), 8),
  entriesPerAppendMax: defaulting(whole(1, 10_000), 16),
  fastBackup: defaulting(Schema.Boolean, true),
  snapshotEntries: defaulting(whole(0, 1_000_000), 0),
  snapshotCatchUpEntries: defaulting(whole(0, 1_000_000), 5),
  pendingProposalsMax: defaulting(whole(1, 1_000_000), 256),
  promotionLagMax: defaulting(whole(0, 1_000_000), 10),
  forwardReads: defaulting(Schema.Boolean, true),
  autoLeave: defaulting(Schema.Boolean, true),
} as const;

/** The part of a scenario's configuration that is Raft's. */
export type RaftConfigSpec = Schema.Struct.Type<typeof raftConfigFields>;

/** A duration of a scenario in the unit of the machines. */
export function us(ms: number): Micros {
  return Math.round(ms * 1000);
}

/** How a member is started. */
export function raftConfigOf(spec: RaftConfigSpec, id: MemberId, initialConfiguration: Configuration): RaftConfig {
  const { heartbeatIntervalMs, electionTimeoutMs, electionTimeoutMaxMs, ...rest } = spec;
  return {
    ...rest,
    id,
    initialConfiguration,
    heartbeatIntervalUs: us(heartbeatIntervalMs),
    electionTimeoutUs: us(electionTimeoutMs),
    electionTimeoutMaxUs: us(electionTimeoutMaxMs),
  };
}

/** What contradicts itself in Raft's part of `system.config`. */
export function raftConfigContradiction(config: RaftConfigSpec): Contradiction | null {
  if (config.electionTimeoutMaxMs < config.electionTimeoutMs)
    return { path: ["system", "config", "electionTimeoutMaxMs"], message: "Expected at least electionTimeoutMs" };
  if (config.heartbeatIntervalMs >= config.electionTimeoutMs)
    return { path: ["system", "config", "heartbeatIntervalMs"], message: "Expected less than electionTimeoutMs" };
  if (config.readMode === "lease" && !config.checkQuorum)
    return {
      path: ["system", "config", "readMode"],
      message: "Expected readIndex where checkQuorum is off: leases need it",
    };
  return null;
}
