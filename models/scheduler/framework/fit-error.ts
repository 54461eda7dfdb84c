/** What is said of a pod that fits nowhere (kubernetes pkg/scheduler/framework/types.go, FitError). */
import type { Status } from "./status.ts";

export interface Diagnosis {
  readonly nodes: number;
  /** Of the nodes that were looked at. */
  readonly statuses: readonly Status[];
  /** Of the others; null: all were looked at. */
  readonly absent: Status | null;
  /** A preFilter's words; null: none refused. */
  readonly preFilter: string | null;
  /** The words of preemption; null: it was not tried. */
  readonly postFilter: string | null;
}

/** FitError.Error: `0/5 nodes are available: 3 Insufficient cpu, 2 node(s) were unschedulable.` */
export function fitError({ nodes, statuses, absent, preFilter, postFilter }: Diagnosis): string {
  let message = `0/${nodes} nodes are available:`;
  if (preFilter !== null && preFilter !== "") message += ` ${preFilter}.`;
  else {
    const counts = new Map<string, number>();
    const add = (reason: string, times: number) => counts.set(reason, (counts.get(reason) ?? 0) + times);
    for (const { reasons } of statuses) for (const reason of reasons) add(reason, 1);
    if (absent !== null && statuses.length < nodes)
      for (const reason of absent.reasons) add(reason, nodes - statuses.length);
    const texts = [...counts].map(([reason, times]) => `${times} ${reason}`).sort();
    if (texts.length > 0) message += ` ${texts.join(", ")}.`;
  }
  return postFilter === null || postFilter === "" ? message : `${message} ${postFilter}`;
}
