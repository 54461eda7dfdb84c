import { mkdirSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CampaignResult } from "../harness/result.ts";
import { inProcess, Reports } from "./testing.ts";

let reports: Reports;

beforeEach(() => {
  reports = new Reports();
});

afterEach(() => reports.remove());

const WEB = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: web:v1
`;
const SECRET = `apiVersion: v1
kind: Secret
metadata: { name: keys }
stringData: { password: hunter2 }
`;

/** Writes files below a folder, and runs the control plane with them. */
function run(files: Readonly<Record<string, string>>, ...args: readonly string[]) {
  mkdirSync(reports.at("k8s/deeper"), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(reports.at(`k8s/${name}`), text);
  const options = ["--seed", "1", "--workers", "1", "--reports", reports.path];
  return inProcess(["run", "control-plane", "--manifests", reports.at("k8s"), ...options, ...args]);
}

describe("run --manifests", () => {
  test("begins each run with all objects below the folder, and warns of what is odd", async () => {
    const files = { "web.yaml": WEB.replace("replicas", "replikas: 1\n  replicas"), "deeper/secret.yml": SECRET };
    const { status, stdout, stderr } = await run(files, "--runs", "2", "--no-corpus");
    expect(stderr).toContain('web.yaml:6:13: Deployment.apps "web": unknown field "spec.replikas"');
    expect(stdout).toContain("control-plane: HOLDS");
    expect(status).toBe(0);
    expect(reports.json<CampaignResult>("last-run.json").runs).toBe(2);
  });

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ["no YAML", { "web.yaml": "a: [" }, "web.yaml:1:"],
    ["no apiVersion", { "web.yaml": WEB.replace("apiVersion: apps/v1\n", "") }, "apiVersion not set"],
    ["no kind", { "web.yaml": WEB.replace("kind: Deployment\n", "") }, "kind not set"],
    ["no name", { "web.yaml": WEB.replace("name: web\nspec", "labels: {}\nspec") }, "resource name may not be empty"],
    [
      "against the rules of the API",
      { "web.yaml": WEB.replace("replicas: 2", "replicas: -2") },
      'web.yaml:6:13: Deployment.apps "web" is invalid: spec.replicas: Invalid value: -2: must be greater than or equal to 0',
    ],
    ["no files", { "web.txt": WEB }, "expected a directory with .yaml, .yml or .json files in it"],
  ])("%s: status 2, and where it is", async (_, files, message) => {
    const { status, stderr } = await run(files);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });

  test("is for suites that take manifests, and for what is there", async () => {
    const { status, stderr } = await inProcess(["run", "raft", "--manifests", "nowhere", "--reports", reports.path]);
    expect([status, stderr]).toEqual([2, expect.stringContaining("the suite raft takes no manifests")]);
    const none = await inProcess(["run", "control-plane", "--manifests", "nowhere", "--reports", reports.path]);
    expect([none.status, none.stderr]).toEqual([2, expect.stringContaining("nowhere: cannot be read")]);
  });
});

describe("manifests in a scenario file", () => {
  const scenario = (manifests: string) => `title: t
suite: control-plane
system:
  nodes: 1
  manifests: [${manifests}]
phases: { chaosMs: 1000, settleMs: 60000 }
expect: { verdict: holds }
`;

  function runFile(manifests: string, files: Readonly<Record<string, string>>) {
    for (const [name, text] of Object.entries({ ...files, "s.yaml": scenario(manifests) }))
      writeFileSync(reports.at(name), text);
    return inProcess(["run", "--scenario", reports.at("s.yaml"), "--workers", "1", "--reports", reports.path]);
  }

  test("are read from beside it", async () => {
    const { status, stdout } = await runFile("web.yaml", { "web.yaml": WEB });
    expect(stdout).toContain("control-plane: HOLDS");
    expect(status).toBe(0);
  });

  test("have their flaws told where they are", async () => {
    const { status, stderr } = await runFile("web.yaml", { "web.yaml": WEB.replace("replicas: 2", "replicas: -2") });
    expect([status, stderr]).toEqual([2, expect.stringContaining("web.yaml:6:13: ")]);
    const missing = await runFile("none.yaml", {});
    expect([missing.status, missing.stderr]).toEqual([2, expect.stringContaining("none.yaml: cannot be read")]);
  });

  test("keep what is in a Secret out of traces and failure files", async () => {
    writeFileSync(reports.at("keys.yaml"), SECRET);
    writeFileSync(reports.at("s.yaml"), scenario("keys.yaml"));
    const { stdout } = await inProcess(["replay", reports.at("s.yaml"), "--trace"]);
    expect(stdout).toContain('"kind":"Secret"');
    expect(stdout).toContain("password");
    expect(stdout).not.toContain("hunter2");
  });
});
