/** The domains of a topology key: which node is in which. */
import { type Grid, gridAt } from "./grid.ts";
import { labelIn } from "./node-affinity.ts";
import type { NodeInfo } from "./node-info.ts";

export interface Topology {
  readonly key: string;
  /** By a node's slot: the number of its domain; -1 where it has no such label. */
  readonly domainOf: readonly number[];
  /** By a domain's number: the label's value. */
  readonly values: readonly string[];
}

/** Stands for a topology in which each node is its own domain, whatever its labels. */
export const EACH_NODE = "";

export function topologyOf(nodes: Grid<NodeInfo>, key: string): Topology {
  const numbers = new Map<string, number>();
  const domainOf: number[] = [];
  for (let slot = 0; slot < nodes.length; slot++) {
    const { name, node } = gridAt(nodes, slot);
    const value = key === EACH_NODE ? name : labelIn(node.metadata.labels, key);
    if (value === undefined) {
      domainOf.push(-1);
      continue;
    }
    let number = numbers.get(value);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(value, number);
    }
    domainOf.push(number);
  }
  return { key, domainOf, values: [...numbers.keys()] };
}
