import { describe, expect, test } from "vitest";
import { categorize, type EndpointInfo } from "./endpoints.ts";

/**
 * Rows of Kubernetes' own tests (Apache-2.0, pkg/proxy/topology_test.go, TestCategorizeEndpoints), in a short notation: an
 * endpoint is its last number, `l` where it is local, `r` where it is ready, `s` where it serves as it terminates, then
 * the zones of its hints. Hints count where they are there, as they do since the annotation is gone.
 */
function endpoints(text: string): readonly EndpointInfo[] {
  return text
    .split(" ")
    .filter((word) => word !== "")
    .map((word) => {
      const [, number, flags = "", zones = ""] = /^(\d+)([lrs]*):?(.*)$/.exec(word)!;
      const isLeaving = flags.includes("s");
      return {
        target: { ip: `10.1.2.${number}`, port: 80, node: "", pod: "" },
        isLocal: flags.includes("l"),
        ready: flags.includes("r"),
        serving: flags.includes("r") || isLeaving,
        terminating: isLeaving,
        zoneHints: zones === "" ? [] : zones.split(","),
        nodeHints: [],
      };
    });
}

const FOUR = "3r:a 4r:b 5r:c 6r:a";

describe("CategorizeEndpoints", () => {
  test.each([
    ["normal endpoint filtering", "a", FOUR, "c", "3 6", ""],
    ["local endpoints are not filtered by topology", "a", "3rl:a 4rl:b 5r:c 6r:a", "cl", "3 6", "3 4"],
    ["empty zone label", "", "3r:a", "c", "3", ""],
    ["node in different zone, no endpoint filtering", "b", "3r:a 5r:c", "c", "3 5", ""],
    ["unready endpoint", "a", "3r:a 4r:b 5r:c 6:a", "c", "3", ""],
    ["only unready endpoints in same zone (should not filter)", "a", "3:a 4r:b 5r:c 6:a", "c", "4 5", ""],
    ["missing hints, no filtering applied", "a", "3r:a 4r:b 5r 6r:a", "c", "3 4 5 6", ""],
    ["multiple hints per endpoint", "c", "3r:a,b,c 4r:b,c 5r:b,d 6r:c", "c", "3 4 6", ""],
    ["conflicting topology and localness", "a", "0rl:a 1rl:b 2r:a 3r:b", "cl", "0 2", "0 1"],
    ["iTP: Local, with empty endpoints", "", "", "l", "", ""],
    ["iTP: Local, but all endpoints are remote", "", "0r 1r", "l", "", ""],
    ["iTP: Local, all endpoints are local", "", "0rl 1rl", "l", "", "0 1"],
    ["iTP: Local, some endpoints are local", "", "0rl 1r", "l", "", "0"],
    ["Cluster traffic policy, endpoints not Ready", "", "0 1", "c", "", ""],
    ["Cluster traffic policy, some endpoints are Ready", "", "0 1r", "c", "1", ""],
    ["Cluster traffic policy, all endpoints are terminating", "", "0sl 1s", "c", "0 1", ""],
    ["Local and Cluster, some endpoints local", "", "0rl 1r", "cl", "0 1", "0"],
    ["Local and Cluster, all endpoints remote", "", "0r 1r", "cl", "0 1", ""],
    ["all endpoints remote and terminating", "", "0s 1s", "cl", "0 1", ""],
    ["with terminating endpoints", "", "0r 1l 2sl 3s", "cl", "0", "2"],
    ["no cluster endpoints for iTP:Local internal-only service", "", "0r 1rl", "l", "", "1"],
  ])("%s", (_, zone, text, uses, cluster, local) => {
    const found = categorize(
      endpoints(text),
      { cluster: uses.includes("c"), local: uses.includes("l") },
      { node: "n", zone },
    );
    const numbers = (targets: typeof found.cluster) => targets.map(({ ip }) => ip.slice("10.1.2.".length)).join(" ");
    expect([numbers(found.cluster), numbers(found.local)]).toEqual([cluster, local]);
  });
});
