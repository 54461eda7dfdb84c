import { describe, expect, test } from "vitest";
import type { ApiResponse } from "../../machinery/api.ts";
import type { Node } from "../../machinery/kinds/index.ts";
import { objectResponse, serverTimeout, statusResponse } from "../../machinery/status.ts";
import { Drill } from "../testing/drill.ts";
import { node } from "../testing/objects.ts";
import { type NodeIpamConfig, nodeIpam } from "./index.ts";

const withBlock = (name: string, block: string): Node => node(name, { spec: { podCIDR: block, podCIDRs: [block] } });

function drill(config: Partial<NodeIpamConfig>, ...nodes: readonly Node[]) {
  const made = new Drill(nodeIpam, config);
  for (const one of nodes) made.api.put(one);
  made.deliver();
  made.start();
  return made;
}
type Made = ReturnType<typeof drill>;

const block = (d: Made, name: string) => d.api.get<Node>("nodes", name)?.spec?.podCIDR ?? "";
const blocks = (d: Made) => d.api.list<Node>("nodes").map(({ metadata, spec }) => `${metadata.name} ${spec?.podCIDR}`);
const SMALL = { clusterCIDR: "10.244.0.0/22", serviceCIDR: "" };

describe("node IPAM", () => {
  test("each node gets a block of its own, in both fields", () => {
    const d = drill({}, node("a"), node("b"));
    d.settle();
    expect(blocks(d)).toEqual(["a 10.244.0.0/24", "b 10.244.1.0/24"]);
    expect(d.api.get<Node>("nodes", "a")!.spec!.podCIDRs).toEqual(["10.244.0.0/24"]);
  });

  test("blocks that nodes have are not given out, once or twice seen (kubernetes#21458, #96416)", () => {
    const d = drill(SMALL, withBlock("a", "10.244.0.0/24"), withBlock("b", "10.244.1.0/24"), node("c"), node("d"));
    d.api.edit<Node>("nodes", "a", (old) => ({ ...old, spec: { ...old.spec, unschedulable: true } }));
    d.settle();
    expect(blocks(d).slice(2)).toEqual(["c 10.244.2.0/24", "d 10.244.3.0/24"]);
    expect(d.state.blocks!.used.count).toBe(4);
  });

  test("the services' range is left out", () => {
    const d = drill({ clusterCIDR: "10.0.0.0/8", serviceCIDR: "10.0.0.0/16" }, node("a"));
    d.settle();
    expect(block(d, "a")).toBe("10.1.0.0/24");
  });

  test("none left: it waits, and goes on when a node is gone", () => {
    const d = drill({ clusterCIDR: "10.244.0.0/24", serviceCIDR: "" }, withBlock("a", "10.244.0.0/24"), node("b"));
    d.run("b");
    expect(d.endings.at(-1)).toMatchObject({ ending: { kind: "retry" } });
    d.api.remove("nodes", "a");
    d.settle();
    expect(block(d, "b")).toBe("10.244.0.0/24");
  });

  test("a patch whose outcome is not known keeps its block until the node says (cloud-provider-azure#4556)", () => {
    const d = drill({}, node("a"), node("b"));
    // It happens, and its answer is lost; what follows is answered.
    let lost = false;
    d.api.intercept = (request) => {
      if (request.verb !== "patch" || lost) return undefined;
      lost = true;
      d.api.edit<Node>("nodes", "a", (old) => ({
        ...old,
        spec: { podCIDR: "10.244.0.0/24", podCIDRs: ["10.244.0.0/24"] },
      }));
      return null;
    };
    d.run("a");
    d.run("b");
    expect(blocks(d)).toEqual(["a 10.244.0.0/24", "b 10.244.1.0/24"]);
    expect(d.notes).toContain("controllers/node-ipam/outcome-unknown-block-kept");
    expect(d.state.reserved.size).toBe(0);
  });

  test("neither patch nor read is answered: the block is reserved for that node still, and tried again", () => {
    const d = drill({}, node("a"), node("b"));
    d.api.intercept = () => null;
    d.run("a");
    expect(d.state.reserved.size).toBe(1);
    d.api.intercept = null;
    d.run("b");
    expect(block(d, "b")).toBe("10.244.1.0/24");
    d.run("a");
    expect(block(d, "a")).toBe("10.244.0.0/24");
    expect(d.state.blocks!.used.count).toBe(2);
  });

  test("a patch that is refused is tried three times, and the block stays reserved", () => {
    const d = drill({}, node("a"));
    let patches = 0;
    d.api.intercept = (request): ApiResponse | undefined => {
      if (request.verb !== "patch") return undefined;
      patches++;
      return statusResponse(serverTimeout("nodes", "patch"));
    };
    d.run("a");
    expect(patches).toBe(3);
    expect(d.state.reserved.size).toBe(1);
  });

  test("a node that got a block from somebody else keeps it, and the reserved one is free", () => {
    const d = drill(SMALL, node("a"));
    d.sync("a");
    d.api.edit<Node>("nodes", "a", (old) => ({
      ...old,
      spec: { podCIDR: "10.244.3.0/24", podCIDRs: ["10.244.3.0/24"] },
    }));
    d.deliver();
    d.answer(objectResponse(d.api.get("nodes", "a")!));
    expect(d.state.blocks!.used.count).toBe(1);
    expect(d.state.reserved.size).toBe(0);
  });

  test("a node that seems to have lost its block, by a cache that is behind, has it still, and nothing is reserved", () => {
    const d = drill(SMALL, node("a"));
    d.settle();
    const now = d.api.get<Node>("nodes", "a")!;
    d.api.put(node("a", { metadata: { ...now.metadata }, spec: {} } as Partial<Node>));
    d.deliver();
    d.sync("a");
    expect(d.state.reserved.size).toBe(1);
    d.api.put(now);
    d.answer(statusResponse(serverTimeout("nodes", "patch")));
    d.answer(objectResponse(now));
    expect([d.state.reserved.size, d.state.blocks!.used.count]).toEqual([0, 1]);
  });

  test("gone with its reservation; made anew it gets the next", () => {
    const d = drill(SMALL, node("a"));
    d.sync("a");
    d.api.remove("nodes", "a");
    d.deliver();
    d.answer(
      statusResponse({
        kind: "Status",
        apiVersion: "v1",
        status: "Failure",
        reason: "NotFound",
        code: 404,
        message: "",
      }),
    );
    expect(d.state.blocks!.used.count).toBe(0);
    d.api.put(node("a"));
    d.settle();
    expect(block(d, "a")).toBe("10.244.1.0/24");
  });

  test("a deleted node's block is another's only when it is nobody's", () => {
    const d = drill(SMALL, withBlock("a", "10.244.0.0/24"), withBlock("b", "10.244.0.0/24"));
    d.api.remove("nodes", "a");
    d.settle();
    expect(d.state.blocks!.used.count).toBe(1);
    d.api.remove("nodes", "b");
    d.settle();
    expect(d.state.blocks!.used.count).toBe(0);
  });
});
