import type { RuntimePlugin } from "../plugin.ts";

/** rkt, as kubernetes 1.x drove it (pkg/kubelet/rkt/rkt.go): a pod is one unit of systemd, and there is no daemon. */
export const rkt: RuntimePlugin = {
  name: "rkt",
  /** rkt.go, SyncPod: containers of a pod share its fate; one that has to be restarted restarts the pod. */
  restartUnit: "pod",
  /** systemd runs the pods. */
  survivesDaemon: () => true,
  releasesNameOnCancel: true,
  /** Every run of a pod has a UUID of its own: names are of no concern. */
  onNameTaken: () => "replace",
  nameTakenMessage: (name) => `app ${name} exists`,
  lostExitCode: 254,
};
