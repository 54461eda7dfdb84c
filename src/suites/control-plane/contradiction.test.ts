import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { UsageError } from "../../cli/exit.ts";
import { loadScenario } from "../../cli/load.ts";
import { controlPlaneSuite } from "./suite.ts";

/** What is said of a scenario file with these operations and faults. */
function complaints(workload: string, faults = ""): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "seatrial-contradiction-"));
  const file = join(folder, "s.yaml");
  const text = `suite: control-plane\nsystem: { nodes: 1 }\nworkload: [${workload}]\nfaults: [${faults}]\nphases: { chaosMs: 100 }\n`;
  writeFileSync(file, text);
  try {
    loadScenario([controlPlaneSuite], file);
    return [];
  } catch (error) {
    if (error instanceof UsageError) return error.lines.map((line) => line.replace(/^\S+s\.yaml:/, ""));
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.each([
  ["{ kind: scale, resource: deployment, name: web, replicas: 2 }", "did you mean deployments?"],
  ["{ kind: delete, resource: StatefulSet, name: db }", "did you mean statefulsets?"],
  ["{ kind: delete, resource: things, name: db }", "a resource by its plural, such as deployments, not things"],
  ["{ kind: drain, node: node-7 }", "workload[0].node: expected one of node-1, not node-7"],
  ["{ kind: drian, node: node-1 }", "3:20: workload[0].kind: expected one of apply, create, replace"],
  ["{ kind: scale, resource: deployments, name: web }", "workload[0].replicas: this field is missing"],
  ["{ kind: label, resource: pods, name: web }", "workload[0].values: this field is missing"],
])("%s", (operation, message) => {
  const [first, ...others] = complaints(operation);
  expect(first).toContain(message);
  expect(others).toEqual([]);
});

test("who is struck is there, or the name that was meant is told", () => {
  expect(complaints("", "{ kind: kill, target: apii-1, downMs: 1 }")[0]).toContain("not apii-1 (did you mean api-1?)");
  expect(complaints("{ kind: patch, resource: widgets.example.com, name: w, patch: {} }")).toEqual([]);
});
