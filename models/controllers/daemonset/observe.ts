import { mapDelete, mapEach } from "../../kernel/index.ts";
import { forgetExpectations } from "../../machinery/client/expectations.ts";
import type { InformerEvent } from "../../machinery/client/types.ts";
import { deepEqual } from "../../machinery/equality.ts";
import type { DaemonSet, Node } from "../../machinery/kinds/index.ts";
import { keyOf } from "../../machinery/meta.ts";
import { type PodSetKind, podChanged } from "../shared/pod-events.ts";
import { fitnessOf } from "./nodes.ts";
import type { DaemonSetState, DaemonSetTurn } from "./types.ts";

const DAEMON_SETS: PodSetKind = { kind: "DaemonSet", resource: "daemonsets", looksAtOldLabels: false };

/** kubernetes pkg/controller/daemon/daemon_controller.go, the handlers that NewDaemonSetsController sets. */
export function observe(turn: DaemonSetTurn, event: InformerEvent): void {
  switch (event.resource) {
    case "daemonsets":
      setChanged(turn, event);
      return;
    case "nodes":
      nodeChanged(turn, event);
      return;
    case "pods":
      podChanged(turn, DAEMON_SETS, event);
      return;
  }
}

function setChanged(turn: DaemonSetTurn, { type, key, old, object }: InformerEvent): void {
  const isSuccessor = type === "updated" && old?.metadata.uid !== object.metadata.uid;
  if (type === "deleted" || isSuccessor) {
    const { expectations, backoffs } = turn.state;
    const uid = (old ?? object).metadata.uid ?? "";
    turn.state = { expectations: forgetExpectations(expectations, key), backoffs: withoutSet(backoffs, uid) };
  }
  turn.enqueue(key);
}

function withoutSet(backoffs: DaemonSetState["backoffs"], uid: string): DaemonSetState["backoffs"] {
  let kept = backoffs;
  mapEach(backoffs, `${uid}/`, `${uid}0`, (_backoff, key) => {
    kept = mapDelete(kept, key);
  });
  return kept;
}

/** addNode, updateNode: only what changes for a set wakes it. */
function nodeChanged(turn: DaemonSetTurn, { type, old, object }: InformerEvent): void {
  if (type === "deleted" || type === "resync") return;
  const node = object as Node;
  const before = old as Node | null;
  if (before !== null && isSameForDaemons(before, node)) return;
  for (const set of turn.view<DaemonSet>("daemonsets").list()) {
    const now = fitnessOf(node, set);
    const was = before === null ? null : fitnessOf(before, set);
    if (was === null ? now.shouldRun : was.shouldRun !== now.shouldRun || was.shouldContinue !== now.shouldContinue)
      turn.enqueue(keyOf(set));
  }
}

/** shouldIgnoreNodeUpdate: heartbeats say nothing about where daemons run. */
function isSameForDaemons(one: Node, two: Node): boolean {
  return deepEqual(one.metadata.labels, two.metadata.labels) && deepEqual(one.spec?.taints, two.spec?.taints);
}
