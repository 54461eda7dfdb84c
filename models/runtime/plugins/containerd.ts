import type { RuntimePlugin } from "../plugin.ts";

/** containerd with its CRI plug-in. */
export const containerd: RuntimePlugin = {
  name: "containerd",
  restartUnit: "container",
  /** A shim of its own holds each container; the daemon finds them again (containerd runtime/v2, loadShims). */
  survivesDaemon: () => true,
  /** containerd internal/cri/server/container_create.go: the reservation is undone when the call fails; containerd#4604. */
  releasesNameOnCancel: true,
  onNameTaken: () => "refuse",
  nameTakenMessage: (name, id) => `failed to reserve container name "${name}": name "${name}" is reserved for "${id}"`,
  lostExitCode: 255,
};
