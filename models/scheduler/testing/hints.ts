import type { KubeObject, Node, Pod, PodSpec, StringMap } from "../../machinery/kinds/index.ts";
import { listersOf } from "../framework/listers.ts";
import { interestsIn } from "../hints/index.ts";
import type { ClusterEvent } from "../types.ts";

/** Whether a plugin thinks that a change may help a pod it has rejected. */
export function helps(
  plugin: string,
  event: string,
  [pod, old, object]: Change,
  known: readonly KubeObject[] = [],
): boolean {
  const [resource, action] = event.split("/");
  const interests = interestsIn({ resource, action } as ClusterEvent).filter((one) => one.plugin === plugin);
  if (interests.length === 0) throw new Error(`${plugin} has not registered for ${event}`);
  return interests.some(({ hint }) => hint === null || hint(pod, old, object, listersOf(known)));
}

type Change = readonly [pod: Pod, old: KubeObject | null, object: KubeObject | null];
export type Row = readonly [name: string, event: string, change: Change, helps: boolean];

export interface PodWords {
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: StringMap;
  readonly on?: string;
  readonly spec?: Partial<PodSpec> | Record<string, unknown>;
}

export function pod({ name = "p", namespace = "default", labels = {}, on, spec = {} }: PodWords = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, uid: name, labels },
    spec: { containers: [{ name: "c" }], ...(on !== undefined && { nodeName: on }), ...spec },
  } as Pod;
}

/** Another pod, on a node. */
export const running = (labels: StringMap = {}, spec: PodWords["spec"] = {}): Pod =>
  pod({ name: "o", on: "n", labels, spec });
/** Another pod that has none. */
export const waiting = (labels: StringMap = {}): Pod => pod({ name: "o", labels });

export function node(labels: StringMap = {}, spec: Record<string, unknown> = {}): Node {
  return { apiVersion: "v1", kind: "Node", metadata: { name: "n", labels }, spec } as Node;
}
