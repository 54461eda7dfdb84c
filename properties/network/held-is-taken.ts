import type { Service } from "../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { clusterLedgerOf } from "../cluster/ledger.ts";
import { isMarked, type Marked, markedIn } from "./ranges.ts";

const RANGES = "/registry/ranges/";

/**
 * S44, before it comes to it. What a service holds is marked as given out as long as it does, or somebody else could be given
 * it: neither a repair loop nor the end of another service takes the mark away.
 */
export const heldIsTaken: ClusterProperty = {
  id: "network/held-is-taken",
  kind: "always",
  source:
    "kubernetes pkg/registry/core/service/ipallocator/controller/repair.go, portallocator; kubernetes#37488, #54885, #64466",
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    const ranges = new Map<string, Marked>();
    const check = (key: string, service: Service, revision: number, what: string) => {
      for (const [name, items] of heldBy(service)) {
        const range = ranges.get(name);
        const lost = range === undefined ? undefined : items.find((item) => isMarked(range, item) === false);
        if (lost !== undefined)
          context.violate(`${what}: service ${key} holds ${lost}, which is free by the range ${name}`, { revision });
      }
    };
    ledger.onOther(RANGES, (key, value, revision) => {
      const name = key.slice(RANGES.length);
      if (value === null) return;
      ranges.set(name, markedIn(value));
      for (const { key: service, object } of ledger.all<Service>("services").values())
        check(service, object, revision, "a range was written");
    });
    ledger.on<Service>("services", ({ key, after, revision }) => {
      if (after !== null) check(key, after, revision, "a service was written");
    });
    return ledger.with();
  },
};

/** What a service holds of each range. */
export function heldBy({ spec }: Service): readonly (readonly [range: string, items: readonly string[]])[] {
  const { clusterIP = "", ports = [], healthCheckNodePort = 0, type } = spec;
  const numbers = [...ports.map(({ nodePort = 0 }) => nodePort), healthCheckNodePort].filter((port) => port !== 0);
  return [
    ["serviceips", clusterIP === "" || clusterIP === "None" || type === "ExternalName" ? [] : [clusterIP]],
    ["servicenodeports", [...new Set(numbers)].map(String)],
  ];
}
