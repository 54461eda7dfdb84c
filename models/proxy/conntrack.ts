/** Flows that would go on to where nothing is any more (kubernetes pkg/proxy/conntrack/cleanup.go). */
import { type Micros, mapEach, mapGet, type Note } from "../kernel/index.ts";
import { isExpired } from "./kernel.ts";
import { note } from "./notes.ts";
import { frontendKey, nodePortKey } from "./rules.ts";
import type { Flow, Kernel, PortRule, ProxyConfig } from "./types.ts";

/** A flow that goes, and why. */
export interface Cleared {
  readonly key: string;
  readonly note: Note;
}

/**
 * CleanStaleEntries: flows of datagrams to a service that do not go to one of its serving endpoints. A datagram has no
 * connection that would break, and as long as the client goes on the flow stays (kubernetes#19029). `before` is the
 * kernel before the sync: a service that is gone had its frontends there. Flows whose time is over go as well.
 */
export function staleFlows(config: ProxyConfig, before: Kernel, kernel: Kernel, now: Micros): readonly Cleared[] {
  const cleared: Cleared[] = [];
  mapEach(kernel.flows, "", null, (flow, key) => {
    if (isExpired(config, flow, now)) cleared.push({ key, note: note.flowExpired });
    else if (flow.tuple.protocol === "UDP") {
      const why = whyStale(before, kernel, config, flow);
      if (why !== null) cleared.push({ key, note: why });
    }
  });
  return cleared;
}

function whyStale(before: Kernel, kernel: Kernel, config: ProxyConfig, flow: Flow): Note | null {
  const rule = ruleFor(kernel, config.address, flow);
  if (rule === null)
    return flow.target !== null && ruleFor(before, config.address, flow) !== null ? note.flowOfNoService : null;
  // Without serving endpoints all of them are stale (kubernetes#110301, kubernetes#139628).
  if (flow.target !== null) return rule.serving.includes(flow.target.ip) ? null : note.staleFlow;
  // It began when there was no rule, and would never find the endpoints that there are now (kubernetes#105657).
  return note.blackHole;
}

/** The rule of what a flow or a packet is for; null: there is none. */
export function ruleFor(kernel: Kernel, nodeAddress: string, { tuple }: Pick<Flow, "tuple">): PortRule | null {
  const { protocol, destination, destinationPort } = tuple;
  const frontend =
    mapGet(kernel.frontends, frontendKey(protocol, destination, destinationPort)) ??
    (destination === nodeAddress ? mapGet(kernel.frontends, nodePortKey(protocol, destinationPort)) : undefined);
  if (frontend === undefined) return null;
  return mapGet(kernel.rules, frontend.service)?.[frontend.at] ?? null;
}
