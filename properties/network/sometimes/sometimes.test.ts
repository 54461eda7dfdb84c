import { expect, test } from "vitest";
import { ClusterDrill } from "../../cluster/testing.ts";
import { PROCESSES, service } from "../testing.ts";
import { networkSituations } from "./index.ts";

test("situations are reached by what they are called after", () => {
  const named = (id: string) => networkSituations.find((one) => one.id === `network/sometimes/${id}`)!;
  const cleared = new ClusterDrill(named("flow-to-a-removed-endpoint-cleared"), PROCESSES);
  expect(cleared.note("proxy-1", "proxy/sync/full").reached).toBe(false);
  expect(cleared.note("proxy-1", "proxy/conntrack/flow-to-a-removed-endpoint-cleared").reached).toBe(true);
  const changed = new ClusterDrill(named("type-of-a-service-changed"), PROCESSES).put(service("a"));
  expect(changed.put(service("a", { externalIPs: ["1.1.1.1"] })).reached).toBe(false);
  expect(changed.put(service("a", { type: "NodePort" })).reached).toBe(true);
});
