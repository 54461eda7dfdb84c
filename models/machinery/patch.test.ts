import { describe, expect, test } from "vitest";
import { mergePatch, mergePatchBetween, strategicMergePatch } from "./patch.ts";

describe("merge patches", () => {
  test.each([
    // RFC 7386, appendix A
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [
      ["a", "b"],
      ["c", "d"],
      ["c", "d"],
    ],
    [{ a: "b" }, ["c"], ["c"]],
    [{ a: "foo" }, null, null],
    [{ a: "foo" }, "bar", "bar"],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])("%j with %j is %j", (target, patch, expected) => {
    expect(mergePatch(target, patch)).toEqual(expected);
  });

  test("what does not change is shared", () => {
    const target = { a: { b: 1 }, c: { d: 2 } };
    expect(mergePatch(target, { a: { b: 1 } })).toBe(target);
    expect((mergePatch(target, { a: { b: 2 } }) as typeof target).c).toBe(target.c);
  });

  test("the patch between two makes one of the other, or is null", () => {
    const from = { a: 1, b: { c: 1, d: [1, 2] }, e: "x" };
    const to = { a: 1, b: { d: [2] }, f: { g: true } };
    const patch = mergePatchBetween(from, to);
    expect(patch).toEqual({ b: { c: null, d: [2] }, e: null, f: { g: true } });
    expect(mergePatch(from, patch)).toEqual(to);
    expect(mergePatchBetween(from, structuredClone(from))).toBeNull();
  });
});

describe("strategic merge patches", () => {
  const pod = {
    metadata: { finalizers: ["a"], labels: { x: "1" } },
    spec: {
      containers: [
        { name: "a", image: "a:1", ports: [{ containerPort: 80, name: "web" }], args: ["1", "2"] },
        { name: "b", image: "b:1" },
      ],
      tolerations: [{ key: "t" }],
    },
  };

  test("containers are merged by name, arguments replaced", () => {
    const patch = { spec: { containers: [{ name: "a", image: "a:2", args: ["3"] }, { name: "c" }] } };
    expect(strategicMergePatch(pod, patch)).toEqual({
      ...pod,
      spec: {
        ...pod.spec,
        containers: [{ ...pod.spec.containers[0], image: "a:2", args: ["3"] }, pod.spec.containers[1], { name: "c" }],
      },
    });
  });

  test("ports are merged by containerPort, those of a service by port; tolerations are atomic, finalizers a set", () => {
    const patched = strategicMergePatch(pod, {
      metadata: { finalizers: ["b", "a"] },
      spec: { containers: [{ name: "a", ports: [{ containerPort: 81 }] }], tolerations: [{ key: "u" }] },
    }) as unknown as typeof pod;
    expect(patched.spec.containers[0]!.ports).toEqual([{ containerPort: 80, name: "web" }, { containerPort: 81 }]);
    expect(patched.spec.tolerations).toEqual([{ key: "u" }]);
    expect(patched.metadata.finalizers).toEqual(["a", "b"]);
    const service = { spec: { ports: [{ port: 80, targetPort: 1 }] } };
    expect(strategicMergePatch(service, { spec: { ports: [{ port: 80, targetPort: 2 }] } })).toEqual({
      spec: { ports: [{ port: 80, targetPort: 2 }] },
    });
  });

  test("directives delete, replace, order and retain", () => {
    const remove = { spec: { containers: [{ name: "a", $patch: "delete" }] } };
    expect((strategicMergePatch(pod, remove) as unknown as typeof pod).spec.containers).toEqual([
      { name: "b", image: "b:1" },
    ]);
    const replace = { spec: { containers: [{ $patch: "replace" }, { name: "z" }] } };
    expect((strategicMergePatch(pod, replace) as unknown as typeof pod).spec.containers).toEqual([{ name: "z" }]);
    const order = {
      spec: { $setElementOrder: 1, "$setElementOrder/containers": [{ name: "b" }, { name: "a" }], containers: [] },
    };
    expect((strategicMergePatch(pod, order) as unknown as typeof pod).spec.containers.map(({ name }) => name)).toEqual([
      "b",
      "a",
    ]);
    expect(strategicMergePatch(pod, { metadata: { "$deleteFromPrimitiveList/finalizers": ["a"] } })).toMatchObject({
      metadata: { finalizers: [], labels: { x: "1" } },
    });
    const strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } };
    expect(strategicMergePatch({ strategy }, { strategy: { $retainKeys: ["type"], type: "Recreate" } })).toEqual({
      strategy: { type: "Recreate" },
    });
    expect(strategicMergePatch({ labels: { x: "1" } }, { labels: { $patch: "replace", y: "2" } })).toEqual({
      labels: { y: "2" },
    });
  });

  test("null removes a field", () => {
    expect(strategicMergePatch(pod, { metadata: { labels: { x: null } } })).toMatchObject({ metadata: { labels: {} } });
  });
});
