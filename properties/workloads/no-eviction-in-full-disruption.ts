import { type Micros, mapEach } from "../../models/kernel/index.ts";
import type { ApiRequest } from "../../models/machinery/api.ts";
import type { Node, Pod, Taint } from "../../models/machinery/kinds/index.ts";
import { callLedgerOf } from "../cluster/calls.ts";
import type { ClusterContext, ClusterProcess, ClusterProperty } from "../cluster/cluster-property.ts";
import { apiOf, cachedObject } from "../cluster/informers.ts";
import { conditionOf, isTrue, joinKey, keyOf } from "../cluster/objects.ts";

const LIFECYCLE: readonly string[] = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];
/** What clocks may differ, of an interval. */
const TOLERANCE = 0.8;
/** Nodes that are found unknown in one look of the controller are so within less than this. */
const TOGETHER_US: Micros = 400_000;

/**
 * S34. While no node is ready, as the node lifecycle controller sees it and has for three of its periods, it taints none so
 * that pods are evicted; else it taints one node of a zone in an interval at the most. Nor does it take pods for not ready whose
 * nodes were found unknown together with the last, or no service would have an endpoint left.
 */
export const noEvictionInFullDisruption: ClusterProperty = {
  id: "workloads/no-eviction-in-full-disruption",
  kind: "always",
  source:
    'kubernetes pkg/controller/nodelifecycle/node_lifecycle_controller.go, handleDisruption: "We\'re switching to full disruption mode: stop all evictions"; --node-eviction-rate 0.1; kubernetes#28832, #77864',
  monitor(context) {
    const calls = callLedgerOf(context);
    let readyAt: Micros = Number.NEGATIVE_INFINITY;
    const ready = new Set<string>();
    const unknownAt = new Map<string, Micros>();
    const markedAt = new Map<string, Micros>();
    /** Nodes that were found unknown together with the last: their pods were left. */
    let together: readonly string[] = [];
    calls.ledger.on<Node>("nodes", ({ key, after }) => {
      const now = context.now();
      if (ready.size > 0) readyAt = now;
      const condition = conditionOf(after?.status?.conditions, "Ready")?.status;
      if (condition === "Unknown") unknownAt.set(key, unknownAt.get(key) ?? now);
      else unknownAt.delete(key);
      if (condition === "True") {
        ready.add(key);
        together = [];
      } else if (ready.delete(key) && ready.size === 0)
        together = [...unknownAt]
          .filter(
            ([node, atUs]) => now - atUs <= TOGETHER_US && (markedAt.get(node) ?? Number.NEGATIVE_INFINITY) < atUs,
          )
          .map(([node]) => node);
    });
    /** By process, its start, and zone: the node tainted last, and when. */
    const tainted = new Map<string, { readonly node: string; readonly atUs: Micros }>();
    calls.listen({
      called({ request }, process) {
        const node = newlyTainted(process, request);
        if (node === null) {
          const pod = newlyNotReady(process, request);
          if (pod === null) return;
          const { nodeName = "" } = pod.spec;
          markedAt.set(nodeName, context.now());
          if (together.includes(nodeName) && !seesReady(process))
            context.violate(`${process.id} marks pod ${keyOf(pod)} as not ready, and no node is`);
          return;
        }
        const settings = settingsOf(process);
        const now = context.now();
        const lastReady = ready.size > 0 ? now : readyAt;
        if (!seesReady(process) && now - lastReady > 3 * settings.periodUs) {
          context.violate(`${process.id} taints ${node.metadata.name} so that its pods go, and no node is ready`, {
            withoutUs: now - lastReady,
          });
          return;
        }
        checkRate(context, process, node, settings.intervalUs, tainted);
      },
    });
    return calls.with();
  },
};

function checkRate(
  context: ClusterContext,
  process: ClusterProcess,
  { metadata }: Node,
  intervalUs: Micros,
  last: Map<string, { readonly node: string; readonly atUs: Micros }>,
): void {
  const zone = `${metadata.labels?.["topology.kubernetes.io/region"] ?? ""}/${metadata.labels?.["topology.kubernetes.io/zone"] ?? ""}`;
  const key = `${process.id} ${process.incarnation} ${apiOf(process.state)?.bootedAt} ${zone}`;
  const before = last.get(key);
  const now = context.now();
  if (before?.node === metadata.name) return;
  last.set(key, { node: metadata.name, atUs: now });
  if (before !== undefined && now - before.atUs < intervalUs * TOLERANCE)
    context.violate(
      `${process.id} taints ${metadata.name} ${now - before.atUs} us after ${before.node} of the same zone, and may one in ${intervalUs} us`,
      { zone },
    );
}

/** The node, as the manager sees it, that this request gives a taint by which its pods are evicted, if it has none yet. */
function newlyTainted(process: ClusterProcess, request: ApiRequest): Node | null {
  if (process.config.kind !== "controllerManager" || request.resource !== "nodes") return null;
  if (request.verb !== "update" && request.verb !== "patch") return null;
  const spec = (request.verb === "update" ? (request.object as Node) : (request.patch as Partial<Node> | null))?.spec;
  if (!(spec?.taints ?? []).some(evicts)) return null;
  const node = cachedObject(process.state, "nodes", request.name) as Node | null;
  return node === null || (node.spec?.taints ?? []).some(evicts) ? null : node;
}

/** The pod, ready as the manager sees it, that this request says is not; null: it says nothing of the kind. */
function newlyNotReady(process: ClusterProcess, request: ApiRequest): Pod | null {
  if (process.config.kind !== "controllerManager" || request.resource !== "pods") return null;
  if (request.verb !== "update" || request.subresource !== "status") return null;
  const key = joinKey(request.namespace, request.name);
  const before = (cachedObject(process.state, "pods", key) as Pod | null)?.status?.conditions;
  return isTrue(before, "Ready") && !isTrue((request.object as Pod).status?.conditions, "Ready")
    ? (request.object as Pod)
    : null;
}

function evicts({ key, effect }: Taint): boolean {
  return effect === "NoExecute" && LIFECYCLE.includes(key);
}

function seesReady({ state }: ClusterProcess): boolean {
  const informer = apiOf(state)?.informers.find(({ spec }) => spec.resource === "nodes");
  let found = false;
  if (informer !== undefined)
    mapEach(informer.objects, "", null, (node) => {
      found ||= isTrue((node as Node).status?.conditions, "Ready");
      return !found;
    });
  return found;
}

function settingsOf({ config }: ClusterProcess): { readonly periodUs: Micros; readonly intervalUs: Micros } {
  const { settings = {} } = config as {
    readonly settings?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
  const { nodeMonitorPeriodUs = 5_000_000, evictionIntervalUs = 10_000_000 } = settings["node-lifecycle"] ?? {};
  return { periodUs: Number(nodeMonitorPeriodUs), intervalUs: Number(evictionIntervalUs) };
}
