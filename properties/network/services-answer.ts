import type { TrafficClientState, TrafficPlan, TrafficResult } from "../../models/network/types.ts";
import type { ClusterContext, ClusterProperty } from "../cluster/cluster-property.ts";
import { clusterLedgerOf } from "../cluster/ledger.ts";
import { type SliceLedger, sliceLedgerOf } from "./slices.ts";
import { isGuarded, isLocalOnly, isRouted, serviceOfPlan } from "./targets.ts";

/** Results in a row that must have been answered. */
const ANSWERS = 3;

/**
 * L11, and availability. Once faults have stopped, who asks a service that has a ready endpoint is answered, by
 * connections and by datagrams, by a pod that is one of its endpoints; but for a service with an endpoint that no route
 * leads to.
 */
export const servicesAnswer: ClusterProperty = {
  id: "network/services-answer",
  kind: "eventually",
  source: "kubernetes, Virtual IPs and Service Proxies; kubernetes#48370, #105657, #19029",
  monitor(context) {
    const slices = sliceLedgerOf(context);
    return clusterLedgerOf(context).with({
      pending() {
        for (const { id, status, state } of context.processes) {
          if (status !== "up" || state?.kind !== "trafficClient" || !hasNetwork(context, state)) continue;
          for (const plan of state.config.plans) {
            const why = whyNot(slices, state, plan);
            if (why !== null) return `${id}: ${why}`;
          }
        }
        return null;
      },
    });
  },
};

/** A client on a node whose network is gone for good asks nobody. */
function hasNetwork({ processes }: ClusterContext, { config }: TrafficClientState): boolean {
  return config.networks.every((network) => processes.some(({ id, status }) => id === network.id && status === "up"));
}

function whyNot(slices: SliceLedger, { results }: TrafficClientState, plan: TrafficPlan): string | null {
  const service = serviceOfPlan(slices.ledger, plan);
  if (service === null || plan.times > 0) return null;
  const endpoints = slices.endpointsOf(service);
  const ready = endpoints.filter(({ conditions }) => conditions?.ready !== false);
  const isReachable = ready.length > 0 && ready.every((endpoint) => isRouted(slices.ledger, endpoint));
  const { ledger } = slices;
  if (!isReachable || isLocalOnly(ledger, service, plan) || isGuarded(ledger, service, plan)) return null;
  const last = results.filter((result) => result.plan === plan.name).slice(-ANSWERS);
  const bad = last.find(({ outcome }) => outcome !== "answered");
  if (bad !== undefined) return `request ${bad.number} of ${plan.name} to ${service} ended as ${bad.outcome}`;
  const pods = new Set(endpoints.map(({ targetRef }) => targetRef?.uid ?? ""));
  const wrong = last.find((result) => !pods.has(result.pod) && !isOld(result, results));
  if (wrong !== undefined) return `${describe(wrong)}, which is no endpoint of ${service}`;
  return last.length < ANSWERS ? `${plan.name} has ${last.length} results` : null;
}

/** A connection goes on to where it began, whatever becomes of the service. */
function isOld({ tuple, number }: TrafficResult, results: readonly TrafficResult[]): boolean {
  return (
    tuple.protocol === "TCP" &&
    results.some((other) => other.number < number && other.tuple.sourcePort === tuple.sourcePort)
  );
}

function describe({ number, plan, pod }: TrafficResult): string {
  return `request ${number} of ${plan} was answered by pod ${pod}`;
}
