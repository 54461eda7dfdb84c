/** What is in the kernel of a node: rules, connections, and who was where. All changes go through records. */
import {
  type DiskFormat,
  emptyOrderedMap,
  type Micros,
  mapDelete,
  mapEach,
  mapGet,
  mapSet,
  type OrderedMap,
} from "../kernel/index.ts";
import { NO_ROUTES } from "../machinery/net/index.ts";
import type { Tuple } from "../network/types.ts";
import { frontendsOf } from "./rules.ts";
import type { Flow, Kernel, KernelRecord, PortRule, ProxyConfig, ProxyTypes, Sticky } from "./types.ts";

export const EMPTY_KERNEL: Kernel = Object.freeze({
  hostBoots: 0,
  rules: emptyOrderedMap<readonly PortRule[]>(),
  frontends: emptyOrderedMap<{ readonly service: string; readonly at: number }>(),
  flows: emptyOrderedMap<Flow>(),
  sticky: emptyOrderedMap<Sticky>(),
  routes: NO_ROUTES,
});

export const KERNEL_FORMAT: DiskFormat<ProxyTypes> = {
  empty: EMPTY_KERNEL,
  write: kernelWith,
  pieces: (record) => [record],
};

export function kernelWith(kernel: Kernel, record: KernelRecord): Kernel {
  switch (record.kind) {
    case "booted":
      // A kernel that starts has neither rules nor connections.
      return kernel.hostBoots === record.hostBoots ? kernel : { ...EMPTY_KERNEL, hostBoots: record.hostBoots };
    case "rules":
      return record.rules.reduce((now, [service, rules]) => withRules(now, service, rules), kernel);
    case "flows":
      return { ...kernel, flows: record.flows.reduce((flows, [key, flow]) => changed(flows, key, flow), kernel.flows) };
    case "routes":
      return { ...kernel, routes: record.routes };
    case "sticky":
      return { ...kernel, sticky: mapSet(kernel.sticky, record.key, record.sticky) };
  }
}

function changed<V>(map: OrderedMap<V>, key: string, value: V | null): OrderedMap<V> {
  return value === null ? mapDelete(map, key) : mapSet(map, key, value);
}

function withRules(kernel: Kernel, service: string, rules: readonly PortRule[] | null): Kernel {
  let { frontends } = kernel;
  const before: string[] = [];
  for (const rule of mapGet(kernel.rules, service) ?? [])
    for (const key of frontendsOf(rule))
      if (mapGet(frontends, key)?.service === service) {
        frontends = mapDelete(frontends, key);
        before.push(key);
      }
  (rules ?? []).forEach((rule, at) => {
    for (const key of frontendsOf(rule)) {
      const owner = mapGet(frontends, key);
      // Of two services with one address the first one in the list of rules gets what comes.
      if (owner === undefined || owner.service >= service) frontends = mapSet(frontends, key, { service, at });
    }
  });
  const left = before.filter((key) => mapGet(frontends, key) === undefined);
  if (left.length > 0) frontends = withOthers(kernel, frontends, left, service);
  return { ...kernel, frontends, rules: changed(kernel.rules, service, rules) };
}

/** What a service has left is another one's that has the same address, if there is one: its rules were there all the time. */
function withOthers(kernel: Kernel, before: Kernel["frontends"], left: readonly string[], service: string) {
  let frontends = before;
  mapEach(kernel.rules, "", null, (rules, other) => {
    if (other === service) return;
    rules.forEach((rule, at) => {
      for (const key of frontendsOf(rule))
        if (left.includes(key) && mapGet(frontends, key) === undefined)
          frontends = mapSet(frontends, key, { service: other, at });
    });
  });
  return frontends;
}

export function flowKey({ protocol, source, sourcePort, destination, destinationPort }: Tuple): string {
  return `${protocol} ${source}:${sourcePort}>${destination}:${destinationPort}`;
}

/** How long a flow is kept that nobody uses. */
export function flowTimeout(config: ProxyConfig, { tuple, replied }: Flow): Micros {
  if (tuple.protocol === "UDP") return replied ? config.udpStreamTimeoutUs : config.udpTimeoutUs;
  return replied ? config.tcpTimeoutUs : config.tcpOpenTimeoutUs;
}

export function isExpired(config: ProxyConfig, flow: Flow, now: Micros): boolean {
  return now - flow.at > flowTimeout(config, flow);
}
