import { defineNote as define, noteNames } from "../kernel/index.ts";

/** Every observation that a kubelet can make, by the rule that makes it. */
export const note = {
  runtimeRestarted: define("kubelet/runtime/restarted"),
  runtimeDown: define("kubelet/runtime/down"),
  relisted: define("kubelet/runtime/relisted"),
  relistUnchanged: define("kubelet/runtime/relist-unchanged"),
  eventMissed: define("kubelet/runtime/event-missed"),
  callTimedOut: define("kubelet/runtime/call-timed-out"),
  callFailed: define("kubelet/runtime/call-failed"),

  podStarted: define("kubelet/worker/started"),
  podAdopted: define("kubelet/worker/found-running"),
  podRejected: define("kubelet/worker/rejected"),
  podTerminalAtStart: define("kubelet/worker/not-started-again"),
  podTerminating: define("kubelet/worker/terminating"),
  podTerminated: define("kubelet/worker/terminated"),
  podForgotten: define("kubelet/worker/forgotten"),
  podReplaced: define("kubelet/worker/another-of-the-name"),
  orphanFound: define("kubelet/housekeeping/orphan"),
  orphanUnsure: define("kubelet/housekeeping/sources-not-ready"),

  sandboxChanged: define("kubelet/sync/sandbox-changed"),
  sandboxNotRecreated: define("kubelet/sync/sandbox-not-recreated"),
  initFailed: define("kubelet/sync/init-container-failed"),
  containerChanged: define("kubelet/sync/container-changed"),
  containerStarts: define("kubelet/sync/container-starts"),
  containerRestarts: define("kubelet/sync/container-restarts"),
  podRestarts: define("kubelet/sync/whole-pod-restarts"),
  crashLoop: define("kubelet/sync/crash-loop-back-off"),
  backoffForgotten: define("kubelet/sync/back-off-forgotten"),
  imagePullFailed: define("kubelet/sync/image-pull-failed"),
  imageBackoff: define("kubelet/sync/image-pull-back-off"),
  deadContainerRemoved: define("kubelet/sync/dead-container-removed"),
  deadlineExceeded: define("kubelet/sync/active-deadline-exceeded"),
  graceShortened: define("kubelet/sync/grace-shortened"),

  probePassed: define("kubelet/probe/passed"),
  probeFailed: define("kubelet/probe/failed"),
  probeTimedOut: define("kubelet/probe/timed-out"),
  livenessKills: define("kubelet/probe/liveness-kills"),
  startupKills: define("kubelet/probe/startup-kills"),
  readinessKept: define("kubelet/probe/kept-over-restart"),

  statusWritten: define("kubelet/status/written"),
  statusUnwritten: define("kubelet/status/not-written"),
  statusOfAnother: define("kubelet/status/pod-is-another"),
  statusReconciled: define("kubelet/status/reconciled"),
  terminalHeldBack: define("kubelet/status/terminal-phase-held-back"),
  terminalKept: define("kubelet/status/terminal-phase-kept"),
  podDeleted: define("kubelet/status/pod-deleted"),

  nodeRegistered: define("kubelet/node/registered"),
  nodeFound: define("kubelet/node/was-registered"),
  nodeReported: define("kubelet/node/reported"),
  nodeUnchanged: define("kubelet/node/unchanged"),
  nodeGone: define("kubelet/node/gone"),
  leaseRenewed: define("kubelet/node/lease-renewed"),
  leaseLost: define("kubelet/node/lease-changed-by-another"),
  pressure: define("kubelet/eviction/pressure"),
  pressureOver: define("kubelet/eviction/pressure-over"),
  evicted: define("kubelet/eviction/evicted"),
  evictionWaits: define("kubelet/eviction/waits-for-one"),
  nothingToEvict: define("kubelet/eviction/nothing-to-evict"),
} as const;

/** The names of all notes, in the order of their definition. */
export const KUBELET_NOTES: readonly string[] = noteNames(note);
