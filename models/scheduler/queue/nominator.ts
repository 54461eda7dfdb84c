/** Pods that are to be on a node, as others make room for them there (kubernetes pkg/scheduler/backend/queue/nominator.go). */
import { emptyOrderedMap, mapDelete, mapGet, mapSet } from "../../kernel/index.ts";
import type { Uid } from "../../machinery/kinds/index.ts";
import type { PodInfo } from "../framework/pod-info.ts";
import type { Nomination, Nominator } from "../types.ts";

export const EMPTY_NOMINATOR: Nominator = Object.freeze({
  byPod: emptyOrderedMap<Nomination>(),
  byNode: emptyOrderedMap<readonly PodInfo[]>(),
});

/** addNominatedPodUnlocked: it is nominated once. */
export function nominated(nominator: Nominator, uid: Uid, pod: PodInfo, node: string): Nominator {
  const { byPod, byNode } = unnominated(nominator, uid);
  const others = mapGet(byNode, node) ?? [];
  return { byPod: mapSet(byPod, uid, { node, pod }), byNode: mapSet(byNode, node, [...others, pod]) };
}

/** deleteUnlocked. The same value when it is not nominated. */
export function unnominated(nominator: Nominator, uid: Uid): Nominator {
  const nomination = mapGet(nominator.byPod, uid);
  if (nomination === undefined) return nominator;
  const others = mapGet(nominator.byNode, nomination.node)!.filter(({ pod }) => pod.metadata.uid !== uid);
  const byNode =
    others.length === 0
      ? mapDelete(nominator.byNode, nomination.node)
      : mapSet(nominator.byNode, nomination.node, others);
  return { byPod: mapDelete(nominator.byPod, uid), byNode };
}
