import { describe, expect, test } from "vitest";
import { generate } from "../../harness/fast-check.ts";
import { check } from "../../harness/schema.ts";
import { describeFlaws, readManifests } from "../../manifests/index.ts";
import { networkScenario, networkScenarioWith } from "./arbitrary.ts";
import { NetworkScenarioSchema } from "./scenario.ts";
import { simplerNetworks } from "./simplify.ts";
import { networkSuite } from "./suite.ts";

const profile = networkSuite.profiles["quick"]!;
const scenarios = Array.from({ length: 120 }, (_, index) => generate(networkScenario(profile), 1, index));
const text = JSON.stringify(scenarios);

describe("a generated scenario", () => {
  test("fits its schema as it is, and contradicts itself nowhere", () => {
    for (const scenario of scenarios) {
      const checked = check(NetworkScenarioSchema, JSON.parse(JSON.stringify(scenario)));
      expect(checked).toEqual({ kind: "fits", value: scenario });
      expect(networkSuite.contradiction(scenario)).toBeNull();
    }
  });

  test("has services that the API takes", () => {
    for (const { system, workload } of scenarios) {
      const applied = workload.flatMap((operation) => ("objects" in operation ? operation.objects : []));
      for (const object of [...system.objects, ...applied].filter(({ kind }) => kind === "Service")) {
        const { flaws } = readManifests([{ path: "generated", text: JSON.stringify(object) }]);
        expect(describeFlaws(flaws)).toEqual([]);
      }
    }
  });

  test.each([
    '"type":"NodePort"',
    '"type":"LoadBalancer"',
    '"clusterIP":"None"',
    '"sessionAffinity":"ClientIP"',
    '"internalTrafficPolicy":"Local"',
    '"externalTrafficPolicy":"Local"',
    '"publishNotReadyAddresses":true',
    '"trafficDistribution":"PreferSameZone"',
    '"externalIPs"',
    '"loadBalancerSourceRanges"',
    '"protocol":"UDP"',
    '"target":{"kind":"node"}',
  ])("now and then has %s", (piece) => expect(text).toContain(piece));

  test("few clients ask for anything", () => {
    for (const { system } of scenarios) {
      expect(system.traffic.onNodes.length).toBeLessThanOrEqual(3);
      expect(system.traffic.outside.length).toBeLessThanOrEqual(2);
    }
  });
});

test("of a user's own objects the services are asked", () => {
  const template = { metadata: { labels: { app: "a" } }, spec: { containers: [{ name: "main", image: "a:v1" }] } };
  const selector = { matchLabels: { app: "a" } };
  const given = [
    { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "a" }, spec: { replicas: 2, selector, template } },
    { apiVersion: "v1", kind: "Service", metadata: { name: "b" }, spec: { ports: [{ port: 53, protocol: "UDP" }] } },
  ];
  for (let index = 0; index < 10; index++) {
    const scenario = generate(networkScenario(profile, given), 1, index);
    expect(scenario.system.traffic.onNodes).toMatchObject([{ target: { name: "b" }, protocol: "UDP", port: 53 }]);
    expect(scenario.system.objects.filter(({ kind }) => kind === "Service")).toHaveLength(1);
    expect(networkSuite.contradiction(scenario)).toBeNull();
  }
});

test("what is simpler contradicts itself nowhere, keeps its network, and has fewer who ask", () => {
  const plan = (name: string) => ({ name, target: { kind: "service", name: "web" }, port: 80 });
  const scenario = networkScenarioWith({
    system: { masters: 1, nodes: 2, traffic: { onNodes: [plan("a"), plan("b")] }, proxy: { minSyncMs: 2000 } },
    faults: [{ kind: "kill", target: "proxy-2", downMs: 1 }],
    phases: { chaosMs: 10 },
  });
  const simpler = [...simplerNetworks(scenario)];
  expect(simpler[0]!.system.traffic.onNodes.map(({ name }) => name)).toEqual(["b"]);
  const one = simpler.find(({ system }) => system.nodes === 1)!;
  expect(one.faults).toEqual([]);
  expect(one.system.proxy.minSyncMs).toBe(2000);
  expect(simpler.at(-1)!.system.proxy.minSyncMs).toBe(1000);
  for (const each of simpler) expect(networkSuite.contradiction(each)).toBeNull();
});
