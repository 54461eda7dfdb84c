import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import type { PodResult, ScheduleResult } from "./scheduling/result.ts";
import { inProcess, Reports, seatrial } from "./testing.ts";

const TABLES = fileURLToPath(new URL("../../../shared/data/kubernetes/", import.meta.url));

const reports = new Reports();
afterAll(() => reports.remove());

function written(name: string, text: string): string {
  writeFileSync(reports.at(name), text);
  return reports.at(name);
}

const schedule = (...args: string[]) => inProcess(["schedule", ...args], reports.path);

async function resultsOf(...args: string[]): Promise<readonly PodResult[]> {
  const { status, stderr } = await schedule(...args, "--json", reports.at("out.json"));
  expect([status, stderr.split("\n").filter((line) => line !== "" && !line.startsWith("warning: "))]).toEqual([0, []]);
  return (JSON.parse(readFileSync(reports.at("out.json"), "utf8")) as ScheduleResult).pods;
}

const NODES = written(
  "nodes.yaml",
  `apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Node
  metadata: {name: small, resourceVersion: "7", uid: 1-2}
  status: {allocatable: {cpu: "1", memory: 1Gi, pods: "10"}}
- apiVersion: v1
  kind: Node
  metadata: {name: large}
  status: {allocatable: {cpu: "4", memory: 8Gi, pods: "10"}}
- apiVersion: v1
  kind: Node
  metadata: {name: tainted}
  spec: {taints: [{key: gpu, effect: NoSchedule}]}
  status: {allocatable: {cpu: "64", memory: 64Gi, pods: "10"}}
`,
);

function pod(name: string, spec: string, metadata = ""): string {
  return `---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop${metadata}}
spec: {${spec}}
`;
}

const asking = (cpu: string) => `containers: [{name: c, image: app, resources: {requests: {cpu: ${cpu}}}}]`;

describe("a cluster of three nodes", () => {
  const pods = written(
    "pods.yaml",
    [
      pod("there", `${asking("3500m")}, nodeName: large, priority: 5`),
      pod("a", asking("500m")),
      pod("b", asking("2")),
      pod("c", `${asking("1")}, priority: 10`),
      pod("gated", `${asking("1")}, schedulingGates: [{name: wait}]`),
      pod("theirs", `${asking("1")}, schedulerName: other`),
    ].join(""),
  );

  test("each pod sees the earlier ones, the highest priority first", async () => {
    const { status, stdout, stderr } = await schedule("--nodes", NODES, "--pods", pods);
    expect([status, stderr]).toEqual([0, "warning: shop/theirs is left to its scheduler, other\n"]);
    expect(stdout).toBe(
      [
        "POD         PRIORITY  NODE",
        "shop/c            10  small",
        "shop/a             0  large",
        "shop/b             0  none   0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.",
        "shop/gated         0  none   waiting for scheduling gates: [wait]",
        "",
      ].join("\n"),
    );
  });

  test("the result tells of every node", async () => {
    const [first, , third] = await resultsOf("--nodes", NODES, "--pods", pods);
    expect(first).toMatchObject({ name: "c", node: "small", priority: 10, qosClass: "Burstable", message: null });
    expect(first!.nodes["large"]).toEqual({
      status: "Unschedulable",
      reasons: ["Insufficient cpu"],
      plugin: "NodeResourcesFit",
      scores: null,
      total: null,
    });
    expect(third!.nodes["tainted"]).toMatchObject({
      status: "UnschedulableAndUnresolvable",
      plugin: "TaintToleration",
    });
  });

  test("all filters, and all scores", async () => {
    const [first, second] = await resultsOf("--nodes", NODES, "--pods", pods, "--all-plugins");
    const { filters } = first!.nodes["tainted"]!;
    expect(filters!["TaintToleration"]!.status).toBe("UnschedulableAndUnresolvable");
    expect(filters!["NodeResourcesFit"]!.status).toBe("Success");
    expect(first!.nodes["small"]!.scores!["NodeResourcesFit"]).toEqual({ raw: 40, normalised: 40, weight: 1 });
    expect(second!.preFilters!["NodePorts"]).toEqual({ status: "Skip", reasons: [], nodeNames: null });
  });

  test("an explanation is a table for each pod", async () => {
    const { stdout } = await schedule("--nodes", NODES, "--pods", pods, "--explain");
    expect(stdout).toContain("shop/c (Burstable) goes to small\n");
    expect(stdout).toMatch(
      / {3}tainted +TaintToleration: node\(s\) had untolerated taint\(s\) \[UnschedulableAndUnresolvable\]/,
    );
  });

  test("where none waits, every plugin is asked of each pod that has its node", async () => {
    const there = written("there.yaml", pod("p", `${asking("3500m")}, nodeName: large`));
    const { stderr } = await schedule("--nodes", NODES, "--pods", there);
    expect(stderr).toBe("warning: no pod waits for a node: all have one (spec.nodeName), or have ended\n");
    const again = await schedule("--nodes", NODES, "--pods", there, "--all-plugins");
    expect(again.stderr).toBe("warning: no pod waits for a node: each is looked at as if it alone had none yet\n");
    expect(again.stdout).toContain("shop/p (Burstable) goes to large");
    const [result] = await resultsOf("--nodes", NODES, "--pods", there, "--all-plugins");
    expect(result!.nodes["large"]!.filters!["NodeResourcesFit"]!.status).toBe("Success");
    expect(result!.nodes["small"]!.filters!["NodeName"]!.status).toBe("UnschedulableAndUnresolvable");
  });

  test("a pod that says only what it is limited to asks for that", async () => {
    const limited = (name: string, limits: string, resources = "") =>
      pod(name, `${resources}containers: [{name: c, image: app, resources: {limits: {cpu: ${limits}}}}]`);
    const file = written(
      "limited.yaml",
      limited("most", "4") + limited("half", "500m") + limited("all", "500m", 'resources: {limits: {cpu: "8"}}, '),
    );
    const results = await resultsOf("--nodes", NODES, "--pods", file);
    expect(results.map(({ name, node }) => `${name} ${node}`)).toEqual(["most large", "half small", "all small"]);
  });

  test("a pod of higher priority makes room for itself", async () => {
    const urgent = written("urgent.yaml", pod("urgent", `${asking("4")}, priorityClassName: urgent`));
    const classes = written(
      "classes.yaml",
      "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: urgent}\nvalue: 1000\n",
    );
    const [first] = await resultsOf("--nodes", NODES, "--pods", pods, "--pods", urgent, "--pods", classes);
    expect(first).toMatchObject({ name: "urgent", priority: 1000, node: "large", nominatedNode: "large" });
    expect(first!.victims).toEqual(["shop/there"]);
    expect(first!.message).toBe("0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu.");
  });
});

test("claims that wait for their first consumer are promised once", async () => {
  const storage = (name: string, node: string) => `---
apiVersion: v1
kind: PersistentVolume
metadata: {name: ${name}}
spec:
  capacity: {storage: 5Gi}
  accessModes: [ReadWriteOnce]
  storageClassName: local
  local: {path: /mnt}
  nodeAffinity: {required: {nodeSelectorTerms: [{matchFields: [{key: metadata.name, operator: In, values: [${node}]}]}]}}
`;
  const claim = (name: string) => `---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: ${name}, namespace: shop}
spec: {accessModes: [ReadWriteOnce], storageClassName: local, resources: {requests: {storage: 1Gi}}}
`;
  const using = (name: string) =>
    pod(name, `${asking("100m")}, volumes: [{name: v, persistentVolumeClaim: {claimName: ${name}}}]`);
  const file = written(
    "claims.yaml",
    `apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: local}
provisioner: kubernetes.io/no-provisioner
volumeBindingMode: WaitForFirstConsumer
${storage("v1", "small")}${claim("x")}${claim("y")}${using("x")}${using("y")}`,
  );
  const [x, y] = await resultsOf("--nodes", NODES, "--pods", file);
  expect([x!.node, y!.node]).toEqual(["small", null]);
  expect(y!.message).toContain("2 node(s) didn't find available persistent volumes to bind");
});

test("fields that are null are not there", async () => {
  const nodes = written(
    "nulls-nodes.json",
    JSON.stringify({
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: "n", labels: null, deletionTimestamp: null },
      spec: { taints: null, unschedulable: null },
      status: { allocatable: { cpu: "1", pods: "3" }, images: null },
    }),
  );
  const absent = [
    "affinity",
    "volumes",
    "nodeSelector",
    "tolerations",
    "topologySpreadConstraints",
    "overhead",
    "priority",
  ];
  const spec = { containers: [{ name: "c", image: "a", ports: null, resources: null }] };
  const metadata = { name: "p", labels: null, ownerReferences: null, deletionTimestamp: null };
  const nulls = Object.fromEntries(absent.map((name) => [name, null]));
  const pods = written(
    "nulls-pods.json",
    JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata, spec: { ...spec, ...nulls }, status: null }),
  );
  const [result] = await resultsOf("--nodes", nodes, "--pods", pods, "--all-plugins");
  expect(result!.node).toBe("n");
});

describe("a configuration", () => {
  const one = written("one.yaml", pod("p", asking("100m")));
  const config = (text: string) =>
    written("config.yaml", `apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n${text}`);

  test("turns scoring around", async () => {
    const most = config(`profiles:
- plugins:
    score:
      disabled: [{name: "*"}]
      enabled: [{name: NodeResourcesFit, weight: 5}]
  pluginConfig:
  - name: NodeResourcesFit
    args: {scoringStrategy: {type: MostAllocated, resources: [{name: cpu, weight: 1}]}}
`);
    const [result] = await resultsOf("--nodes", NODES, "--pods", one, "--config", most);
    expect(result!.node).toBe("small");
    expect(result!.nodes["small"]).toMatchObject({ total: 50, scores: { NodeResourcesFit: { raw: 10, weight: 5 } } });
  });

  test("is refused with file, line and field", async () => {
    const bad = config(`profiles:
- pluginConfig:
  - name: NodeResourcesFit
    args:
      scoringStrategy:
        type: LeastAllocated
        resources:
        - name: memory
          weight: -1
  plugins: {filter: {enabled: [{name: NodeFit}]}}
percentageOfNodesToScore: 101
`);
    const { status, stderr } = await schedule("--nodes", NODES, "--pods", one, "--config", bad);
    expect(status).toBe(2);
    expect(stderr.split("\n").map((line) => line.slice(bad.length))).toEqual([
      ":11:19: profiles[0].pluginConfig[0].args.scoringStrategy.resources[0].weight: Invalid value: -1: resource weight of memory not in valid range (0, 100]",
      expect.stringMatching(
        /^:12:\d+: profiles\[0\]\.plugins\.filter\.enabled\[0\]\.name: plugin "NodeFit" does not exist/,
      ),
      ":13:27: percentageOfNodesToScore: Invalid value: 101: not in valid range [0-100]",
      "",
    ]);
  });
});

describe("bad input", () => {
  const one = written("good.yaml", pod("p", asking("100m")));

  test.each([
    [
      "a quantity of a pod",
      "--pods",
      pod("p", asking("1x")),
      /:5:\d+: Pod "p" .*spec\.containers\[0\]\.resources\.requests/,
    ],
    [
      "a quantity of a node",
      "--nodes",
      "apiVersion: v1\nkind: Node\nmetadata: {name: n}\nstatus: {allocatable: {cpu: 1z}}\n",
      /:4:\d+: Node "n" is invalid: status\.allocatable\[cpu\]: /,
    ],
    ["not YAML", "--pods", "a: [", /:1:\d+: not well-formed/],
    ["no node", "--nodes", pod("p", asking("1")), /expected at least one Node/],
  ])("%s", async (_, option, text, expected) => {
    const file = written("bad.yaml", text);
    const args = option === "--pods" ? ["--nodes", NODES, "--pods", file] : ["--nodes", file, "--pods", one];
    const { status, stderr, stdout } = await schedule(...args);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(expected);
  });

  test("a result that cannot be written", async () => {
    const { status, stderr } = await schedule("--nodes", NODES, "--pods", one, "--json", `${one}/out.json`);
    expect(status).toBe(2);
    expect(stderr).toMatch(/out\.json: cannot be written: /);
  });

  test("a file that is not there, by a process of its own", async () => {
    const { status, stderr } = await seatrial(["schedule", "--nodes", "nowhere.yaml", "--pods", one]);
    expect([status, stderr]).toEqual([2, "nowhere.yaml: cannot be read: there is no such file\n"]);
  });
});

interface Row {
  readonly name: string;
  readonly nodes: readonly unknown[];
  readonly existing: readonly unknown[];
  readonly pod: { readonly metadata: { readonly name: string } };
  readonly extra: readonly unknown[];
  readonly config?: object;
  readonly pluginOnly?: boolean;
  readonly invalidManifest?: boolean;
  readonly expect: {
    readonly filter?: Readonly<Record<string, string>>;
    readonly score?: Readonly<Record<string, number>>;
    readonly nominatedNode?: string;
  };
}

describe.skipIf(!existsSync(TABLES))("Kubernetes' own tables", () => {
  const files = existsSync(TABLES) ? readdirSync(TABLES).filter((name) => name.endsWith(".json")) : [];
  for (const file of files) {
    const { plugin, cases, config } = JSON.parse(readFileSync(`${TABLES}${file}`, "utf8")) as {
      readonly plugin?: string;
      readonly cases: readonly Row[];
      readonly config?: object;
    };
    if (plugin === undefined) continue;
    const rows = cases.filter(({ pluginOnly, invalidManifest }) => pluginOnly !== true && invalidManifest !== true);
    // One of each: the rest goes through the same code in scheduling/tables.
    test.each(rows.slice(0, 1).map((row) => [row.name, row] as const))(`${file}: %s`, async (_, row) => {
      const list = (items: readonly unknown[]) => JSON.stringify({ apiVersion: "v1", kind: "List", items });
      const nodes = written("table-nodes.json", list(row.nodes));
      const pods = written("table-pods.json", list([...row.existing, row.pod, ...row.extra]));
      const args = row.config ?? config;
      const profile = { pluginConfig: args === undefined ? [] : [{ name: plugin, args }] };
      const configuration = {
        apiVersion: "kubescheduler.config.k8s.io/v1",
        kind: "KubeSchedulerConfiguration",
        profiles: [profile],
      };
      const settings = written("table-config.json", JSON.stringify(configuration));
      const results = await resultsOf("--nodes", nodes, "--pods", pods, "--config", settings, "--all-plugins");
      const result = results.find(({ name }) => name === row.pod.metadata.name)!;
      const { filter, score, nominatedNode } = row.expect;
      for (const [name, status] of Object.entries(filter ?? {}))
        expect(result.nodes[name]!.filters![plugin]!.status, name).toBe(status);
      for (const [name, raw] of Object.entries(score ?? {}))
        expect(result.nodes[name]!.scores![plugin]!.raw, name).toBe(raw);
      if (nominatedNode !== undefined) expect(result.nominatedNode).toBe(nominatedNode);
    });
  }
});
