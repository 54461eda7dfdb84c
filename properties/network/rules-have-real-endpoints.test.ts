import { describe, expect, test } from "vitest";
import { orderedMapFrom } from "../../models/kernel/index.ts";
import { ClusterDrill } from "../cluster/testing.ts";
import { rulesHaveRealEndpoints } from "./rules-have-real-endpoints.ts";
import { flow, PROCESSES, rule, service, slice, synced } from "./testing.ts";

describe("rules and flows after a sync (S46)", () => {
  const drill = () =>
    new ClusterDrill(rulesHaveRealEndpoints, PROCESSES)
      .put(service("web"))
      .put(slice(["10.0.0.1", "ready"], ["10.0.0.2", "leaving"], ["10.0.0.3", "dead"]));

  test("to what is there", () => {
    expect(synced(drill(), [rule(["10.0.0.1", "10.0.0.2"])], flow("10.0.0.2")).violated).toBeNull();
    expect(synced(drill(), [rule(["10.0.0.1"])], flow(null, "10.0.0.77")).violated, "a packet of nobody's").toBeNull();
  });

  test("a rule to what is not, or is another pod's", () => {
    expect(synced(drill(), [rule(["10.0.0.3"])]).violated).toMatch(/no endpoint that may be used/);
    const other = rule(["10.0.0.1"], { cluster: [{ ip: "10.0.0.1", port: 1, node: "node-1", pod: "old" }] });
    expect(synced(drill(), [other]).violated).toMatch(/of pod old, which is pod Pod-10.0.0.1's/);
  });

  test("of several pods with one address the ready ones", () => {
    const both = new ClusterDrill(rulesHaveRealEndpoints, PROCESSES)
      .put(service("web"))
      .put(slice(["10.0.0.1", "ready", "new"], ["10.0.0.1", "leaving", "old"], ["10.0.0.1", "ready", "other"]));
    const to = (pod: string) => rule(["10.0.0.1"], { cluster: [{ ip: "10.0.0.1", port: 1, node: "node-1", pod }] });
    expect(synced(both, [to("new")]).violated).toBeNull();
    expect(synced(both, [to("other")]).violated).toBeNull();
    expect(synced(both, [to("old")]).violated).toMatch(/of pod old, which is pod new,other's/);
  });

  test("a flow of datagrams to what does not serve, at zero endpoints too", () => {
    expect(synced(drill(), [rule(["10.0.0.1"])], flow("10.0.0.3")).violated).toMatch(/which serves no more/);
    expect(synced(drill().put(slice()), [rule([])], flow("10.0.0.1")).violated).toMatch(/which serves no more/);
    expect(synced(drill(), [], flow("10.0.0.1")).violated).toMatch(/which is no service's/);
  });

  test("what came after its version does not count", () => {
    const run = drill();
    const at = run.revision;
    run.put(slice());
    run.step("proxy-1", {
      syncs: 1,
      syncedVersions: { services: at, slices: at },
      config: { address: "192.168.0.1" },
      kernel: { rules: orderedMapFrom([["default/web", [rule(["10.0.0.1"])]]]), flows: orderedMapFrom([]) },
    });
    expect(run.violated).toBeNull();
  });
});
