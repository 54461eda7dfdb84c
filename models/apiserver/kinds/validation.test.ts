import { describe, expect, test } from "vitest";
import type { KubeObject, PersistentVolumeClaim, Pod } from "../../machinery/kinds/index.ts";
import { scheduleError } from "./cron-schedule.ts";
import {
  complaints,
  created,
  DEPLOYMENT,
  JOB,
  OBJECTS,
  POD,
  STATEFUL_SET,
  spoiled,
  strategyOf,
  updateComplaints,
} from "./testing/objects.ts";

const named = (kind: string): KubeObject => OBJECTS.find((object) => object.kind === kind)!;
const SERVICE = named("Service");
const DAEMON_SET = named("DaemonSet");
const BUDGET = named("PodDisruptionBudget");
const CLAIM = named("PersistentVolumeClaim") as PersistentVolumeClaim;
const VOLUME = named("PersistentVolume");
const NODE = named("Node");

const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const QUALIFIED =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL_VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

type Case = readonly [object: KubeObject, path: string, value: unknown, ...expected: string[]];

function check(cases: readonly Case[]): void {
  test.each(cases.map((one) => [`${one[0].kind} ${one[1]} = ${JSON.stringify(one[2])}`, one] as const))(
    "%s",
    (_title, [object, path, value, ...expected]) => {
      expect(complaints(spoiled(object, path, value))).toEqual(expected);
    },
  );
}

describe("metadata", () => {
  const CONTROLLER = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "a", uid: "u", controller: true };
  check([
    [POD, "metadata.name", "Pod_1", `metadata.name: Invalid value: "Pod_1": ${SUBDOMAIN}`],
    [POD, "metadata.name", "", "metadata.name: Required value: name or generateName is required"],
    [
      POD,
      "metadata.name",
      "a".repeat(254),
      `metadata.name: Invalid value: "${"a".repeat(254)}": must be no more than 253 bytes`,
    ],
    [named("Namespace"), "metadata.name", "a.b", `metadata.name: Invalid value: "a.b": ${LABEL}`],
    [
      SERVICE,
      "metadata.name",
      "1a",
      "metadata.name: Invalid value: \"1a\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
    ],
    [POD, "metadata.namespace", undefined, "metadata.namespace: Required value"],
    [NODE, "metadata.namespace", "a", "metadata.namespace: Forbidden: not allowed on this type"],
    [POD, "metadata|labels|a b", "c", `metadata.labels: Invalid value: "a b": ${QUALIFIED}`],
    [POD, "metadata|labels|A.com/a", "c", `metadata.labels: Invalid value: "A.com/a": prefix part ${SUBDOMAIN}`],
    [POD, "metadata|labels|/a", "c", 'metadata.labels: Invalid value: "/a": prefix part must be non-empty'],
    [POD, "metadata.labels.a", "-", `metadata.labels: Invalid value: "-": ${LABEL_VALUE}`],
    [POD, "metadata|annotations|a b", "c", `metadata.annotations: Invalid value: "a b": ${QUALIFIED}`],
    [POD, "metadata|annotations|Example.com/a", "any thing"],
    [
      POD,
      "metadata.annotations.a",
      "x".repeat(262144),
      "metadata.annotations: Too long: may not be more than 262144 bytes",
    ],
    [
      POD,
      "metadata.finalizers",
      ["mine"],
      'metadata.finalizers: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
    ],
    [POD, "metadata.finalizers", ["example.com/mine", "orphan"]],
    [
      POD,
      "metadata.finalizers",
      ["orphan", "foregroundDeletion"],
      'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
    ],
    [
      POD,
      "metadata.ownerReferences",
      [CONTROLLER, { ...CONTROLLER, name: "b" }],
      `metadata.ownerReferences: Invalid value: ${JSON.stringify([CONTROLLER, { ...CONTROLLER, name: "b" }])}: Only one reference can have Controller set to true. Found "true" in references for ReplicaSet/a and ReplicaSet/b`,
    ],
    [
      POD,
      "metadata.ownerReferences",
      [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "a", uid: "" }],
      'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
    ],
  ]);

  test("of an object that is there does not change", () => {
    const old = created(POD);
    expect(updateComplaints(spoiled(old, "metadata.uid", "other"), old)).toEqual([
      'metadata.uid: Invalid value: "other": field is immutable',
    ]);
  });

  test("no finalizer is added to an object that is going", () => {
    const old = {
      ...created(POD),
      metadata: { ...POD.metadata, generation: 1, finalizers: ["a.b/c"], deletionTimestamp: "2026-01-01T00:00:00Z" },
    } as Pod;
    expect(updateComplaints(spoiled(old, "metadata.finalizers", ["a.b/c", "a.b/d"]), old)).toEqual([
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a.b/d"}',
    ]);
    expect(updateComplaints(spoiled(old, "metadata.finalizers", undefined), old)).toEqual([]);
    expect(updateComplaints(spoiled(old, "metadata.deletionTimestamp", "2027-01-01T00:00:00Z"), old)).toEqual([
      'metadata.deletionTimestamp: Invalid value: "2027-01-01T00:00:00Z": field is immutable',
    ]);
  });
});

describe("pods", () => {
  const c = "spec.containers.0";
  check([
    [POD, "spec.containers", [], "spec.containers: Required value"],
    [POD, "spec", undefined, "spec.containers: Required value"],
    [POD, `${c}.image`, undefined, "spec.containers[0].image: Required value"],
    [
      POD,
      `${c}.image`,
      " a",
      'spec.containers[0].image: Invalid value: " a": must not have leading or trailing whitespace',
    ],
    [POD, `${c}.name`, "C", `spec.containers[0].name: Invalid value: "C": ${LABEL}`],
    [POD, "spec.initContainers", [{ name: "c", image: "i" }], 'spec.initContainers[0].name: Duplicate value: "c"'],
    [
      POD,
      "spec.restartPolicy",
      "Sometimes",
      'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
    ],
    [
      POD,
      `${c}.imagePullPolicy`,
      "always",
      'spec.containers[0].imagePullPolicy: Unsupported value: "always": supported values: "Always", "IfNotPresent", "Never"',
    ],
    [POD, `${c}.ports`, [{ containerPort: 0 }], "spec.containers[0].ports[0].containerPort: Required value"],
    [
      POD,
      `${c}.ports`,
      [{ containerPort: 70000 }],
      "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
    ],
    [
      POD,
      `${c}.ports`,
      [
        { name: "http", containerPort: 1 },
        { name: "http", containerPort: 2 },
      ],
      'spec.containers[0].ports[1].name: Duplicate value: "http"',
    ],
    [
      POD,
      `${c}.ports`,
      [{ name: "a-name-that-is-long", containerPort: 1 }],
      'spec.containers[0].ports[0].name: Invalid value: "a-name-that-is-long": must be no more than 15 characters',
    ],
    [
      POD,
      `${c}.resources`,
      { limits: { cpu: "100m" }, requests: { cpu: "0.2" } },
      'spec.containers[0].resources.requests: Invalid value: "0.2": must be less than or equal to cpu limit of 100m',
    ],
    [
      POD,
      `${c}.resources`,
      { requests: { memory: "-1Gi" } },
      'spec.containers[0].resources.requests[memory]: Invalid value: "-1Gi": must be greater than or equal to 0',
    ],
    [
      POD,
      `${c}.resources`,
      { limits: { "example.com/gpu": "0.5" } },
      'spec.containers[0].resources.limits[example.com/gpu]: Invalid value: "0.5": must be an integer',
      'spec.containers[0].resources.requests[example.com/gpu]: Invalid value: "0.5": must be an integer',
    ],
    [
      POD,
      `${c}.resources`,
      { requests: { "example.com/gpu": 1 } },
      "spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources",
    ],
    [
      POD,
      `${c}.resources`,
      { limits: { gpu: 1 } },
      'spec.containers[0].resources.limits[gpu]: Invalid value: "gpu": must be a standard resource for containers',
      'spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource for containers',
    ],
    [POD, `${c}.livenessProbe`, {}, "spec.containers[0].livenessProbe: Required value: must specify a handler type"],
    [
      POD,
      `${c}.livenessProbe`,
      { exec: { command: ["a"] }, tcpSocket: { port: 1 } },
      "spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type",
    ],
    [
      POD,
      `${c}.livenessProbe`,
      { tcpSocket: { port: 1 }, successThreshold: 2 },
      "spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1",
    ],
    [POD, `${c}.readinessProbe`, { tcpSocket: { port: 1 }, successThreshold: 2 }],
    [
      POD,
      `${c}.readinessProbe`,
      { tcpSocket: { port: 0 }, periodSeconds: -1 },
      "spec.containers[0].readinessProbe.tcpSocket.port: Invalid value: 0: must be between 1 and 65535, inclusive",
      "spec.containers[0].readinessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0",
    ],
    [
      POD,
      "spec.initContainers",
      [{ name: "i", image: "i", livenessProbe: { tcpSocket: { port: 1 } } }],
      "spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always",
    ],
    [
      POD,
      "spec.initContainers",
      [{ name: "i", image: "i", restartPolicy: "Always", livenessProbe: { tcpSocket: { port: 1 } } }],
    ],
    [
      POD,
      `${c}.volumeMounts`,
      [{ name: "v", mountPath: "/v" }],
      'spec.containers[0].volumeMounts[0].name: Not found: "v"',
    ],
    [
      POD,
      "spec.volumes",
      [{ name: "v", emptyDir: {}, hostPath: { path: "/" } }],
      "spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type",
    ],
    [
      POD,
      "spec.volumes",
      [
        { name: "v", configMap: { name: "a" } },
        { name: "v", persistentVolumeClaim: { claimName: "" } },
      ],
      'spec.volumes[1].name: Duplicate value: "v"',
      "spec.volumes[1].persistentVolumeClaim.claimName: Required value",
    ],
    [
      POD,
      `${c}.env`,
      [{ name: "A=B", value: "c" }],
      "spec.containers[0].env[0].name: Invalid value: \"A=B\": a valid environment variable name must consist only of printable ASCII characters other than '='",
    ],
    [
      POD,
      `${c}.env`,
      [{ name: "A", value: "c", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
      'spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
    ],
    [
      POD,
      "spec.tolerations",
      [{ key: "a", operator: "Exists", effect: "NoSchedule", tolerationSeconds: 1 }],
      "spec.tolerations[0].effect: Invalid value: \"NoSchedule\": effect must be 'NoExecute' when `tolerationSeconds` is set",
    ],
    [
      POD,
      "spec.tolerations",
      [{ effect: "NoSchedule" }],
      'spec.tolerations[0].operator: Invalid value: "": operator must be Exists when `key` is empty, which means "match all values and all keys"',
    ],
    [
      POD,
      "spec.topologySpreadConstraints",
      [{ maxSkew: 0, topologyKey: "", whenUnsatisfiable: "Maybe" }],
      "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero",
      "spec.topologySpreadConstraints[0].topologyKey: Required value: can not be empty",
      'spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "Maybe": supported values: "DoNotSchedule", "ScheduleAnyway"',
    ],
    [
      POD,
      "spec.terminationGracePeriodSeconds",
      -1,
      "spec.terminationGracePeriodSeconds: Invalid value: -1: must be greater than or equal to 0",
    ],
    [
      POD,
      "spec.activeDeadlineSeconds",
      0,
      "spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive",
    ],
  ]);

  const old = created(spoiled(POD, "spec.tolerations", [{ key: "a", operator: "Exists" }]));
  const FORBIDDEN =
    "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

  test.each([
    ["spec.containers.0.image", "nginx:2", []],
    ["spec.activeDeadlineSeconds", 5, []],
    [
      "spec.tolerations",
      [{ key: "a", operator: "Exists", tolerationSeconds: 5, effect: "NoExecute" }],
      ["spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds"],
    ],
    [
      "spec.tolerations",
      [
        { key: "a", operator: "Exists" },
        { key: "b", operator: "Exists" },
      ],
      [],
    ],
    ["spec.nodeName", "node-1", [FORBIDDEN]],
    ["spec.terminationGracePeriodSeconds", 5, [FORBIDDEN]],
    ["spec.containers.0.command", ["a"], [FORBIDDEN]],
    [
      "spec.containers.1",
      { name: "d", image: "i" },
      ["spec.containers: Forbidden: pod updates may not add or remove containers"],
    ],
    [
      "spec.schedulingGates",
      [{ name: "a.b/c" }],
      ["spec.schedulingGates: Forbidden: only deletion is allowed, but found new scheduling gates 'a.b/c'"],
    ],
    ["spec.containers.0.image", "", ["spec.containers[0].image: Required value"]],
  ] as const)("an update of %s to %j", (path, value, expected) => {
    expect(updateComplaints(spoiled(old, path, value), old)).toEqual(expected);
  });

  test("a deadline is only brought forward, gates only go", () => {
    const limited = created(
      spoiled(spoiled(POD, "spec.activeDeadlineSeconds", 9), "spec.schedulingGates", [{ name: "a.b/c" }]),
    );
    expect(updateComplaints(spoiled(limited, "spec.activeDeadlineSeconds", 10), limited)).toEqual([
      "spec.activeDeadlineSeconds: Invalid value: 10: must be less than or equal to previous value",
    ]);
    expect(updateComplaints(spoiled(limited, "spec.activeDeadlineSeconds", undefined), limited)).toEqual([
      "spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value",
    ]);
    expect(updateComplaints(spoiled(limited, "spec.schedulingGates", undefined), limited)).toEqual([]);
  });

  test("a container that must not run again does not leave its end", () => {
    const status = (state: object) => ({
      ...old,
      status: { containerStatuses: [{ name: "c", ready: false, restartCount: 0, state }] },
    });
    const ended = (exitCode: number) => status({ terminated: { exitCode } }) as unknown as Pod;
    const running = (policy: string) =>
      spoiled(status({ running: {} }) as unknown as Pod, "spec.restartPolicy", policy);
    const told = (policy: string, exitCode: number) =>
      strategyOf(old)
        .validateStatusUpdate(running(policy), ended(exitCode))
        .map(({ field, message }) => `${field}: ${message}`);
    const refusal = ["status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state"];
    expect(told("Always", 1)).toEqual([]);
    expect(told("OnFailure", 1)).toEqual([]);
    expect(told("OnFailure", 0)).toEqual(refusal);
    expect(told("Never", 1)).toEqual(refusal);
  });
});

describe("workloads", () => {
  const rolling = "spec.strategy.rollingUpdate";
  const daemon = "spec.updateStrategy.rollingUpdate";
  check([
    [DEPLOYMENT, "spec.replicas", -1, "spec.replicas: Invalid value: -1: must be greater than or equal to 0"],
    [DEPLOYMENT, "spec.selector", undefined, "spec.selector: Required value"],
    [DEPLOYMENT, "spec.selector", {}, "spec.selector: Invalid value: {}: empty selector is invalid for deployment"],
    [
      DEPLOYMENT,
      "spec.selector.matchLabels",
      { app: "b" },
      'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
    ],
    [
      DEPLOYMENT,
      "spec.selector.matchExpressions",
      [{ key: "app", operator: "In" }],
      "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
      'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
    ],
    [
      DEPLOYMENT,
      "spec.template.spec.restartPolicy",
      "Never",
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ],
    [
      DEPLOYMENT,
      rolling,
      { maxSurge: 0, maxUnavailable: "0%" },
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0',
    ],
    [
      DEPLOYMENT,
      rolling,
      { maxUnavailable: "101%" },
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
    ],
    [DEPLOYMENT, rolling, { maxSurge: "200%" }],
    [
      DEPLOYMENT,
      rolling,
      { maxSurge: "many" },
      "spec.strategy.rollingUpdate.maxSurge: Invalid value: \"many\": must be an integer or percentage (e.g '5%')",
    ],
    [
      DEPLOYMENT,
      "spec.strategy",
      { type: "Recreate", rollingUpdate: { maxSurge: 1 } },
      "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
    ],
    [
      DEPLOYMENT,
      "spec.minReadySeconds",
      600,
      "spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds",
    ],
    [
      DAEMON_SET,
      daemon,
      { maxSurge: 0, maxUnavailable: 0 },
      "spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0",
    ],
    [
      DAEMON_SET,
      daemon,
      { maxSurge: 1, maxUnavailable: 1 },
      "spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero",
    ],
    [
      STATEFUL_SET,
      "spec.podManagementPolicy",
      "Random",
      "spec.podManagementPolicy: Invalid value: \"Random\": must be 'OrderedReady' or 'Parallel'",
    ],
    [
      STATEFUL_SET,
      "spec.updateStrategy",
      { type: "OnDelete", rollingUpdate: { partition: 1 } },
      "spec.updateStrategy.rollingUpdate: Invalid value: {\"partition\":1}: only allowed for updateStrategy 'RollingUpdate'",
    ],
    [
      STATEFUL_SET,
      "spec.volumeClaimTemplates.0.spec.accessModes",
      [],
      "spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required",
    ],
    [STATEFUL_SET, "spec.template.spec.containers.0.volumeMounts", [{ name: "data", mountPath: "/d" }]],
    [
      JOB,
      "spec.template.spec.restartPolicy",
      undefined,
      'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ],
    [JOB, "spec.backoffLimit", -1, "spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0"],
    [
      JOB,
      "spec",
      { completionMode: "Indexed", parallelism: 2, template: JOB.spec.template },
      "spec.completions: Required value: when completion mode is Indexed",
    ],
    [
      JOB,
      "spec.template.metadata.labels",
      { "batch.kubernetes.io/controller-uid": "other" },
      'spec.template.metadata.labels: Invalid value: {"batch.kubernetes.io/controller-uid":"other","job-name":"job","batch.kubernetes.io/job-name":"job","controller-uid":"uid-of-job"}: must be \'uid-of-job\'',
      'spec.template.metadata.labels: Invalid value: {"batch.kubernetes.io/controller-uid":"other","job-name":"job","batch.kubernetes.io/job-name":"job","controller-uid":"uid-of-job"}: `selector` does not match template `labels`',
    ],
    [
      named("CronJob"),
      "spec.schedule",
      "* * * *",
      'spec.schedule: Invalid value: "* * * *": expected exactly 5 fields, found 4: [* * * *]',
    ],
    [
      named("CronJob"),
      "spec.concurrencyPolicy",
      "Maybe",
      'spec.concurrencyPolicy: Unsupported value: "Maybe": supported values: "Allow", "Forbid", "Replace"',
    ],
    [
      named("CronJob"),
      "metadata.name",
      "a".repeat(53),
      `metadata.name: Invalid value: "${"a".repeat(53)}": must be no more than 52 characters`,
    ],
    [
      BUDGET,
      "spec.maxUnavailable",
      1,
      'spec: Invalid value: {"minAvailable":1,"selector":{"matchLabels":{"app":"a"}},"maxUnavailable":1}: minAvailable and maxUnavailable cannot be both set',
    ],
    [BUDGET, "spec.minAvailable", "110%", 'spec.minAvailable: Invalid value: "110%": must not be greater than 100%'],
  ]);

  test.each([DEPLOYMENT, named("ReplicaSet"), DAEMON_SET])("the selector of a $kind stays", (object) => {
    const old = created(object);
    const changed = spoiled(spoiled(old, "spec.selector.matchLabels.b", "c"), "spec.template.metadata.labels.b", "c");
    expect(updateComplaints(changed, old)).toEqual([
      'spec.selector: Invalid value: {"matchLabels":{"app":"a","b":"c"}}: field is immutable',
    ]);
    expect(updateComplaints(spoiled(old, "spec.template.spec.containers.0.image", "x:2"), old)).toEqual([]);
  });

  test("of a stateful set, only some fields change", () => {
    const old = created(STATEFUL_SET);
    for (const [path, value] of [
      ["spec.replicas", 5],
      ["spec.template.spec.containers.0.image", "b:2"],
      ["spec.updateStrategy.rollingUpdate.partition", 2],
      ["spec.minReadySeconds", 5],
      ["spec.revisionHistoryLimit", 1],
      ["spec.persistentVolumeClaimRetentionPolicy.whenScaled", "Delete"],
    ] as const)
      expect(updateComplaints(spoiled(old, path, value), old)).toEqual([]);
    for (const path of [
      "spec.serviceName",
      "spec.volumeClaimTemplates.0.spec.storageClassName",
      "spec.podManagementPolicy",
    ])
      expect(
        updateComplaints(spoiled(old, path, path === "spec.podManagementPolicy" ? "Parallel" : "other"), old),
      ).toEqual([
        "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
      ]);
  });

  test("of a job, completions, selector and template stay", () => {
    const old = created(JOB);
    expect(updateComplaints(spoiled(old, "spec.parallelism", 4), old)).toEqual([]);
    expect(updateComplaints(spoiled(old, "spec.suspend", true), old)).toEqual([]);
    expect(updateComplaints(spoiled(old, "spec.completions", 4), old)).toEqual([
      "spec.completions: Invalid value: 4: field is immutable",
    ]);
    expect(updateComplaints(spoiled(old, "spec.template.spec.containers.0.image", "x:2"), old)[0]).toMatch(
      /^spec\.template: Invalid value: \{.*\}: field is immutable$/,
    );
  });
});

describe("services, storage, nodes and classes", () => {
  check([
    [SERVICE, "spec.ports", [], "spec.ports: Required value"],
    [
      SERVICE,
      "spec.ports",
      [{ port: 1 }, { name: "b", port: 1 }],
      "spec.ports[0].name: Required value",
      'spec.ports[1]: Duplicate value: {"protocol":"TCP","port":1}',
    ],
    [
      SERVICE,
      "spec.type",
      "Internal",
      'spec.type: Unsupported value: "Internal": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    ],
    [
      SERVICE,
      "spec.ports.0.nodePort",
      30000,
      "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
    ],
    [
      SERVICE,
      "spec.clusterIP",
      "10.0.0.300",
      'spec.clusterIPs[0]: Invalid value: "10.0.0.300": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
    [
      CLAIM,
      "spec.accessModes",
      ["Once"],
      'spec.accessModes: Unsupported value: "Once": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
    ],
    [CLAIM, "spec.resources", {}, "spec.resources[storage]: Required value"],
    [
      CLAIM,
      "spec.resources.requests.storage",
      0,
      'spec.resources[storage]: Invalid value: "0": must be greater than zero',
    ],
    [VOLUME, "spec.hostPath", undefined, "spec: Required value: must specify a volume type"],
    [VOLUME, "spec.capacity", undefined, "spec.capacity: Required value"],
    [
      NODE,
      "spec.taints",
      [
        { key: "a", effect: "NoSchedule" },
        { key: "a", effect: "NoSchedule", value: "b" },
      ],
      'spec.taints[1]: Duplicate value: {"key":"a","effect":"NoSchedule","value":"b"}: taints must be unique by key and effect pair',
    ],
    [
      named("PriorityClass"),
      "value",
      1_000_000_001,
      "value: Forbidden: maximum allowed value of a user defined priority is 1000000000",
    ],
    [
      named("PriorityClass"),
      "metadata.name",
      "system-mine",
      "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-mine is not a known system priority class",
    ],
    [
      named("Lease"),
      "spec.leaseDurationSeconds",
      0,
      "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0",
    ],
    [
      named("EndpointSlice"),
      "endpoints.0.addresses",
      [],
      "endpoints[0].addresses: Required value: must contain at least 1 address",
    ],
    [named("ControllerRevision"), "data", undefined, "data: Required value: data is mandatory"],
    [
      named("ConfigMap"),
      "data|a b",
      "c",
      "data[a b]: Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    ],
    [
      named("Event"),
      "involvedObject.namespace",
      "other",
      'involvedObject.namespace: Invalid value: "other": does not match event.namespace',
    ],
  ]);

  test("an address of a service stays", () => {
    const old = created(spoiled(SERVICE, "spec.clusterIP", "10.0.0.7"));
    expect(updateComplaints(spoiled(old, "spec.clusterIP", "10.0.0.8"), old)).toEqual([
      'spec.clusterIPs[0]: Invalid value: "10.0.0.8": may not change once set',
    ]);
    const unsaid = spoiled(spoiled(old, "spec.clusterIP", undefined), "spec.clusterIPs", undefined);
    expect(strategyOf(old).prepareForUpdate(unsaid, old)).toEqual(old);
  });

  test("a claim is bound once, and grows only then", () => {
    const old = created(CLAIM);
    const FIXED =
      "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
    const bound = { ...spoiled(old, "spec.volumeName", "v"), status: { phase: "Bound", capacity: { storage: "1Gi" } } };
    expect(updateComplaints(spoiled(old, "spec.volumeName", "v"), old)).toEqual([]);
    expect(updateComplaints(spoiled(bound as KubeObject, "spec.volumeName", "w"), bound as KubeObject)).toEqual([
      FIXED,
    ]);
    expect(updateComplaints(spoiled(old, "spec.resources.requests.storage", "2Gi"), old)).toEqual([FIXED]);
    expect(
      updateComplaints(spoiled(bound as KubeObject, "spec.resources.requests.storage", "2Gi"), bound as KubeObject),
    ).toEqual([]);
    expect(
      updateComplaints(spoiled(bound as KubeObject, "spec.resources.requests.storage", "1Mi"), bound as KubeObject),
    ).toEqual(["spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"]);
  });

  test("what is immutable by its own word stays so", () => {
    const old = created(spoiled(named("ConfigMap"), "immutable", true));
    expect(updateComplaints(spoiled(old, "data.a", "c"), old)).toEqual([
      "data: Forbidden: field is immutable when `immutable` is set",
    ]);
    expect(updateComplaints(spoiled(old, "immutable", false), old)).toEqual([
      "immutable: Forbidden: field is immutable when `immutable` is set",
    ]);
  });

  test("a finished job is not unfinished", () => {
    const done = { ...created(JOB), status: { conditions: [{ type: "Complete", status: "True" }] } } as KubeObject;
    const reopened = { ...done, status: {} } as KubeObject;
    expect(strategyOf(done).validateStatusUpdate(reopened, done)).toEqual([
      {
        field: "status.conditions",
        reason: "FieldValueInvalid",
        message: "Invalid value: []: cannot disable the terminal Complete=True condition",
      },
    ]);
  });
});

describe("schedules", () => {
  test.each([
    ["* * * * *", null],
    ["*/15 0,12 1-15 jan-jun MON", null],
    ["? * ? * ?", null],
    ["@hourly", null],
    ["@every 1h30m", null],
    ["60 * * * *", "end of range (60) above maximum (59): 60"],
    ["* 24 * * *", "end of range (24) above maximum (23): 24"],
    ["* * 0 * *", "beginning of range (0) below minimum (1): 0"],
    ["* * * * 7", "end of range (7) above maximum (6): 7"],
    ["5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"],
    ["*/0 * * * *", "step of range should be a positive number: */0"],
    ["a * * * *", 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'],
    ["1-2-3 * * * *", "too many hyphens: 1-2-3"],
    ["1/2/3 * * * *", "too many slashes: 1/2/3"],
    ["* * * * * *", "expected exactly 5 fields, found 6: [* * * * * *]"],
    ["@sometimes", "unrecognized descriptor: @sometimes"],
    ["@every x", 'failed to parse duration @every x: time: invalid duration "x"'],
  ])("%s", (schedule, error) => {
    expect(scheduleError(schedule)).toBe(error);
  });
});
