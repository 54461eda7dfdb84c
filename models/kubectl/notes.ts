import { defineNote as define, noteNames } from "../kernel/index.ts";

/** What kubectl does, by the rule that does it. */
export const note = {
  applyCreated: define("kubectl/apply/created"),
  applyPatched: define("kubectl/apply/patched"),
  applyUnchanged: define("kubectl/apply/unchanged"),
  applyCreatedMeanwhile: define("kubectl/apply/created-meanwhile"),
  createdBefore: define("kubectl/create/happened-before"),
  conflict: define("kubectl/conflict-reads-again"),
  noAnswer: define("kubectl/no-answer"),
  serverBusy: define("kubectl/server-error-tries-again"),
  gaveUp: define("kubectl/gave-up"),
  failed: define("kubectl/failed"),
  undone: define("kubectl/rollout/undone"),
  undoneBefore: define("kubectl/rollout/already-there"),
  drainEvicted: define("kubectl/drain/evicted"),
  drainRefused: define("kubectl/drain/refused-by-budget"),
  drainGone: define("kubectl/drain/pod-is-another"),
  drained: define("kubectl/drain/done"),
  deleted: define("kubectl/delete/gone"),
  queued: define("kubectl/queued"),
} as const;

export const KUBECTL_NOTES = noteNames(note);
