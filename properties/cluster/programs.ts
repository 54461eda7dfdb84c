import type { PodSpec } from "../../models/machinery/kinds/index.ts";
import type { Behaviour } from "../../models/runtime/types.ts";
import type { ClusterContext, ClusterProcess } from "./cluster-property.ts";
import { sharedByRun } from "./shared.ts";

/** A program that is not ready within this will not be, as far as a run goes. */
const READY_US = 600_000_000;

/** How the programs of a run behave, as the scenario has it: whether a pod can ever become what it should. */
export class Programs {
  readonly #processes: readonly ClusterProcess[];
  #behaviours: readonly Behaviour[] | null = null;

  constructor({ processes }: ClusterContext) {
    this.#processes = processes;
  }

  /** Whether some program of a pod can never be pulled, never gets ready, or ends again and again. */
  neverReady({ containers, initContainers = [] }: PodSpec): boolean {
    return (
      containers.some(({ image = "", readinessProbe }) => {
        const behaviour = this.#of(image);
        if (behaviour === undefined) return false;
        if (behaviour.pullFails || behaviour.hangsAfterUs > 0 || endsAlways(behaviour)) return true;
        return readinessProbe !== undefined && behaviour.readyAfterUs > READY_US;
      }) || initContainers.some(({ image = "" }) => this.#of(image)?.pullFails === true)
    );
  }

  /** Whether some program of a pod never ends by itself. */
  neverEnds({ containers }: PodSpec): boolean {
    return containers.some(({ image = "" }) => {
      const behaviour = this.#of(image);
      return behaviour === undefined || behaviour.pullFails || behaviour.exitsAfterUs === 0;
    });
  }

  #of(image: string): Behaviour | undefined {
    this.#behaviours ??= behavioursOf(this.#processes);
    return this.#behaviours.find(({ image: named }) =>
      named.endsWith("*") ? image.startsWith(named.slice(0, -1)) : image === named,
    );
  }
}

/** Of the first runtime: all nodes of a run have the same programs. */
function behavioursOf(processes: readonly ClusterProcess[]): readonly Behaviour[] {
  for (const { config } of processes)
    if (config.kind === "runtime" && config.behaviours !== undefined) return config.behaviours;
  return [];
}

function endsAlways({ exitsAfterUs, exitsTimes }: Behaviour): boolean {
  return exitsAfterUs > 0 && exitsTimes === 0;
}

/** The programs of the run that a monitor watches. */
export const programsOf: (context: ClusterContext) => Programs = sharedByRun((context) => new Programs(context));
