import { describe, expect, test } from "vitest";
import type { ApiResponse, Status } from "../machinery/api.ts";
import type { Deployment, KubeObject, Node, Pod } from "../machinery/kinds/index.ts";
import { annotationOf } from "../machinery/meta.ts";
import { serviceUnavailable, statusResponse, tooManyRequests } from "../machinery/status.ts";
import { LAST_APPLIED } from "./index.ts";
import { Desk } from "./testing/desk.ts";

const DONE = { kind: "done" };
const refused = (status: Status): ApiResponse => statusResponse(status);

function deployment(replicas: number, image = "app:v1", more: object = {}): KubeObject {
  const template = { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "main", image }] } };
  const spec = { replicas, selector: { matchLabels: { app: "web" } }, template };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "default" },
    spec: { ...spec, ...more },
  } as KubeObject;
}

const WEB = { resource: "deployments", namespace: "default", name: "web" };
const webOf = (desk: Desk) => desk.api.get<Deployment>("deployments", "default/web");
const imageOf = (desk: Desk) => webOf(desk)?.spec.template.spec.containers[0]?.image;

describe("apply", () => {
  test("creates what is not there, with the manifest in an annotation", () => {
    const desk = new Desk();
    expect(desk.ask({ kind: "apply", objects: [deployment(3)] })).toEqual(DONE);
    expect(desk.said()).toEqual(["get deployments", "create deployments"]);
    expect(JSON.parse(annotationOf(webOf(desk)!, LAST_APPLIED)!).spec.replicas).toBe(3);
  });

  test("changes only what differs, and nothing where nothing does", () => {
    const desk = new Desk();
    desk.ask({ kind: "apply", objects: [deployment(3)] });
    desk.ask({ kind: "scale", ...WEB, replicas: 3 });
    const { length } = desk.requests;
    desk.ask({ kind: "apply", objects: [deployment(3)] });
    expect(desk.said().slice(length)).toEqual(["get deployments"]);
    desk.ask({ kind: "apply", objects: [deployment(3, "app:v2")] });
    expect(desk.said().slice(length + 1)).toEqual(["get deployments", "patch deployments"]);
    expect(imageOf(desk)).toBe("app:v2");
  });

  test("reads again where it was created or changed meanwhile", () => {
    const desk = new Desk();
    desk.answering = (request) => {
      if (request.verb === "create") desk.api.put(deployment(1));
      return "api";
    };
    expect(desk.ask({ kind: "apply", objects: [deployment(3)] })).toEqual(DONE);
    expect(desk.said()).toEqual(["get deployments", "create deployments", "get deployments", "patch deployments"]);
    expect(webOf(desk)?.spec.replicas).toBe(3);
  });

  test("is safe to repeat when the answer to what it wrote is lost", () => {
    const desk = new Desk();
    desk.answering = (_, number) => (number === 2 ? "lost" : "api");
    expect(desk.ask({ kind: "apply", objects: [deployment(3)] })).toEqual(DONE);
    expect(desk.notes).toContain("kubectl/no-answer");
    expect(desk.notes).toContain("kubectl/apply/created-meanwhile");
    expect(desk.api.list("deployments")).toHaveLength(1);
  });

  test("goes on with the next object", () => {
    const desk = new Desk();
    const other = { ...deployment(1), metadata: { name: "other" } };
    expect(desk.ask({ kind: "apply", objects: [deployment(3), other] })).toEqual(DONE);
    expect(desk.api.list("deployments").map(({ metadata }) => metadata.name)).toEqual(["other", "web"]);
  });
});

describe("create", () => {
  test("fails where the object exists, unless it may be its own", () => {
    const desk = new Desk();
    desk.ask({ kind: "create", objects: [deployment(1)] });
    expect(desk.ask({ kind: "create", objects: [deployment(1)] })).toMatchObject({ kind: "failed" });
    desk.api.remove("deployments", "default/web");
    desk.answering = (_, number) => (number === 3 ? "lost" : "api");
    expect(desk.ask({ kind: "create", objects: [deployment(1)] })).toEqual(DONE);
  });
});

describe("requests that fail", () => {
  test("are made again where the server could not, and not for ever", () => {
    const desk = new Desk();
    desk.api.put(deployment(1));
    desk.answering = (_, number) => (number < 4 ? refused(serviceUnavailable("starting")) : "api");
    expect(desk.ask({ kind: "scale", ...WEB, replicas: 2 })).toEqual(DONE);
    desk.answering = () => "lost";
    expect(desk.ask({ kind: "scale", ...WEB, replicas: 3 })).toEqual({ kind: "gaveUp" });
  });

  test("fail for good where the person is at fault", () => {
    const desk = new Desk();
    expect(desk.ask({ kind: "scale", ...WEB, replicas: 2 })).toMatchObject({ kind: "failed", status: { code: 404 } });
  });
});

describe("changes of workloads", () => {
  test("setImage changes all containers, or the one named", () => {
    const desk = new Desk();
    desk.api.put(deployment(1));
    expect(desk.ask({ kind: "setImage", ...WEB, container: "*", image: "app:v2" })).toEqual(DONE);
    expect(imageOf(desk)).toBe("app:v2");
    desk.ask({ kind: "setImage", ...WEB, container: "sidecar", image: "app:v3" });
    expect(imageOf(desk)).toBe("app:v2");
  });

  test("rolloutUndo takes the template of the revision before, without the controller's hash", () => {
    const desk = new Desk();
    const owner = desk.api.put(deployment(1, "app:v3"));
    for (const [revision, image] of [
      [1, "app:v1"],
      [2, "app:v2"],
      [3, "app:v3"],
    ] as const)
      desk.api.put(replicaSet(owner, revision, image));
    expect(desk.ask({ kind: "rolloutUndo", ...WEB, toRevision: 0 })).toEqual(DONE);
    expect(imageOf(desk)).toBe("app:v2");
    expect(webOf(desk)?.spec.template.metadata?.labels).toEqual({ app: "web" });
    expect(desk.ask({ kind: "rolloutUndo", ...WEB, toRevision: 1 })).toEqual(DONE);
    expect(imageOf(desk)).toBe("app:v1");
    expect(desk.ask({ kind: "rolloutUndo", ...WEB, toRevision: 7 })).toMatchObject({ kind: "failed" });
  });

  test("rolloutUndo reads again where the object has changed meanwhile", () => {
    const desk = new Desk();
    const owner = desk.api.put(deployment(1, "app:v2"));
    for (const [revision, image] of [
      [1, "app:v1"],
      [2, "app:v2"],
    ] as const)
      desk.api.put(replicaSet(owner, revision, image));
    desk.answering = (request, number) => {
      if (request.verb === "patch" && number < 4)
        desk.api.put({ ...deployment(5, "app:v2"), metadata: owner.metadata });
      return "api";
    };
    expect(desk.ask({ kind: "rolloutUndo", ...WEB, toRevision: 0 })).toEqual(DONE);
    expect([imageOf(desk), webOf(desk)?.spec.replicas]).toEqual(["app:v1", 5]);
  });

  test("a rival's rewrite loses nothing that others write", () => {
    const desk = new Desk();
    desk.api.put(deployment(1));
    desk.answering = (request, number) => {
      if (request.verb === "update" && number === 2) desk.api.edit("deployments", "default/web", () => deployment(4));
      return "api";
    };
    expect(desk.ask({ kind: "rewrite", ...WEB, annotations: { by: "rival" } })).toEqual(DONE);
    expect(webOf(desk)?.spec.replicas).toBe(4);
    expect(annotationOf(webOf(desk)!, "by")).toBe("rival");
  });

  test("delete waits until the object of that UID is gone", () => {
    const desk = new Desk();
    desk.api.put({ ...deployment(1), metadata: { name: "web", namespace: "default", finalizers: ["wait"] } });
    const id = desk.begin({ kind: "delete", ...WEB, options: {}, wait: true });
    desk.run(5);
    expect(desk.replies.has(id)).toBe(false);
    desk.api.remove("deployments", "default/web");
    desk.api.put(deployment(2));
    desk.run(5);
    expect(desk.replies.get(id)).toEqual(DONE);
    expect(desk.ask({ kind: "delete", ...WEB, name: "none", options: {}, wait: true })).toEqual(DONE);
  });
});

describe("nodes", () => {
  const node = { apiVersion: "v1", kind: "Node", metadata: { name: "node-1" }, spec: {} } as KubeObject;
  const specOf = (desk: Desk) => desk.api.get<Node>("nodes", "node-1")?.spec;

  test("taint adds, replaces and removes by key and effect", () => {
    const desk = new Desk();
    desk.api.put(node);
    const taint = { key: "k", effect: "NoSchedule" } as const;
    desk.ask({ kind: "taint", node: "node-1", add: [{ ...taint, value: "a" }], remove: [] });
    desk.ask({ kind: "taint", node: "node-1", add: [{ ...taint, value: "b" }], remove: [] });
    desk.ask({ kind: "taint", node: "node-1", add: [{ key: "k", effect: "NoExecute" }], remove: [] });
    expect(specOf(desk)?.taints).toEqual([
      { ...taint, value: "b" },
      { key: "k", effect: "NoExecute" },
    ]);
    desk.ask({ kind: "taint", node: "node-1", add: [], remove: [taint] });
    expect(specOf(desk)?.taints).toEqual([{ key: "k", effect: "NoExecute" }]);
  });

  test("drain cordons, evicts all but daemon pods, asks again where a budget refuses, and waits for the end", () => {
    const desk = new Desk();
    desk.api.put(node);
    const [a, b] = ["a", "b"].map((name) => desk.api.put(pod(name, "ReplicaSet")));
    desk.api.put(pod("daemon", "DaemonSet"));
    const asked: string[] = [];
    desk.answering = (request) => {
      if (request.verb !== "create") return "api";
      asked.push(`${Math.floor(desk.now / 1_000_000)} ${request.name}`);
      const { deleteOptions } = request.object as { deleteOptions?: { preconditions?: { uid?: string } } };
      expect(deleteOptions?.preconditions?.uid).toBe((request.name === "a" ? a : b)?.metadata.uid);
      if (request.name === "b" && asked.length < 4) return refused(tooManyRequests("budget"));
      desk.api.remove("pods", `default/${request.name}`);
      return statusResponse({ ...serviceUnavailable(""), status: "Success", code: 201 });
    };
    expect(desk.ask(DRAIN)).toEqual(DONE);
    expect(specOf(desk)?.unschedulable).toBe(true);
    expect(asked).toEqual(["1 a", "1 b", "6 b", "11 b"]);
    expect(desk.api.list<Pod>("pods").map(({ metadata }) => metadata.name)).toEqual(["daemon"]);
  });

  test("a drain ends in vain at its timeout", () => {
    const desk = new Desk();
    desk.api.put(node);
    desk.api.put(pod("a", "ReplicaSet"));
    desk.answering = (request) => (request.verb === "create" ? refused(tooManyRequests("budget")) : "api");
    expect(desk.ask({ ...DRAIN, timeoutUs: 20_000_000 })).toMatchObject({ kind: "failed" });
    expect(desk.now).toBeLessThan(30_000_000);
  });
});

const DRAIN = { kind: "drain", node: "node-1", gracePeriodSeconds: -1, timeoutUs: 0 } as const;

describe("sessions", () => {
  test("commands of one wait for each other, those of two do not", () => {
    const desk = new Desk();
    desk.api.put(deployment(1));
    desk.answering = () => "lost";
    const first = desk.begin({ kind: "scale", ...WEB, replicas: 2 }, 0);
    const second = desk.begin({ kind: "scale", ...WEB, replicas: 3 }, 0);
    desk.answering = () => "api";
    const other = desk.begin({ kind: "scale", ...WEB, replicas: 4 }, 1);
    desk.run(0);
    expect([...desk.replies.keys()]).toEqual([other]);
    desk.run();
    expect([...desk.replies.keys()]).toEqual([other, first, second]);
  });

  test("what is there at the start is applied once", () => {
    const desk = new Desk([deployment(3)]);
    expect(desk.replies.get("objects")).toEqual(DONE);
    expect(webOf(desk)?.spec.replicas).toBe(3);
  });
});

test("the contract of a machine is kept", () => {
  const desk = new Desk([deployment(3)]);
  desk.api.put({ apiVersion: "v1", kind: "Node", metadata: { name: "node-1" }, spec: {} } as KubeObject);
  desk.api.put(pod("a", "ReplicaSet"));
  desk.answering = (_, number) =>
    number % 4 === 0 ? "lost" : number % 7 === 0 ? refused(tooManyRequests("busy")) : "api";
  desk.ask({ kind: "apply", objects: [deployment(2, "app:v2")] });
  desk.begin(DRAIN, 1);
  desk.ask({ kind: "rolloutRestart", ...WEB });
  desk.ask({ kind: "rolloutUndo", ...WEB, toRevision: 0 });
  desk.ask({ kind: "delete", ...WEB, options: { propagationPolicy: "Foreground" }, wait: true });
  expect(desk.breach()).toBeNull();
});

function replicaSet(owner: KubeObject, revision: number, image: string): KubeObject {
  const template = {
    metadata: { labels: { app: "web", "pod-template-hash": `h${revision}` } },
    spec: { containers: [{ name: "main", image }] },
  };
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: `web-${revision}`,
      namespace: "default",
      labels: template.metadata.labels,
      annotations: { "deployment.kubernetes.io/revision": String(revision) },
      ownerReferences: [
        { apiVersion: "apps/v1", kind: "Deployment", name: "web", uid: owner.metadata.uid!, controller: true },
      ],
    },
    spec: { template },
  } as KubeObject;
}

function pod(name: string, owner: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: "default",
      ownerReferences: [{ apiVersion: "apps/v1", kind: owner, name: "o", uid: "o", controller: true }],
    },
    spec: { nodeName: "node-1", containers: [] },
  } as KubeObject;
}
