import { defineNote as define, noteNames } from "../kernel/index.ts";

/** Every observation that a proxy can make, by the rule that makes it. */
export const note = {
  synced: define("proxy/sync/partial"),
  syncedFully: define("proxy/sync/full"),
  syncDelayed: define("proxy/sync/waits-for-the-least-interval"),
  serviceGone: define("proxy/sync/service-gone"),
  topologyChanged: define("proxy/own-labels-changed"),
  kernelKept: define("proxy/boot/rules-and-flows-are-there"),
  kernelLost: define("proxy/boot/the-host-was-restarted"),
  staleFlow: define("proxy/conntrack/flow-to-a-removed-endpoint-cleared"),
  blackHole: define("proxy/conntrack/flow-without-a-target-cleared"),
  flowOfNoService: define("proxy/conntrack/flow-of-a-removed-service-cleared"),
  flowExpired: define("proxy/conntrack/flow-expired"),
  flowFollowed: define("proxy/packet/follows-its-flow"),
  chosen: define("proxy/packet/endpoint-chosen"),
  stuck: define("proxy/packet/endpoint-by-affinity"),
  rejected: define("proxy/packet/rejected-no-endpoints"),
  droppedLocal: define("proxy/packet/dropped-no-local-endpoints"),
  droppedSource: define("proxy/packet/dropped-source-not-allowed"),
  noRule: define("proxy/packet/no-rule"),
  direct: define("proxy/packet/direct"),
  noRoute: define("proxy/packet/no-route"),
} as const;

export const NOTE_NAMES: readonly string[] = noteNames(note);
