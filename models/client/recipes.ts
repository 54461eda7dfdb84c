import { increment, transfer } from "./compare-and-swap.ts";
import { leaseHold } from "./lease-hold.ts";
import { lock } from "./lock.ts";
import { compactTo, plainCall } from "./plain.ts";
import { dequeue, enqueue } from "./queue.ts";
import type { Recipe, WorkOf, WorkRequest } from "./recipe.ts";
import { setAdd, setRead } from "./set.ts";
import type { Work } from "./types.ts";

const RECIPES: { readonly [Kind in WorkRequest["kind"]]: Recipe<WorkOf<Kind>> } = {
  call: plainCall,
  increment,
  transfer,
  setAdd,
  setRead,
  enqueue,
  dequeue,
  lock,
  leaseHold,
  compactTo,
};

/** How a piece of work is done. */
export function recipeOf(work: Work): Recipe<Work> {
  // The work of a session is never a watch, and each recipe gets work of its own kind.
  return RECIPES[work.request.kind as WorkRequest["kind"]] as unknown as Recipe<Work>;
}
