import type { InformerEvent } from "../../machinery/client/types.ts";
import { deepEqual } from "../../machinery/equality.ts";
import type { Deployment, KubeObject, OwnerReference, Pod, ReplicaSet } from "../../machinery/kinds/index.ts";
import { controllerOf, isDeleting, keyFor, keyOf } from "../../machinery/meta.ts";
import { enqueueMatching, type OwnerKind, resolveOwner } from "../shared/owners.ts";
import type { DeploymentTurn } from "./types.ts";

const DEPLOYMENTS: OwnerKind = { kind: "Deployment", resource: "deployments" };

/** kubernetes pkg/controller/deployment/deployment_controller.go, the handlers that NewDeploymentController sets. */
export function observe(turn: DeploymentTurn, event: InformerEvent): void {
  switch (event.resource) {
    case "deployments":
      turn.enqueue(event.key);
      return;
    case "replicasets":
      setChanged(turn, event);
      return;
    case "pods":
      if (event.type === "deleted") podDeleted(turn, event.object as Pod);
      return;
  }
}

/** addReplicaSet, updateReplicaSet, deleteReplicaSet. */
function setChanged(turn: DeploymentTurn, { type, old, object }: InformerEvent): void {
  const controller = controllerOf(object);
  if (type === "deleted" || (type === "added" && isDeleting(object))) {
    if (controller !== null) enqueueOwner(turn, object, controller);
    return;
  }
  if (type === "resync" || (old !== null && old.metadata.resourceVersion === object.metadata.resourceVersion)) return;
  const before = old === null ? null : controllerOf(old);
  const handedOver = old !== null && !deepEqual(before, controller);
  if (handedOver && before !== null) enqueueOwner(turn, old, before);
  if (controller !== null) {
    enqueueOwner(turn, object, controller);
    return;
  }
  if (old === null || handedOver || !deepEqual(old.metadata.labels, object.metadata.labels))
    enqueueMatching(turn, DEPLOYMENTS.resource, object);
}

/** A deployment that recreates goes on when the last of its pods is gone (deletePod). */
function podDeleted(turn: DeploymentTurn, pod: Pod): void {
  const controller = controllerOf(pod);
  if (controller === null || controller.kind !== "ReplicaSet") return;
  const sets = turn.view<ReplicaSet>("replicasets");
  const set = sets.byKey(keyFor(pod.metadata.namespace ?? "", controller.name));
  if (set === null || set.metadata.uid !== controller.uid) return;
  const owner = controllerOf(set);
  const deployment = owner === null ? null : resolveOwner<Deployment>(turn, DEPLOYMENTS, set.metadata.namespace, owner);
  if (deployment === null || deployment.spec.strategy?.type !== "Recreate") return;
  const pods = turn.view<Pod>("pods");
  const all = sets.byIndex("byController", deployment.metadata.uid ?? "");
  if (all.every(({ metadata }) => pods.byIndex("byController", metadata.uid ?? "").length === 0))
    turn.enqueue(keyOf(deployment));
}

function enqueueOwner(turn: DeploymentTurn, set: KubeObject, controller: OwnerReference): void {
  const deployment = resolveOwner<Deployment>(turn, DEPLOYMENTS, set.metadata.namespace, controller);
  if (deployment !== null) turn.enqueue(keyOf(deployment));
}
