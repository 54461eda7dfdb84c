import type { Link } from "./network.ts";

/** The links of a world by their lanes: from the process of one index to that of another. */
export interface Links {
  get(lane: number): Link | null | undefined;
  set(lane: number, link: Link): unknown;
}

/** Worlds of more processes keep only the links that are used, not a place for each. */
const TABLE_PROCESSES_MAX = 256;

export function linksOf(processes: number): Links {
  return processes <= TABLE_PROCESSES_MAX ? new LinkTable(processes) : new Map<number, Link>();
}

class LinkTable implements Links {
  readonly #links: (Link | null)[];

  constructor(processes: number) {
    this.#links = new Array(processes ** 2).fill(null);
  }

  get(lane: number): Link | null | undefined {
    return this.#links[lane];
  }

  set(lane: number, link: Link): void {
    this.#links[lane] = link;
  }
}
