import { forgetExpectations } from "../../machinery/client/expectations.ts";
import type { InformerEvent } from "../../machinery/client/types.ts";
import { type PodSetKind, podChanged } from "../shared/pod-events.ts";
import type { ReplicaSetTurn } from "./types.ts";

const REPLICA_SETS: PodSetKind = { kind: "ReplicaSet", resource: "replicasets", looksAtOldLabels: true };

/** kubernetes pkg/controller/replicaset/replica_set.go, the handlers that NewBaseController sets. */
export function observe(turn: ReplicaSetTurn, event: InformerEvent): void {
  if (event.resource === "replicasets") setChanged(turn, event);
  else podChanged(turn, REPLICA_SETS, event);
}

/** addRS, updateRS, deleteRS: what was expected of a set that is gone is forgotten, so that it counts not for its successor. */
function setChanged(turn: ReplicaSetTurn, { type, key, old, object }: InformerEvent): void {
  const isSuccessor = type === "updated" && old?.metadata.uid !== object.metadata.uid;
  if (type === "deleted" || isSuccessor)
    turn.state = { expectations: forgetExpectations(turn.state.expectations, key) };
  turn.enqueue(key);
}
