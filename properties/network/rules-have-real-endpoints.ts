import { mapEach } from "../../models/kernel/index.ts";
import type { ProxyState } from "../../models/proxy/types.ts";
import type { ClusterContext, ClusterProperty } from "../cluster/cluster-property.ts";
import { type SliceLedger, sliceLedgerOf } from "./slices.ts";

/** S46. When a proxy has synced at a version, no rule and no flow of datagrams goes to an endpoint that was none at that version. */
export const rulesHaveRealEndpoints: ClusterProperty = {
  id: "network/rules-have-real-endpoints",
  kind: "always",
  source: "kubernetes pkg/proxy/conntrack/cleanup.go; kubernetes#19029, #59368, #110301, #135593, #139628",
  monitor(context) {
    const slices = sliceLedgerOf(context);
    return slices.ledger.with({
      concerns: { changes: ["application", "kernel"], messages: [], notes: [] },
      onStep(process, before, after) {
        if (after.kind !== "proxy" || (before as ProxyState).syncs === after.syncs) return;
        check(context, slices, process.id, after);
      },
    });
  },
};

/** What an endpoint may be used for. */
interface Known {
  /** By address: the pods that have it, ready ones alone where there are some. Several: those in the network of their node. */
  readonly usable: ReadonlyMap<string, readonly string[]>;
  readonly serving: ReadonlySet<string>;
}

function check(
  context: ClusterContext,
  slices: SliceLedger,
  id: string,
  { kernel, config, syncedVersions }: ProxyState,
) {
  const known = new Map<string, Known | undefined>();
  const knownOf = (service: string): Known | undefined => {
    if (!known.has(service)) known.set(service, knownAt(slices, service, syncedVersions.slices));
    return known.get(service);
  };
  const at = { version: syncedVersions.slices };
  mapEach(kernel.rules, "", null, (rules, service) => {
    const endpoints = knownOf(service);
    if (endpoints === undefined) return;
    for (const { portName, cluster, local } of rules)
      for (const { ip, pod } of [...cluster, ...local]) {
        const uids = endpoints.usable.get(ip);
        if (uids === undefined)
          context.violate(
            `${id} has a rule of ${service}:${portName} to ${ip}, which is no endpoint that may be used`,
            at,
          );
        else if (pod !== "" && !uids.includes(pod))
          context.violate(
            `${id} has a rule of ${service}:${portName} to ${ip} of pod ${pod}, which is pod ${uids.join()}'s`,
            at,
          );
      }
  });
  const services = new Map<string, string>();
  mapEach(kernel.rules, "", null, (rules, service) => {
    for (const { protocol, clusterIP, externalIPs, loadBalancerIPs, port, nodePort } of rules) {
      for (const address of [clusterIP, ...externalIPs, ...loadBalancerIPs])
        services.set(`${protocol} ${address}:${port}`, service);
      if (nodePort !== 0) services.set(`${protocol} ${config.address}:${nodePort}`, service);
    }
  });
  mapEach(kernel.flows, "", null, ({ tuple, target }) => {
    if (tuple.protocol !== "UDP" || target === null) return;
    const frontend = `${tuple.protocol} ${tuple.destination}:${tuple.destinationPort}`;
    const service = services.get(frontend);
    const from = `${id} has a flow from ${tuple.source}:${tuple.sourcePort} to ${frontend}`;
    if (service === undefined) context.violate(`${from}, which is no service's, by ${target.ip}`, at);
    else if (knownOf(service)?.serving.has(target.ip) === false)
      context.violate(`${from} by ${target.ip}, which serves no more`, at);
  });
}

function knownAt(slices: SliceLedger, service: string, version: number): Known | undefined {
  const endpoints = slices.endpointsAt(service, version);
  if (endpoints === undefined) return undefined;
  const ready = new Map<string, string[]>();
  const leaving = new Map<string, string[]>();
  const serving = new Set<string>();
  for (const { addresses, conditions, targetRef } of endpoints) {
    const [address = ""] = addresses;
    const isReady = conditions?.ready !== false;
    const isServing = conditions?.serving !== false;
    if (isServing) serving.add(address);
    if (!isReady && !isServing) continue;
    const usable = isReady ? ready : leaving;
    usable.set(address, [...(usable.get(address) ?? []), targetRef?.uid ?? ""]);
  }
  return { usable: new Map([...leaving, ...ready]), serving };
}
