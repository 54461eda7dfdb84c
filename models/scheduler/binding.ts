/** A pod on the way to its node (kubernetes pkg/scheduler/schedule_one.go, bindingCycle): one request after the other. */
import { mapDelete, mapEntries, mapGet, mapSet } from "../kernel/index.ts";
import { bindRequest, updateRequest } from "../machinery/client/requests.ts";
import type { Answer } from "../machinery/client/types.ts";
import type { Node, PersistentVolume, PersistentVolumeClaim } from "../machinery/kinds/index.ts";
import { annotationOf, keyOf, revisionOf } from "../machinery/meta.ts";
import { failureOf, isSuccess, objectOf } from "../machinery/status.ts";
import { finishBinding, forgetPod } from "./cache.ts";
import { type AttemptFailure, fail } from "./failing.ts";
import type { PodInfo } from "./framework/pod-info.ts";
import { note } from "./notes.ts";
import { isClaimBound, SELECTED_NODE } from "./plugins/claims.ts";
import { isVolumeUsableAt } from "./plugins/volume-match.ts";
import { emit, type RequestTag } from "./reporting.ts";
import type { Run } from "./run.ts";
import { storageKeyOf, type Written, withoutAssumed } from "./storage.ts";
import type { BindingCycle, QueuedPod } from "./types.ts";

export function startBinding(
  run: Run,
  queued: QueuedPod,
  pod: PodInfo,
  node: string,
  writes: readonly Written[],
): void {
  proceed(run, {
    queued,
    pod,
    node,
    phase: writes.length === 0 ? "binding" : "writing",
    toWrite: writes,
    written: [],
    deadline: run.now + run.config.bindTimeoutUs,
  });
}

/** The next request of a cycle: what its volumes need (binder.go, bindAPIUpdate), and then the binding. */
function proceed(run: Run, cycle: BindingCycle): void {
  const { uid } = cycle.queued;
  const tag: RequestTag = { of: "binding", uid, number: 0 };
  run.keep({ bindings: mapSet(run.state.bindings, uid, cycle) });
  const request = cycle.phase === "writing" ? updateRequest(cycle.toWrite[0]!) : bindRequest(cycle.pod.pod, cycle.node);
  run.api.call(request, { ...tag });
}

export function bindingAnswered(run: Run, uid: string, { response }: Answer): void {
  const cycle = mapGet(run.state.bindings, uid);
  if (cycle === undefined) return;
  run.keep({ bindings: mapDelete(run.state.bindings, uid) });
  const written = objectOf<Written>(response);
  if (cycle.phase === "writing") {
    if (written !== null) volumeWritten(run, cycle, written);
    else {
      run.note(note.volumesRefused);
      bindingFailed(run, cycle, `running PreBind plugin "VolumeBinding": ${failureOf(response)?.message ?? "timeout"}`);
    }
    return;
  }
  if (!isSuccess(response)) {
    run.note(response === null ? note.bindUnknown : note.bindFailed);
    bindingFailed(run, cycle, `binding rejected: ${failureOf(response)?.message ?? "timeout"}`);
    return;
  }
  // It stays assumed until it is seen bound.
  run.note(note.bound);
  run.keep({ cache: finishBinding(run.state.cache, uid) });
  emit(run, cycle.pod.pod, "Normal", "Scheduled", `Successfully assigned ${cycle.queued.key} to ${cycle.node}`);
}

/** binder.go, BindPodVolumes: all are written, and then it waits until they are bound. */
function volumeWritten(run: Run, cycle: BindingCycle, object: Written): void {
  const next: BindingCycle = { ...cycle, toWrite: cycle.toWrite.slice(1), written: [...cycle.written, object] };
  if (next.toWrite.length > 0) {
    proceed(run, next);
    return;
  }
  run.note(note.volumesWritten);
  const waiting: BindingCycle = { ...next, phase: "waiting" };
  run.keep({ waiting: mapSet(run.state.waiting, cycle.queued.uid, waiting) });
  checkVolumes(run, waiting);
}

/** What has become of a claim or a volume that was written for a pod. */
type Progress = "bound" | "pending" | { readonly flaw: string };

/** binder.go, checkBindings: once all are bound, the pod is; where one has changed its mind, it begins anew. */
function checkVolumes(run: Run, cycle: BindingCycle): void {
  const progress = progressOf(run, cycle);
  if (progress === "pending") return;
  run.keep({ waiting: mapDelete(run.state.waiting, cycle.queued.uid) });
  if (progress === "bound") {
    run.note(note.volumesBound);
    proceed(run, { ...cycle, phase: "binding" });
    return;
  }
  run.note(note.volumesLost);
  bindingFailed(run, cycle, `running PreBind plugin "VolumeBinding": ${progress.flaw}`);
}

function progressOf(run: Run, { written, node: name }: BindingCycle): Progress {
  const node = run.api.view<Node>("nodes").byKey(name);
  if (node === null) return { flaw: `node "${name}" not found` };
  let isPending = false;
  for (const object of written) {
    const progress =
      object.kind === "PersistentVolume"
        ? volumeProgress(run, object, node)
        : claimProgress(run, object as PersistentVolumeClaim, node);
    if (typeof progress === "object") return progress;
    if (progress === "pending") isPending = true;
  }
  return isPending ? "pending" : "bound";
}

function volumeProgress(run: Run, written: PersistentVolume, node: Node): Progress {
  const volume = run.api.view<PersistentVolume>("persistentvolumes").byKey(keyOf(written));
  if (volume === null) return { flaw: `persistentvolume "${written.metadata.name}" not found` };
  const { claimRef } = written.spec;
  const claims = run.api.view<PersistentVolumeClaim>("persistentvolumeclaims");
  const claim = claims.get(claimRef?.namespace ?? "", claimRef?.name ?? "");
  if (claim === null) return { flaw: `persistentvolumeclaim "${claimRef?.name ?? ""}" not found` };
  // What is seen is older than what was written.
  if (revisionOf(volume) < revisionOf(written)) return "pending";
  if (!isVolumeUsableAt(volume, node)) return { flaw: `pv "${volume.metadata.name}" node affinity doesn't match node` };
  if ((volume.spec.claimRef?.uid ?? "") === "") return { flaw: `ClaimRef got reset for pv "${volume.metadata.name}"` };
  return isClaimBound(claim) ? "bound" : "pending";
}

function claimProgress(run: Run, written: PersistentVolumeClaim, node: Node): Progress {
  const key = keyOf(written);
  const claim = run.api.view<PersistentVolumeClaim>("persistentvolumeclaims").byKey(key);
  if (claim === null) return { flaw: `persistentvolumeclaim "${key}" not found` };
  if (revisionOf(claim) < revisionOf(written)) return "pending";
  // The provisioner takes it away when it cannot provide the volume there.
  if (annotationOf(claim, SELECTED_NODE) !== node.metadata.name)
    return { flaw: `provisioning failed for PVC "${key}"` };
  const { volumeName = "" } = claim.spec;
  if (volumeName !== "") {
    const volume = run.api.view<PersistentVolume>("persistentvolumes").get("", volumeName);
    if (volume === null) return "pending";
    if (!isVolumeUsableAt(volume, node)) return { flaw: `pv "${volumeName}" node affinity doesn't match node` };
  }
  return isClaimBound(claim) ? "bound" : "pending";
}

/** The informers have brought something that a waiting cycle may wait for. */
export function checkWaiting(run: Run): void {
  for (const [, cycle] of mapEntries(run.state.waiting)) checkVolumes(run, cycle);
}

/** binder.go, BindPodVolumes: after 10 min it begins anew. */
export function giveUpWaiting(run: Run): void {
  for (const [uid, cycle] of mapEntries(run.state.waiting)) {
    if (cycle.deadline > run.now) continue;
    run.note(note.volumesTimedOut);
    run.keep({ waiting: mapDelete(run.state.waiting, uid) });
    bindingFailed(run, cycle, 'running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded');
  }
}

/**
 * handleBindingCycleError: what was assumed is forgotten, others may have the room, and the pod is tried again. Where the
 * pod has been seen meanwhile, there is nothing to forget.
 */
function bindingFailed(run: Run, cycle: BindingCycle, message: string): void {
  const { queued, node, pod } = cycle;
  unreserve(run, cycle);
  const assumed = mapGet(run.state.cache.pods, queued.uid);
  const cache = forgetPod(run.state.cache, queued.uid, node);
  if (cache !== null) {
    run.note(note.forgotten);
    run.keep({ cache });
    // To others it is as if it had gone from its node.
    run.moveAll({ resource: "assignedPod", action: "delete" }, assumed!.info.pod, null);
  }
  const failure: AttemptFailure = { reason: "SchedulerError", message, unschedulablePlugins: [], nominated: "" };
  fail(run, queued, pod.pod, failure);
}

/** RunReservePluginsUnreserve; binder.go, RevertAssumedPodVolumes: claims and volumes are as they were seen. */
function unreserve(run: Run, { toWrite, written }: BindingCycle): void {
  let { storage } = run.state;
  for (const object of [...toWrite, ...written]) storage = withoutAssumed(storage, storageKeyOf(object));
  if (storage !== run.state.storage) run.keep({ storage });
}
