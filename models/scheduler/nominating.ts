/** Who is nominated where (kubernetes pkg/scheduler/backend/queue/nominator.go, with its lister of pods). */
import { mapGet } from "../kernel/index.ts";
import type { Pod } from "../machinery/kinds/index.ts";
import { keyOf } from "../machinery/meta.ts";
import { podInfoOf } from "./framework/pod-info.ts";
import { note } from "./notes.ts";
import { nominated, unnominated } from "./queue/nominator.ts";
import type { Run } from "./run.ts";

/**
 * AddNominatedPod: to the node that is given, or else where its status says. Empty: nowhere any more. `pod` is as it was
 * tried.
 */
export function nominate(run: Run, pod: Pod, node: string | null): void {
  const uid = pod.metadata.uid ?? "";
  const { queue } = run.state;
  const name = node ?? pod.status?.nominatedNodeName ?? "";
  let nominator = node === null && name === "" ? queue.nominator : unnominated(queue.nominator, uid);
  if (name !== "") {
    const now = run.pod(keyOf(pod), uid);
    // If the pod has gone, or has its node, nobody would ever clear its nomination.
    if (now === null || (now.spec.nodeName ?? "") !== "") run.note(note.nominationTooLate);
    else nominator = nominated(nominator, uid, podInfoOf(now), name);
  }
  if (nominator !== queue.nominator) run.keep({ queue: { ...queue, nominator } });
}

/** UpdateNominatedPod: a pod that is nominated here, but whose status does not say so yet, stays nominated. */
export function renominate(run: Run, old: Pod, pod: Pod): void {
  const uid = pod.metadata.uid ?? "";
  const { nominator } = run.state.queue;
  const known = mapGet(nominator.byPod, uid);
  const before = old.status?.nominatedNodeName ?? "";
  const now = pod.status?.nominatedNodeName ?? "";
  if (known === undefined && now === "") return;
  if (known !== undefined && before === "" && now === "") run.note(note.nominationHeld);
  nominate(run, pod, before === "" && now === "" && known !== undefined ? known.node : now);
}
