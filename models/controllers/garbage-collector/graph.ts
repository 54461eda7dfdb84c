/**
 * Who owns whom, as far as the collector has seen (kubernetes pkg/controller/garbagecollector, graph.go).
 *
 * A node is virtual while nothing but the references of its dependents is known of it.
 */
import { emptyOrderedMap, mapDelete, mapEach, mapGet, mapHas, mapSet, type OrderedMap } from "../../kernel/index.ts";
import type { KubeObject, OwnerReference, Uid } from "../../machinery/kinds/index.ts";

/** What an object is called, and which one it is. */
export interface Identity {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: Uid;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
}

export interface GraphNode {
  readonly identity: Identity;
  readonly owners: readonly OwnerReference[];
  readonly virtual: boolean;
  readonly beingDeleted: boolean;
  /** It is deleted in the foreground: its dependents go first. */
  readonly deletingDependents: boolean;
}

export interface Graph {
  /** By UID. */
  readonly nodes: OrderedMap<GraphNode>;
  /** `<owner's UID>/<dependent's UID>`. */
  readonly edges: OrderedMap<1>;
  /** Owners that are known not to be there, by all that they are called; the oldest first. */
  readonly absent: readonly string[];
}

export const EMPTY_GRAPH: Graph = Object.freeze({
  nodes: emptyOrderedMap<GraphNode>(),
  edges: emptyOrderedMap<1>(),
  absent: [],
});

/** Of equal length for all objects without owners, so that most comparisons are of one and the same list. */
export const NO_OWNERS: readonly OwnerReference[] = Object.freeze([]);

export function identityOf(object: KubeObject): Identity {
  const { name, uid, namespace } = object.metadata;
  return { apiVersion: object.apiVersion, kind: object.kind, name, uid: uid ?? "", namespace: namespace ?? "" };
}

export function sameIdentity(one: Identity, two: Identity): boolean {
  return one.uid === two.uid && one.namespace === two.namespace && sameCoordinates(one, two);
}

/** graph.go, ownerReferenceMatchesCoordinates. */
export function sameCoordinates(
  one: Omit<OwnerReference, "controller">,
  two: Omit<OwnerReference, "controller">,
): boolean {
  return one.uid === two.uid && one.name === two.name && one.kind === two.kind && one.apiVersion === two.apiVersion;
}

export function nodeOf(graph: Graph, uid: Uid): GraphNode | null {
  return mapGet(graph.nodes, uid) ?? null;
}

export function withNode(graph: Graph, node: GraphNode): Graph {
  return { ...graph, nodes: mapSet(graph.nodes, node.identity.uid, node) };
}

export function withEdge(graph: Graph, owner: Uid, dependent: Uid): Graph {
  return { ...graph, edges: mapSet(graph.edges, `${owner}/${dependent}`, 1) };
}

export function withoutEdge(graph: Graph, owner: Uid, dependent: Uid): Graph {
  return { ...graph, edges: mapDelete(graph.edges, `${owner}/${dependent}`) };
}

/** Takes a node and the edges to its owners out (graph_builder.go, removeNode). Those of its dependents stay. */
export function withoutNode(graph: Graph, node: GraphNode): Graph {
  let next: Graph = { ...graph, nodes: mapDelete(graph.nodes, node.identity.uid) };
  for (const owner of node.owners) next = withoutEdge(next, owner.uid, node.identity.uid);
  return next;
}

export function hasDependents(graph: Graph, owner: Uid): boolean {
  let found = false;
  eachEdge(graph, owner, () => {
    found = true;
    return false;
  });
  return found;
}

/** The nodes that name it as an owner, in the order of their UIDs. */
export function dependentsOf(graph: Graph, owner: Uid): readonly GraphNode[] {
  const dependents: GraphNode[] = [];
  eachEdge(graph, owner, (uid) => {
    const node = mapGet(graph.nodes, uid);
    if (node !== undefined) dependents.push(node);
    return true;
  });
  return dependents;
}

function eachEdge(graph: Graph, owner: Uid, visit: (dependent: Uid) => boolean): void {
  const from = `${owner}/`;
  mapEach(graph.edges, from, `${owner}0`, (_, key) => visit(key.slice(from.length)));
}

/** Its dependents that keep it from going (graph.go, blockingDependents). */
export function blockingDependents(graph: Graph, owner: Uid): readonly GraphNode[] {
  return dependentsOf(graph, owner).filter((dependent) =>
    dependent.owners.some(({ uid, blockOwnerDeletion }) => uid === owner && blockOwnerDeletion === true),
  );
}

/** The most owners that are remembered as absent (garbagecollector.go: 500). */
const ABSENT_MAX = 500;

/**
 * What an absent owner is remembered as. By its UID alone, a reference that is wrong in its kind or namespace would make
 * the owner absent for all (kubernetes#65200, #92743).
 */
export function absentKey(owner: Omit<OwnerReference, "controller">, namespace: string): string {
  return `${owner.apiVersion}|${owner.kind}|${namespace}|${owner.name}|${owner.uid}`;
}

export function withAbsent(graph: Graph, key: string): Graph {
  const kept = graph.absent.filter((one) => one !== key);
  return { ...graph, absent: [...(kept.length >= ABSENT_MAX ? kept.slice(1) : kept), key] };
}

export function isAbsent(graph: Graph, key: string): boolean {
  return graph.absent.includes(key);
}

export function isKnown(graph: Graph, uid: Uid): boolean {
  return mapHas(graph.nodes, uid);
}
