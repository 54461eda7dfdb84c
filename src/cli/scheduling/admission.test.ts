import { describe, expect, test } from "vitest";
import type { KubeObject, PersistentVolumeClaim, Pod } from "../../../models/machinery/kinds/index.ts";
import { admitted } from "./admission.ts";

const object = (kind: string, name: string, fields: object, annotations: object = {}): KubeObject =>
  ({ apiVersion: "v1", kind, metadata: { name, annotations }, ...fields }) as KubeObject;
const pod = (spec: object) => object("Pod", "p", { spec: { containers: [{ name: "c" }], ...spec } });
const classOf = (name: string, value: number, fields: object = {}) =>
  object("PriorityClass", name, { value, ...fields });

describe("the priority of a pod", () => {
  const classes = [
    classOf("high", 1000, { preemptionPolicy: "Never" }),
    classOf("two", 20, { globalDefault: true }),
    classOf("one", 10, { globalDefault: true }),
  ];
  test.each<[string, object, object]>([
    ["is that of its class", { priorityClassName: "high" }, { priority: 1000, preemptionPolicy: "Never" }],
    ["is that of the lowest default", {}, { priority: 10 }],
    ["is its own where it has one", { priority: 5, priorityClassName: "high" }, { priority: 5 }],
    ["is the system's", { priorityClassName: "system-node-critical" }, { priority: 2_000_001_000 }],
    ["is not known", { priorityClassName: "gone" }, {}],
  ])("%s", (_, spec, expected) => {
    const [, , , found] = admitted([...classes, pod(spec)]);
    const { priority, preemptionPolicy } = (found as Pod).spec;
    expect({ priority, preemptionPolicy }).toEqual({ priority: undefined, preemptionPolicy: undefined, ...expected });
  });
});

describe("the class of a claim", () => {
  const isDefault = { "storageclass.kubernetes.io/is-default-class": "true" };
  const classes = [object("StorageClass", "b", {}, isDefault), object("StorageClass", "a", {}, isDefault)];
  const classGiven = (spec: object, annotations: object = {}, known: readonly KubeObject[] = classes) =>
    (admitted([object("PersistentVolumeClaim", "c", { spec }, annotations), ...known])[0] as PersistentVolumeClaim).spec
      .storageClassName;

  test("is the default one, where it says nothing and has no volume", () => {
    expect(classGiven({})).toBe("a");
    expect(classGiven({ storageClassName: "" })).toBe("");
    expect(classGiven({ storageClassName: "x" })).toBe("x");
    expect(classGiven({ volumeName: "v" })).toBeUndefined();
    expect(classGiven({}, { "volume.beta.kubernetes.io/storage-class": "x" })).toBeUndefined();
    expect(classGiven({}, {}, [object("StorageClass", "a", {})])).toBeUndefined();
  });
});
