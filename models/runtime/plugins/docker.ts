import type { RuntimePlugin } from "../plugin.ts";

/** Docker, through cri-dockerd. */
export const docker: RuntimePlugin = {
  name: "docker",
  /** kubernetes pkg/kubelet/kuberuntime, computePodActions: a container is restarted in the sandbox that is there. */
  restartUnit: "container",
  /** moby daemon/daemon.go, restore: without `live-restore`, what still runs is killed when the daemon comes back. */
  survivesDaemon: (config) => config.liveRestore,
  releasesNameOnCancel: true,
  /** cri-dockerd core/helpers.go, recoverFromCreationConflictIfNeeded: the container in the way is removed. */
  onNameTaken: () => "replace",
  nameTakenMessage: (name, id) => `Conflict. The container name "/${name}" is already in use by container "${id}".`,
  lostExitCode: 255,
};
