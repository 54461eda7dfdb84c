import { describe, expect, test } from "vitest";
import { findCondition, isConditionTrue, withCondition, withoutCondition } from "./conditions.ts";
import { deepEqual } from "./equality.ts";
import { canonicalJson, fnv32a, nameSuffix, safeEncode, templateHash, uidFrom } from "./hash.ts";
import { percentOf, scaledValue } from "./int-or-string.ts";
import type { Condition, KubeObject } from "./kinds/index.ts";
import {
  controllerOf,
  controllerReference,
  hasFinalizer,
  isControlledBy,
  isDeleting,
  keyOf,
  splitKey,
  withMeta,
  withoutFinalizer,
} from "./meta.ts";
import { addQuantities, compareQuantities, milliValue, quantityError, value } from "./quantity.ts";
import { calendarOf, microTimeOf, timeOf, wallOf } from "./time.ts";

describe("time", () => {
  test("0 is the start of 2026, and texts come back as what they were", () => {
    expect(timeOf(0)).toBe("2026-01-01T00:00:00Z");
    expect(microTimeOf(1_500_000)).toBe("2026-01-01T00:00:01.500000Z");
    expect(timeOf(-1)).toBe("2025-12-31T23:59:59Z");
    expect(microTimeOf(-1)).toBe("2025-12-31T23:59:59.999999Z");
    for (const days of [0, 31, 58, 59, 365, 788, 789, 790, 1461, 27_087, -1, -700]) {
      const wall = days * 86_400_000_000 + 43_200_000_123;
      expect(wallOf(microTimeOf(wall))).toBe(wall);
    }
  });

  test("dates are those of the calendar", () => {
    expect(wallOf("2028-02-29T00:00:00Z")).toBe((365 + 365 + 31 + 28) * 86_400_000_000);
    expect(timeOf(wallOf("2028-02-29T23:59:59Z") + 1_000_000)).toBe("2028-03-01T00:00:00Z");
    expect(wallOf("2026-01-01T02:00:00+02:00")).toBe(0);
    expect(wallOf("2026-01-01T00:00:00.1Z")).toBe(100_000);
    expect(wallOf("tomorrow")).toBeNaN();
    expect(calendarOf(0).weekday).toBe(4);
    expect(calendarOf(wallOf("2026-11-28T00:15:00Z"))).toMatchObject({ month: 11, day: 28, minute: 15, weekday: 6 });
  });
});

describe("quantities", () => {
  test.each([
    ["100m", 1, 100],
    ["1.1", 2, 1100],
    ["0.57", 1, 570],
    [2, 2, 2000],
    [0.5, 1, 500],
    ["1Ki", 1024, 1_024_000],
    ["1.5Gi", 1_610_612_736, 1_610_612_736_000],
    ["1e3", 1000, 1_000_000],
    ["12E", 12e18, 12e21],
    ["1k", 1000, 1_000_000],
    ["100u", 1, 1],
    [".5", 1, 500],
    ["-3", -3, -3000],
  ])("%s is %d, or %d thousandths", (quantity, units, thousandths) => {
    expect(quantityError(quantity)).toBeNull();
    expect(value(quantity)).toBe(units);
    expect(milliValue(quantity)).toBe(thousandths);
  });

  test.each(["", "1 Gi", "1Gib", "1.2.3", "ten", "1mm", "--1", "1,5", "0x1", "1e", "1e+", "1E3Ki", "5m3"])(
    "%j is none",
    (text) => {
      expect(quantityError(text)).not.toBeNull();
    },
  );

  // quantity_test.go, TestQuantityParse: in thousandths of a millionth, which all of them are whole in.
  test.each(
    `0n=0 0Ki=0 1=1e9 8Ki=8192e9 7Mi=7340032e9 6Gi=6442450944e9 100Ti=109951162777600e9 5n=5 4u=4e3 3m=3e6 50k=5e13 1E=1e27
1E-3=1e6 1e3=1e12 1E6=1e15 100.035k=100035e9 0.001=1e6 0.0005k=5e8 0.00500=5e6 0.5e0=5e8 0.5e-1=5e7 10.035M=10035e12
1.3E+6=1300000e9 1.53E12=153e19 9.01=901e7 7.123456M=7123456e9 6.987654321G=6987654321e9 40.1T=401e20 1.01E=101e25
3.001n=4 1.1E-9=2 0.0000000001=1 0.5e-9=1 0.9n=1 0.00000012345=124 0.00000012354=124 12E=12e27
100.035Ki=10243584e7 0.5Mi=524288e9 0.05Gi=536870912e8 0.025Ti=274877906944e8 0.000000000001Ki=2 .001=1e6 .0001k=1e8 1.=1e9 1.G=1e18 +5=5e9 .5=5e8 5.=5e9`
      .split(/\s+/)
      .map((row) => row.split("=") as [string, string]),
  )("%s", (text, billionths) => {
    expect(quantityError(text)).toBeNull();
    expect(milliValue(text)).toBe(Math.ceil(Number(billionths) / 1e6));
    expect(value(text)).toBe(Math.ceil(Number(billionths) / 1e9));
  });

  test.each(["1.1.M", "1+1.0M", "0.1mi", "0.1am", "aoeu", ".5i", "1i", "-3.01i", "-3.01e-"])(
    "%j is none, says TestQuantityParse",
    (text) => {
      expect(quantityError(text)).not.toBeNull();
    },
  );

  test("more than 64 bits can tell", () => {
    expect(value("9Ei")).toBe(2 ** 63);
    expect(value("9223372036854775807Ki")).toBe(2 ** 63);
  });

  test("sums keep the notation of the first", () => {
    expect(addQuantities("100m", "200m")).toBe("300m");
    expect(addQuantities("500m", "500m")).toBe("1");
    expect(addQuantities("1Gi", "512Mi")).toBe("1536Mi");
    expect(addQuantities("1G", "1G")).toBe("2G");
    expect(compareQuantities("1000m", "1")).toBe(0);
    expect(compareQuantities("1Gi", "1G")).toBeGreaterThan(0);
    expect(compareQuantities("10u", "20u")).toBeLessThan(0);
  });
});

test("a number of things, or a share of them", () => {
  expect(scaledValue(3, 10, true)).toBe(3);
  expect(scaledValue("25%", 10, true)).toBe(3);
  expect(scaledValue("25%", 10, false)).toBe(2);
  expect(scaledValue("0%", 10, true)).toBe(0);
  expect(percentOf("25")).toBeNull();
});

describe("hashes", () => {
  test("FNV-1a is that of its authors", () => {
    expect(fnv32a("")).toBe(0x811c9dc5);
    expect(fnv32a("a")).toBe(0xe40c292c);
    expect(fnv32a("foobar")).toBe(0xbf9cf968);
    expect(fnv32a("é")).toBe([0xc3, 0xa9].reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), 0x811c9dc5) >>> 0);
  });

  test("names are of the API's characters", () => {
    expect(safeEncode("0123456789")).toBe("456789bcdf");
    expect(nameSuffix("a")).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(uidFrom("a")).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test("a template's hash does not depend on the order of its fields, but on the collision count", () => {
    expect(canonicalJson({ b: [1, { d: 1, c: "x" }], a: null })).toBe('{"a":null,"b":[1,{"c":"x","d":1}]}');
    const template = { spec: { containers: [{ name: "a", image: "b" }] } };
    const other = { spec: { containers: [{ image: "b", name: "a" }] } };
    expect(templateHash(template, null)).toBe(templateHash(other, null));
    expect(new Set([null, 0, 1, 2].map((count) => templateHash(template, count))).size).toBe(4);
  });

  test("UIDs and suffixes of many names differ as chance would have it", () => {
    const count = 60_000;
    expect(new Set(Array.from({ length: count }, (_, i) => uidFrom(`api-1/12/${i}`))).size).toBe(count);
    const suffixes = new Set(Array.from({ length: 2000 }, (_, i) => nameSuffix(`api-1/12/${i}`)));
    expect(suffixes.size).toBeGreaterThan(1996);
  });
});

test("equality is by content", () => {
  expect(deepEqual({ a: [1, { b: null }] }, { a: [1, { b: null }] })).toBe(true);
  expect(deepEqual({ a: 1 }, { a: 1, b: 2 })).toBe(false);
  expect(deepEqual({ a: 1, c: 2 }, { a: 1, b: 2 })).toBe(false);
  expect(deepEqual([1, 2], [1])).toBe(false);
  expect(deepEqual([], {})).toBe(false);
  expect(deepEqual(null, {})).toBe(false);
});

describe("conditions", () => {
  const ready: Condition = { type: "Ready", status: "True", reason: "A", lastTransitionTime: timeOf(0) };

  test("the transition time changes only with the status", () => {
    const list = [ready];
    const other = withCondition(list, { type: "Ready", status: "True", reason: "B" }, timeOf(5_000_000));
    expect(other).toEqual([{ ...ready, reason: "B" }]);
    expect(withCondition(list, { type: "Ready", status: "True", reason: "A" }, timeOf(5_000_000))).toBe(list);
    const failed = withCondition(list, { type: "Ready", status: "False" }, timeOf(5_000_000));
    expect(failed).toEqual([{ type: "Ready", status: "False", lastTransitionTime: timeOf(5_000_000) }]);
    expect(isConditionTrue(failed, "Ready")).toBe(false);
  });

  test("one comes and goes", () => {
    const two = withCondition([ready], { type: "Other", status: "Unknown" }, timeOf(1_000_000));
    expect(findCondition(two, "Other")?.lastTransitionTime).toBe(timeOf(1_000_000));
    expect(withoutCondition(two, "Other")).toEqual([ready]);
    expect(withoutCondition(two, "None")).toBe(two);
  });
});

describe("metadata", () => {
  const owner: KubeObject = {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: { name: "rs", namespace: "a", uid: "u" },
  };
  const pod: KubeObject = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p", namespace: "a", ownerReferences: [controllerReference(owner)], finalizers: ["x"] },
  };

  test("control is by UID", () => {
    expect(controllerOf(pod)?.name).toBe("rs");
    expect(isControlledBy(pod, owner)).toBe(true);
    expect(isControlledBy(pod, withMeta(owner, { uid: "v" }))).toBe(false);
    expect(isControlledBy(pod, { ...owner, metadata: { name: "rs" } })).toBe(false);
  });

  test("keys, finalizers and deletion", () => {
    expect(keyOf(pod)).toBe("a/p");
    expect(splitKey("a/p")).toEqual(["a", "p"]);
    expect(splitKey("node-1")).toEqual(["", "node-1"]);
    expect(hasFinalizer(pod, "x")).toBe(true);
    expect(withoutFinalizer(pod, "x").metadata).not.toHaveProperty("finalizers");
    expect(isDeleting(withMeta(pod, { deletionTimestamp: timeOf(0) }))).toBe(true);
  });
});
