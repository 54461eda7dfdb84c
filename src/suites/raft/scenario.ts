import * as Schema from "effect/Schema";
import { PointSchema, scenarioFields } from "../../harness/scenario.ts";
import { defaulting, Milliseconds, whole } from "../../harness/schema.ts";
import { raftConfigFields } from "../shared/raft-config.ts";

/** The cluster: its members are called m1, m2, …, voters first, then learners, then spares. */
export const SystemSchema = Schema.Struct({
  voters: whole(1, 9),
  learners: defaulting(whole(0, 4), 0),
  /** Members that are not in the first configuration, and can be added. */
  spares: defaulting(whole(0, 4), 0),
  config: defaulting(Schema.Struct(raftConfigFields), {}),
  /** What is different for some members, by their ids: a mixed cluster. */
  overrides: defaulting(
    Schema.Record(
      Schema.String,
      Schema.Struct({
        preVote: Schema.optionalKey(Schema.Boolean),
        checkQuorum: Schema.optionalKey(Schema.Boolean),
      }),
    ),
    {},
  ),
});

const at = { atMs: defaulting(Milliseconds, 0), on: Schema.optionalKey(PointSchema) };
/** `to` is a member's id, a role such as `leader`, or `self`: the member that reached the point in `on`. */
const asked = { ...at, to: defaulting(Schema.String, "leader") };

const change = <K extends string>(kind: K) => Schema.Struct({ kind: Schema.Literal(kind), member: Schema.String });

/** What the clients of a Raft cluster do. */
export const OperationSchema = Schema.Union([
  /** `count` proposals at once, whose commands are `command`, `command.1`, … */
  Schema.Struct({
    kind: Schema.Literal("propose"),
    ...asked,
    command: Schema.String,
    count: defaulting(whole(1, 1000), 1),
  }),
  Schema.Struct({ kind: Schema.Literal("read"), ...asked }),
  Schema.Struct({
    kind: Schema.Literal("changeMembership"),
    ...asked,
    changes: Schema.Array(
      Schema.Union([
        change("addVoter"),
        change("addLearner"),
        change("promoteLearner"),
        change("demoteVoter"),
        change("removeMember"),
      ]),
    ).check(Schema.isMinLength(1)),
    joint: defaulting(Schema.Boolean, false),
  }),
  Schema.Struct({ kind: Schema.Literal("leaveJoint"), ...asked }),
  /** Asks the leader to hand over to a member. */
  Schema.Struct({ kind: Schema.Literal("transferLeadership"), ...asked, target: Schema.String }),
]);

export const RaftScenarioSchema = Schema.Struct({
  ...scenarioFields,
  suite: Schema.Literal("raft"),
  system: SystemSchema,
  workload: defaulting(Schema.Array(OperationSchema), []),
});

export type RaftSystemSpec = typeof SystemSchema.Type;
export type RaftOperation = typeof OperationSchema.Type;
export type RaftScenario = typeof RaftScenarioSchema.Type;

/** The ids of all members of a scenario, in the order of their processes. */
export function memberIdsOf({
  voters,
  learners,
  spares,
}: Pick<RaftSystemSpec, "voters" | "learners" | "spares">): string[] {
  return Array.from({ length: voters + learners + spares }, (_, i) => `m${i + 1}`);
}
