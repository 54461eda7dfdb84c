import { expect, test } from "vitest";
import { LAST_APPLIED } from "../../../models/kubectl/index.ts";
import type { KubeObject } from "../../../models/machinery/kinds/index.ts";
import { runScenario } from "../../harness/run.ts";
import { TraceRecorder } from "../../simulator/trace.ts";
import { scenarioWith } from "./defaults.ts";
import { withoutSecrets } from "./secrets.ts";
import { controlPlaneSuite } from "./suite.ts";

const secret = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "keys", annotations: { [LAST_APPLIED]: "hunter2", note: "a" } },
  stringData: { password: "hunter2" },
  data: { token: "aHVudGVyMg==" },
};

test("what is in a Secret is in no line of a trace, whatever is done to it", () => {
  const name = { resource: "secrets", name: "keys" };
  const scenario = scenarioWith({
    system: { nodes: 1, masters: 1, objects: [secret] },
    workload: [
      { kind: "apply", atMs: 6000, objects: [{ ...secret, stringData: { password: "hunter2", more: "hunter2" } }] },
      { kind: "patch", atMs: 7000, session: 1, ...name, patch: { stringData: { password: "hunter2!" } } },
      { kind: "rewrite", atMs: 8000, session: 2, ...name },
    ],
    faults: [{ kind: "crash", atMs: 9000, target: "master-1", downMs: 500 }],
    phases: { chaosMs: 10_000 },
  });
  const trace = new TraceRecorder();
  runScenario(controlPlaneSuite, scenario, { trace });
  const text = trace.lines.map((line) => line.text).join("\n");
  expect(text).toContain("/registry/secrets/default/keys");
  expect(text).toContain('"password"');
  expect(text).not.toContain("hunter2");
  expect(text).not.toContain("aHVudGVyMg");
});

test("a Secret of the user's own comes into a scenario without its values", () => {
  const plain = withoutSecrets(secret as unknown as KubeObject);
  expect(JSON.stringify(plain)).not.toMatch(/hunter2|aHVudGVyMg/);
  expect(plain).toMatchObject({
    metadata: { name: "keys", annotations: { note: "a" } },
    stringData: { password: "***" },
  });
});
