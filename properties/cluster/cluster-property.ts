import type { ClusterTypes } from "../../models/cluster/types.ts";
import type { Input } from "../../models/kernel/index.ts";
import type { MemberTypes } from "../../models/store/types.ts";
import type { MonitorContext, Property } from "../../src/checkers/property.ts";
import type { ProcessView } from "../../src/simulator/system.ts";

/** A property of a cluster: of the store, the API servers, the controllers, and the nodes. */
export type ClusterProperty = Property<ClusterTypes>;

/** What its monitor may see and say. */
export type ClusterContext = MonitorContext<ClusterTypes>;

/** A process as a property sees it. */
export type ClusterProcess = ProcessView<ClusterTypes>;
export type ClusterState = ClusterTypes["state"];
export type ClusterMessage = ClusterTypes["message"];
export type ClusterInput = Input<ClusterTypes>;
export type Member = ProcessView<MemberTypes>;

/** Whether a process is a member of the store. */
export function isMember(process: ClusterProcess): process is Member & ClusterProcess {
  return process.config.kind === "member";
}
