import { defineNote as define, noteNames } from "../kernel/index.ts";

/** Every observation that a runtime can make, by the rule that makes it. */
export const note = {
  hostRestarted: define("runtime/boot/host-restarted"),
  daemonRestarted: define("runtime/boot/containers-went-on"),
  daemonKilled: define("runtime/boot/containers-killed"),
  exitedWhileDown: define("runtime/boot/exited-while-down"),
  listUnchanged: define("runtime/list/unchanged"),
  sandboxStarted: define("runtime/sandbox/started"),
  sandboxStopped: define("runtime/sandbox/stopped"),
  sandboxRemoved: define("runtime/sandbox/removed"),
  noAddress: define("runtime/sandbox/no-address"),
  noNetwork: define("runtime/sandbox/no-network-yet"),
  networkReady: define("runtime/network/configured"),
  networkChanged: define("runtime/network/other-block"),
  imagePulled: define("runtime/image/pulled"),
  imageMissing: define("runtime/image/missing"),
  created: define("runtime/container/created"),
  createStalled: define("runtime/container/create-stalled"),
  createCanceled: define("runtime/container/create-canceled"),
  nameReserved: define("runtime/container/name-reserved"),
  nameTaken: define("runtime/container/name-taken"),
  started: define("runtime/container/started"),
  exited: define("runtime/container/exited"),
  terminated: define("runtime/container/stopped-by-sigterm"),
  killed: define("runtime/container/killed"),
  removed: define("runtime/container/removed"),
  removeRefused: define("runtime/container/remove-refused"),
  probed: define("runtime/probe/answered"),
  hangs: define("runtime/probe/hangs"),
  outOfOrder: define("runtime/operation/refused"),
  packetAnswered: define("runtime/packet/answered"),
  packetRefused: define("runtime/packet/refused"),
  packetForNobody: define("runtime/packet/no-such-address"),
} as const;

/** The names of all notes, in the order of their definition. */
export const RUNTIME_NOTES: readonly string[] = noteNames(note);
