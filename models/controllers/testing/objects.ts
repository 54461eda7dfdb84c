import { withCondition } from "../../machinery/conditions.ts";
import type {
  Condition,
  DaemonSet,
  Deployment,
  Node,
  Pod,
  PodPhase,
  PodTemplateSpec,
  ReplicaSet,
  StatefulSet,
  Time,
} from "../../machinery/kinds/index.ts";

/** Objects for tests of controllers, as short as the API allows. All are in the namespace `default`, with `app` as label. */
const NAMESPACE = "default";

export function template(app: string, image = "image:1"): PodTemplateSpec {
  return { metadata: { labels: { app } }, spec: { containers: [{ name: "main", image }] } };
}

export function replicaSet(name: string, spec: Partial<ReplicaSet["spec"]> = {}): ReplicaSet {
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: { name, namespace: NAMESPACE, labels: { app: name } },
    spec: { replicas: 1, selector: { matchLabels: { app: name } }, template: template(name), ...spec },
  };
}

export function deployment(name: string, spec: Partial<Deployment["spec"]> = {}): Deployment {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: NAMESPACE },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: template(name),
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      ...spec,
    },
  };
}

export function statefulSet(name: string, spec: Partial<StatefulSet["spec"]> = {}): StatefulSet {
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name, namespace: NAMESPACE },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: template(name),
      serviceName: name,
      podManagementPolicy: "OrderedReady",
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
      revisionHistoryLimit: 10,
      ...spec,
    },
  };
}

export function daemonSet(name: string, spec: Partial<DaemonSet["spec"]> = {}): DaemonSet {
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name, namespace: NAMESPACE },
    spec: {
      selector: { matchLabels: { app: name } },
      template: template(name),
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
      revisionHistoryLimit: 10,
      ...spec,
    },
  };
}

export function node(name: string, parts: Partial<Pick<Node, "spec" | "status">> = {}): Node {
  return { apiVersion: "v1", kind: "Node", metadata: { name, labels: { "kubernetes.io/hostname": name } }, ...parts };
}

/** The pod in a phase; running ones are ready unless told otherwise. */
export function inPhase(pod: Pod, phase: PodPhase, now: Time, isReady = phase === "Running"): Pod {
  const ready: Condition = { type: "Ready", status: isReady ? "True" : "False" };
  return { ...pod, status: { ...pod.status, phase, conditions: withCondition(pod.status?.conditions, ready, now) } };
}

/** The pod on a node. */
export function onNode(pod: Pod, nodeName: string): Pod {
  return { ...pod, spec: { ...pod.spec, nodeName } };
}
