import type { Micros } from "../kernel/index.ts";
import {
  type Behaviour,
  DEFAULT_BEHAVIOUR,
  type ImageName,
  type RuntimeConfig,
  type RuntimeContainer,
} from "./types.ts";

/** How the program in an image behaves: the first behaviour of the scenario that fits, else the usual. */
export function behaviourOf({ behaviours }: RuntimeConfig, image: ImageName): Behaviour {
  for (const behaviour of behaviours) if (fits(behaviour.image, image)) return behaviour;
  return DEFAULT_BEHAVIOUR;
}

function fits(pattern: string, image: ImageName): boolean {
  return pattern.endsWith("*") ? image.startsWith(pattern.slice(0, -1)) : pattern === image;
}

/** When a container that starts now exits by itself; 0: never. */
export function ownEnd(behaviour: Behaviour, attempt: number, now: Micros): Micros {
  const exits = behaviour.exitsAfterUs > 0 && (behaviour.exitsTimes === 0 || attempt < behaviour.exitsTimes);
  return exits ? now + behaviour.exitsAfterUs : 0;
}

/** What a probe finds: `hangs` is no answer at all. */
export function probeOutcome(
  behaviour: Behaviour,
  container: RuntimeContainer,
  probe: "startup" | "liveness" | "readiness",
  now: Micros,
): "success" | "failure" | "hangs" {
  const age = now - container.startedNow;
  if (behaviour.hangsAfterUs > 0 && age >= behaviour.hangsAfterUs) return "hangs";
  if (age < behaviour.startsAfterUs) return "failure";
  return probe === "readiness" && age < behaviour.readyAfterUs ? "failure" : "success";
}
