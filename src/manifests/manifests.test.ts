import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { strategyFor } from "../../models/apiserver/kinds/index.ts";
import type { Deployment } from "../../models/machinery/kinds/index.ts";
import { resourceOfKind } from "../../models/machinery/resources.ts";
import { describeFlaws, readManifests } from "./index.ts";

const folder = fileURLToPath(new URL("examples/", import.meta.url));
const examples = readdirSync(folder)
  .sort()
  .map((path) => ({ path, text: readFileSync(`${folder}${path}`, "utf8") }));

const read = (text: string, path = "a.yaml") => readManifests([{ path, text }]);
const complaints = (text: string) => describeFlaws(read(text).flaws);

const POD = `apiVersion: v1
kind: Pod
metadata:
  name: a
spec:
  containers:
    - name: c
      image: nginx:1
`;

describe("the examples", () => {
  test.each(examples)("$path is as the API wants it", (file) => {
    const { objects, warnings, flaws } = readManifests([file]);
    expect(describeFlaws(flaws)).toEqual([]);
    expect(describeFlaws(warnings)).toEqual([]);
    expect(objects.length).toBeGreaterThan(0);
  });

  test("come in the order of the files and of the places in them, with the lines at which they begin", () => {
    const { objects } = readManifests(examples.filter(({ path }) => path === "web.yaml" || path === "batch.yaml"));
    expect(objects.map(({ object, file, line }) => `${file}:${line} ${object.kind}/${object.metadata.name}`)).toEqual([
      "batch.yaml:1 Job/import",
      "batch.yaml:26 CronJob/report",
      "web.yaml:2 ConfigMap/web-config",
      "web.yaml:11 Deployment/web",
      "web.yaml:115 Service/web",
      "web.yaml:127 PodDisruptionBudget/web",
    ]);
  });

  test("have their defaults once: filling in twice changes nothing", () => {
    for (const { object } of readManifests(examples).objects) {
      const strategy = strategyFor(resourceOfKind(object.apiVersion, object.kind));
      const once = strategy.defaults(object);
      expect(strategy.defaults(once)).toBe(once);
      expect(strategy.unknownFields(once)).toEqual([]);
    }
  });

  test("an object as a server has it loses what only that server can know", () => {
    const { objects } = readManifests(examples.filter(({ path }) => path === "read-back.yaml"));
    const [deployment, job] = objects.map(({ object }) => object);
    expect(Object.keys(deployment!.metadata).sort()).toEqual(["annotations", "labels", "name", "namespace"]);
    expect(deployment).not.toHaveProperty("status");
    expect((deployment as Deployment).spec.template.metadata).not.toHaveProperty("managedFields");
    expect(JSON.stringify(job)).not.toContain("controller-uid");
    expect(JSON.stringify(job)).toContain("batch.kubernetes.io/job-name");
  });
});

describe("what kubectl's parser takes", () => {
  test("anchors, merges, and a namespace where one is missing", () => {
    const { objects } = read(
      `base: &base\n  a: "1"\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata:\n  <<: &d {a: "1"}\n  b: "2"\n`,
    );
    expect(objects.map(({ object }) => object)).toEqual([
      {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "one", namespace: "default" },
        data: { a: "1", b: "2" },
      },
    ]);
  });

  test("octal numbers, and yes and no as booleans", () => {
    const { objects } = read(
      "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {mode: 0644, on: yes, off: 'no', n: 0, m: -010}\n",
    );
    expect((objects[0]!.object as { spec?: unknown }).spec).toEqual({
      mode: 420,
      true: true,
      false: "no",
      n: 0,
      m: -8,
    });
  });

  test("empty documents and comments are nothing", () => {
    expect(read(`---\n# nothing\n---\n${POD}---\n`).objects).toHaveLength(1);
    expect(describeFlaws(read("# nothing\n").warnings)).toEqual(["a.yaml:1:1: there are no objects in it"]);
  });

  test("a cluster-scoped object has no namespace", () => {
    const { objects } = read("apiVersion: v1\nkind: Namespace\nmetadata: {name: a, namespace: b}\n");
    expect(objects[0]!.object.metadata).toEqual({ name: "a" });
  });

  test("lists in lists", () => {
    const item = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}";
    const text = `apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: ConfigMapList\n    items:\n      - ${item}\n`;
    expect(read(text).objects.map(({ line }) => line)).toEqual([7]);
  });
});

describe("what is wrong is told with file, line, field and the API's own words", () => {
  test.each([
    ["a: [1,\nb: 2", [/^a\.yaml:\d+:\d+: not well-formed: /]],
    ["a: *nobody\n", [/^a\.yaml:1:\d+: not well-formed: .*nobody/]],
    [
      "hello\n",
      ['a.yaml:1:1: expected an object of the API (a mapping with apiVersion, kind and metadata), not "hello"'],
    ],
    [
      "- a\n- b\n",
      ["a.yaml:1:1: expected an object of the API (a mapping with apiVersion, kind and metadata), not a list"],
    ],
    ["metadata:\n  name: a\n", ["a.yaml:1:1: apiVersion not set", "a.yaml:1:1: kind not set"]],
    ["apiVersion: v1\nkind: Pod\nmetadata:\n  labels: {a: b}\n", ["a.yaml:3:1: Pod: resource name may not be empty"]],
    [
      "apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}\n",
      ["a.yaml:3:26: from a-: cannot use generate name with apply"],
    ],
    [
      "apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {name: a}\n",
      ['a.yaml:2:7: no matches for kind "Deployment" in version "extensions/v1beta1" (it is served as apps/v1)'],
    ],
    ["apiVersion: v1\nkind: Pood\nmetadata: {name: a}\n", ['a.yaml:2:7: no matches for kind "Pood" in version "v1"']],
  ] as const)("%j", (text, expected) => {
    const found = complaints(text).slice(0, expected.length);
    expect(found).toHaveLength(expected.length);
    expected.forEach((one, index) => {
      if (typeof one === "string") expect(found[index]).toBe(one);
      else expect(found[index]).toMatch(one);
    });
    expect(read(text).objects).toEqual([]);
  });

  const deployment = examples.find(({ path }) => path === "web.yaml")!.text;

  test("a number that is too small", () => {
    expect(complaints(deployment.replace("replicas: 4", "replicas: -1"))).toEqual([
      'a.yaml:19:13: Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    ]);
  });

  test("a value of another type", () => {
    expect(complaints(deployment.replace("replicas: 4", "replicas: four"))).toEqual([
      'a.yaml:19:13: Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    ]);
    expect(complaints(deployment.replace('value: "info"', "value: on"))).toEqual([
      'a.yaml:67:22: Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal bool into Go struct field EnvVar.spec.template.spec.containers.env.value of type string',
    ]);
  });

  test("several at once, and in an item of a list", () => {
    const text = `apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  metadata: {name: Web}\n  spec:\n    ports:\n    - port: 0\n      protocol: tcp\n`;
    const { flaws } = read(text);
    expect(flaws.map(({ line, field }) => `${line} ${field}`)).toEqual([
      "6 metadata.name",
      "9 spec.ports[0].port",
      "10 spec.ports[0].protocol",
      "9 spec.ports[0].targetPort",
    ]);
    expect(flaws[2]!.message).toBe(
      'Service "Web" is invalid: spec.ports[0].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP"',
    );
  });

  test("labels of a template are in its metadata", () => {
    const text = deployment.replace("labels: *labels\n      annotations", 'labels: {"a b": c}\n      annotations');
    const { flaws } = read(text);
    expect(flaws.map(({ line, field }) => `${line} ${field}`)).toEqual([
      "31 spec.template.metadata.labels",
      "31 spec.template.labels",
    ]);
  });

  test("an item that is empty", () => {
    expect(complaints(POD.replace("- name: c\n      image: nginx:1", "-"))).toEqual([
      'a.yaml:7:6: Pod "a" is invalid: spec.containers[0].name: Required value',
      'a.yaml:7:6: Pod "a" is invalid: spec.containers[0].image: Required value',
    ]);
  });

  test("a mistake in one object leaves the others", () => {
    const { objects, flaws } = read(`${POD}---\n${POD.replace("name: a", "name: A_")}`);
    expect(objects).toHaveLength(1);
    expect(flaws).toHaveLength(1);
  });

  test("a secret that is not base64", () => {
    const secret = (value: string) => `apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata:\n  a: ${value}\n`;
    expect(complaints(secret("aGVsbG8="))).toEqual([]);
    expect(complaints(secret("hello"))).toEqual([
      'a.yaml:5:6: Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 4',
    ]);
    expect(complaints(secret("pass-word"))).toEqual([
      'a.yaml:5:6: Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 4',
    ]);
    expect(complaints(secret("5"))).toEqual([
      'a.yaml:5:6: Secret in version "v1" cannot be handled as a Secret: json: cannot unmarshal number into Go struct field Secret.data of type []uint8',
    ]);
  });

  test("what a secret holds is not told", () => {
    const text =
      "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {pin: 918273, 'bad key': hidden-text}\n";
    const told = JSON.stringify(read(text));
    expect(told).toContain("cannot unmarshal number");
    expect(told).not.toContain("918273");
    expect(told).not.toContain("hidden-text");
  });
});

describe("whatever a file holds, it is an object or a flaw", () => {
  /** Numbers that are always the same (a linear congruence), below a bound. */
  const numbers = (seed: number) => {
    let state = seed;
    return (bound: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state % bound;
    };
  };

  test("lines are lost, doubled, moved, and cut", () => {
    const next = numbers(7);
    for (let round = 0; round < 80; round++) {
      const lines = examples[next(examples.length)]!.text.split("\n");
      for (let change = 0; change <= next(3); change++) {
        const at = next(lines.length);
        const kind = next(5);
        if (kind === 0) lines.splice(at, 1);
        else if (kind === 1) lines.splice(at, 0, lines[next(lines.length)]!);
        else if (kind === 2) lines[at] = ` ${lines[at]}`;
        else if (kind === 3) lines[at] = lines[at]!.slice(0, next(lines[at]!.length + 1));
        else lines[at] = lines[at]!.replace(/:.*$/, [": null", ": 7", ": [a]", ": {a: b}", ": yes", ":"][next(6)]!);
      }
      const { objects, flaws } = read(lines.join("\n"));
      expect(objects.length + flaws.length, lines.join("\n")).toBeGreaterThanOrEqual(0);
      for (const { line, message } of flaws) {
        expect(line).toBeGreaterThan(0);
        expect(message).not.toBe("");
      }
    }
  });

  test("any part of an object is anything", () => {
    const paths: { readonly object: object; readonly path: readonly string[] }[] = [];
    const collect = (object: object, value: unknown, path: readonly string[]): void => {
      if (path.length > 0) paths.push({ object, path });
      if (typeof value === "object" && value !== null)
        for (const [key, inner] of Object.entries(value)) collect(object, inner, [...path, key]);
    };
    for (const { object } of readManifests(examples).objects) collect(object, object, []);
    for (const [index, { object, path }] of paths.entries()) {
      if (index % 3 !== 0) continue;
      const copy = JSON.parse(JSON.stringify(object)) as Record<string, unknown>;
      const holder = path.slice(0, -1).reduce((at, key) => at[key] as Record<string, unknown>, copy);
      holder[path[path.length - 1]!] = [null, 7, "text", [null], {}, [{}], true][index % 7];
      const { objects, flaws } = read(JSON.stringify(copy), "a.json");
      expect(objects.length + flaws.length, path.join(".")).toBeGreaterThan(0);
    }
  });
});

describe("JSON", () => {
  const pods = (...images: unknown[]) =>
    JSON.stringify(
      {
        apiVersion: "v1",
        kind: "List",
        items: images.map((image, i) => ({
          apiVersion: "v1",
          kind: "Pod",
          metadata: { name: `p${i}` },
          spec: { containers: [{ name: "c", image }] },
        })),
      },
      null,
      1,
    );

  test("what is wrong is told with its place", () => {
    expect(complaints(pods("a", 7))).toEqual([
      'a.yaml:30:16: Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal number into Go struct field Container.spec.containers.image of type string',
    ]);
    expect(complaints('{"a": [}')[0]).toMatch(/^a\.yaml:1:\d+: not well-formed: /);
  });

  test("where an object begins is found when it is asked", () => {
    expect(read(pods("a", "b")).objects.map(({ line }) => line)).toEqual([5, 20]);
  });
});

describe("what is odd is warned of", () => {
  test("unknown fields are kept", () => {
    const { objects, warnings } = read(POD.replace("image: nginx:1", "image: nginx:1\n      imagePulPolicy: Always"));
    expect(describeFlaws(warnings)).toEqual([
      'a.yaml:9:23: Pod "a": unknown field "spec.containers[0].imagePulPolicy"',
    ]);
    expect(JSON.stringify(objects)).toContain("imagePulPolicy");
  });

  test("pods of a replica set that is given too are left out; owners that are not here as well", () => {
    const owned = (name: string) =>
      POD.replace(
        "name: a",
        `name: a\n  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: ${name}, uid: u, controller: true}]`,
      );
    const set =
      "apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: web}\nspec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}\n";
    const both = read(`${owned("web")}---\n${set}`);
    expect(both.objects.map(({ object }) => object.kind)).toEqual(["ReplicaSet"]);
    expect(both.warnings.map(({ message }) => message)).toEqual([
      'Pod "a" is left out: its ReplicaSet "web" is given too, and makes its own',
    ]);
    const alone = read(owned("web"));
    expect(alone.objects[0]!.object.metadata).toEqual({ name: "a", namespace: "default" });
    expect(alone.warnings).toHaveLength(1);
  });

  test("the same object twice", () => {
    expect(describeFlaws(read(`${POD}---\n${POD}`).warnings)).toEqual([
      'a.yaml:10:1: Pod "a" is given before, at a.yaml:1: this one is applied over it',
    ]);
  });
});
