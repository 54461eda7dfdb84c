import { containerd } from "./plugins/containerd.ts";
import { docker } from "./plugins/docker.ts";
import { rkt } from "./plugins/rkt.ts";
import type { RuntimeConfig, RuntimeContainer, RuntimeName } from "./types.ts";

/** In what the runtimes differ. One small file each in `plugins/`. */
export interface RuntimePlugin {
  readonly name: RuntimeName;
  /** What is started anew when one container has to be: the container alone, or the whole pod. */
  readonly restartUnit: "container" | "pod";
  /** Whether containers go on while the daemon is down, and after it has come back. */
  survivesDaemon(config: RuntimeConfig): boolean;
  /** A creation whose caller waits no longer gives its name back. */
  readonly releasesNameOnCancel: boolean;
  /** What becomes of a creation under the name of a container that is not running. */
  onNameTaken(existing: RuntimeContainer): "refuse" | "replace";
  /** The words of the refusal. */
  nameTakenMessage(name: string, id: string): string;
  /** With what containers are found ended that the host has lost. */
  readonly lostExitCode: number;
}

const PLUGINS: Readonly<Record<RuntimeName, RuntimePlugin>> = { docker, containerd, rkt };

export function pluginOf(config: RuntimeConfig): RuntimePlugin {
  return PLUGINS[config.runtime];
}
