import { mapEach, mapHas } from "../kernel/index.ts";
import type { PodSnapshot } from "../runtime/types.ts";
import { houseKeep } from "./cri.ts";
import { note } from "./notes.ts";
import type { KubeletTurn } from "./turn.ts";
import { addOrphan } from "./workers.ts";

/**
 * Stops what runs without a pod (kubernetes pkg/kubelet/kubelet_pods.go, HandlePodCleanups). Before the sources have told
 * all of their pods nobody knows that they have none for it (kubelet.go, sourcesReady).
 */
export function cleanUpPods(turn: KubeletTurn): void {
  const orphans: PodSnapshot[] = [];
  mapEach(turn.runtime.pods, "", null, (snapshot, uid) => {
    if (!mapHas(turn.workers, uid)) orphans.push(snapshot);
  });
  if (orphans.length === 0) return;
  if (!turn.api.view("pods").synced || !turn.runtime.isSynced) {
    turn.note(note.orphanUnsure);
    houseKeep(turn);
    return;
  }
  for (const orphan of orphans) addOrphan(turn, orphan);
}
