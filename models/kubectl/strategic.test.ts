import { describe, expect, test } from "vitest";
import type { Json } from "../machinery/kinds/index.ts";
import { strategicMergePatch } from "../machinery/patch.ts";
import { threeWayPatch } from "./strategic.ts";

const container = (name: string, more: object = {}) => ({ name, image: `${name}:v1`, ...more });

describe("threeWayPatch", () => {
  test.each<[string, Json, Json, Json, Json]>([
    ["nothing where nothing differs", { a: 1 }, { a: 1 }, { a: 1, b: 2 }, {}],
    ["sets what is new or other", { a: 1 }, { a: 2, c: { d: 1 } }, { a: 1 }, { a: 2, c: { d: 1 } }],
    ["takes away what was in the manifest and is no longer", { a: 1, b: 1 }, { a: 1 }, { a: 1, b: 1 }, { b: null }],
    ["leaves what others have set", { a: 1 }, { a: 1 }, { a: 1, replicas: 5 }, {}],
    ["sets back what others have changed", { a: 1 }, { a: 1 }, { a: 7 }, { a: 1 }],
    [
      "keeps a container that others have added",
      { containers: [container("main")] },
      { containers: [container("main", { image: "main:v2" })] },
      { containers: [container("main"), container("injected")] },
      { containers: [{ name: "main", image: "main:v2" }] },
    ],
    [
      "takes a container away that was in the manifest",
      { containers: [container("main"), container("old")] },
      { containers: [container("main")] },
      { containers: [container("main"), container("old")] },
      { containers: [{ name: "old", $patch: "delete" }] },
    ],
    [
      "takes away and sets in one list",
      { containers: [container("main", { env: [{ name: "A", value: "1" }] }), container("old")] },
      { containers: [container("main", { env: [{ name: "B", value: "2" }] }), container("new")] },
      { containers: [container("main", { env: [{ name: "A", value: "1" }] }), container("old")] },
      {
        containers: [
          { name: "old", $patch: "delete" },
          {
            name: "main",
            env: [
              { name: "A", $patch: "delete" },
              { name: "B", value: "2" },
            ],
          },
          container("new"),
        ],
      },
    ],
    ["replaces a list without keys", { args: ["a"] }, { args: ["b"] }, { args: ["a"] }, { args: ["b"] }],
  ])("%s", (_, original, modified, current, patch) => {
    expect(threeWayPatch(original, modified, current, true)).toEqual(patch);
  });

  test("lists of custom resources are atomic", () => {
    const before = { containers: [container("main"), container("old")] };
    const after = { containers: [container("main")] };
    expect(threeWayPatch(before, after, before, false)).toEqual(after);
  });

  test("applied to what is stored, it gives what the manifest says, and what others have set beside it", () => {
    const original = { spec: { replicas: 3, template: { containers: [container("main"), container("old")] } } };
    const modified = { spec: { template: { containers: [container("main", { image: "main:v2" })] } } };
    const current = {
      spec: {
        replicas: 3,
        paused: true,
        template: { containers: [container("main"), container("old"), container("x")] },
      },
    };
    const patch = threeWayPatch(original, modified, current, true);
    expect(strategicMergePatch(current, patch)).toEqual({
      spec: { paused: true, template: { containers: [container("main", { image: "main:v2" }), container("x")] } },
    });
  });
});
