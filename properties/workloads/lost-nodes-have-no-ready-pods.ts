import { type Micros, mapEach } from "../../models/kernel/index.ts";
import type { Node, Pod, Uid } from "../../models/machinery/kinds/index.ts";
import { callLedgerOf } from "../cluster/calls.ts";
import type { ClusterContext, ClusterProcess, ClusterProperty } from "../cluster/cluster-property.ts";
import { apiOf } from "../cluster/informers.ts";
import { conditionOf, isTrue, joinKey } from "../cluster/objects.ts";

/** Looks of the controller at all nodes, before which it must have come to the pods of one. */
const LOOKS = 8;

/** A node that was found unknown, as one leader sees it. */
interface Lost {
  readonly sinceUs: Micros;
  /** Pods that were ready there then, as far as it saw. */
  readonly pods: Set<Uid>;
  /** It has asked for the status of some pod of that node to be written. */
  asked: boolean;
}

/** What a manager has seen since it acts. */
interface Acting {
  readonly start: string;
  readonly lost: Map<string, Lost>;
}

/**
 * L9. Who leads, and has seen for some time that a node is unknown while others are not, has at least tried to mark the pods
 * that are ready there as not ready, also where another leader has found it so: else they keep their endpoints. Signs of
 * life of who leads are its renewals of the lease.
 */
export const lostNodesHaveNoReadyPods: ClusterProperty = {
  id: "workloads/lost-nodes-have-no-ready-pods",
  kind: "always",
  source:
    "kubernetes pkg/controller/nodelifecycle/node_lifecycle_controller.go, monitorNodeHealth: MarkPodsNotReady; kubernetes#50067",
  monitor(context) {
    const calls = callLedgerOf(context);
    const acting = new Map<string, Acting>();
    calls.listen({
      called({ request }, process) {
        if (process.config.kind !== "controllerManager" || request.verb !== "update") return;
        if (request.resource === "leases") look(context, process, acting);
        if (request.resource !== "pods" || request.subresource !== "status") return;
        const node = (request.object as Pod).spec.nodeName ?? "";
        const lost = acting.get(process.id)?.lost.get(node);
        if (lost !== undefined) lost.asked = true;
      },
    });
    return calls.with();
  },
};

function look(context: ClusterContext, process: ClusterProcess, acting: Map<string, Acting>): void {
  const api = apiOf(process.state);
  if (api === null) return;
  const start = `${process.incarnation} ${api.bootedAt}`;
  let known = acting.get(process.id);
  if (known?.start !== start) {
    known = { start, lost: new Map() };
    acting.set(process.id, known);
  }
  const now = context.now();
  const { lost } = known;
  const unknown = new Set<string>();
  let ready = false;
  eachCached<Node>(process, "nodes", ({ metadata, status }) => {
    if (isTrue(status?.conditions, "Ready")) ready = true;
    else if (conditionOf(status?.conditions, "Ready")?.status === "Unknown") unknown.add(metadata.name);
  });
  for (const name of lost.keys()) if (!ready || !unknown.has(name)) lost.delete(name);
  if (!ready || unknown.size === 0) return;
  const patienceUs = LOOKS * periodOf(process);
  for (const name of unknown)
    if (!lost.has(name)) lost.set(name, { sinceUs: now, pods: readyOn(process, name), asked: false });
  const late = new Set(
    [...lost].filter(([, one]) => !one.asked && now - one.sinceUs > patienceUs).map(([name]) => name),
  );
  if (late.size === 0) return;
  eachCached<Pod>(process, "pods", ({ metadata, spec, status }) => {
    const { nodeName = "" } = spec;
    if (!late.has(nodeName) || !isTrue(status?.conditions, "Ready")) return;
    if (!lost.get(nodeName)!.pods.has(metadata.uid ?? "")) return;
    context.violate(
      `${process.id} leaves pod ${joinKey(metadata.namespace, metadata.name)} ready on ${nodeName}, which it has seen to be unknown for ${now - lost.get(nodeName)!.sinceUs} us`,
      { uid: metadata.uid },
    );
    lost.get(nodeName)!.asked = true;
    late.delete(nodeName);
  });
}

function readyOn(process: ClusterProcess, node: string): Set<Uid> {
  const uids = new Set<Uid>();
  eachCached<Pod>(process, "pods", ({ metadata, spec, status }) => {
    if (spec.nodeName === node && isTrue(status?.conditions, "Ready")) uids.add(metadata.uid ?? "");
  });
  return uids;
}

function eachCached<O>(process: ClusterProcess, resource: string, visit: (object: O) => void): void {
  const informer = apiOf(process.state)?.informers.find(({ spec }) => spec.resource === resource);
  if (informer?.synced === true)
    mapEach(informer.objects, "", null, (object) => {
      visit(object as O);
      return true;
    });
}

function periodOf({ config }: ClusterProcess): Micros {
  const { settings = {} } = config as {
    readonly settings?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
  return Number(settings["node-lifecycle"]?.["nodeMonitorPeriodUs"] ?? 5_000_000);
}
