import type { RaftState, RaftTypes } from "../../models/raft/types.ts";
import type { MonitorContext, Property } from "../../src/checkers/property.ts";
import type { ProcessView } from "../../src/simulator/system.ts";

/** A property of a Raft cluster, whatever the application that it replicates. */
export type RaftProperty = Property<RaftTypes<unknown>>;

/** What its monitor may see and say. */
export type RaftContext = MonitorContext<RaftTypes<unknown>>;

/** A member as a property sees it. */
export type Member = ProcessView<RaftTypes<unknown>>;

/** What a member has in memory. */
export type MemberState = RaftState<unknown>;
