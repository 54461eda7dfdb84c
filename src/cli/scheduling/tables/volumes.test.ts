import { describe, test } from "vitest";
import { check, type Fields, named, node, pod, type Row } from "./rows.ts";

const claimVolume = (claimName: string, name = claimName) => ({
  name: short(name),
  persistentVolumeClaim: { claimName },
});
/** Names of volumes are labels. */
const short = (name: string) => name.replaceAll(/[^a-z0-9-]/g, "-");
const using = (...claims: readonly string[]) => ({ volumes: claims.map((claim) => claimVolume(claim)) });

const claim = (name: string, spec: Fields = {}, metadata: Fields = {}, status: Fields = {}) => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name, namespace: "default", ...metadata },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...spec },
  ...(Object.keys(status).length > 0 && { status }),
});
const BOUND = { annotations: { "pv.kubernetes.io/bind-completed": "yes" } };
const boundTo = (volumeName: string, storageClassName?: string) => ({
  volumeName,
  ...(storageClassName !== undefined && { storageClassName }),
});
const volume = (name: string, spec: Fields = {}, phase = "Bound") => ({
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name },
  spec: {
    capacity: { storage: "1Gi" },
    accessModes: ["ReadWriteOnce"],
    ...("csi" in spec || "awsElasticBlockStore" in spec || "hostPath" in spec
      ? {}
      : { csi: { driver: "test", volumeHandle: name } }),
    ...spec,
  },
  status: { phase },
});
const storageClass = (name: string, volumeBindingMode: string, provisioner = "test/nothing") => ({
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name },
  provisioner,
  volumeBindingMode,
});
const affineTo = (key: string, ...values: readonly string[]) => ({
  nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: "In", values }] }] } },
});

const NO_PROVISIONER = "kubernetes.io/no-provisioner";
const CLASSES = [
  storageClass("immediate-sc", "Immediate", NO_PROVISIONER),
  storageClass("wait-sc", "WaitForFirstConsumer", NO_PROVISIONER),
  storageClass("wait-hdd-sc", "WaitForFirstConsumer", NO_PROVISIONER),
];
const BIND_CONFLICT = "node(s) didn't find available persistent volumes to bind";
const NODE_CONFLICT = "node(s) had volume node affinity conflict";
const NO_VOLUME = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)";
const refusedBefore = (reason: string) => ({
  preFilter: "UnschedulableAndUnresolvable",
  filter: "node-a:R",
  reasons: { "node-a": [reason] },
});
const sized = (name: string, className: string, storage: string, host: string) =>
  volume(
    name,
    { storageClassName: className, capacity: { storage }, ...affineTo("kubernetes.io/hostname", host) },
    "Available",
  );
const wanting = (storage: string, storageClassName: string) => ({
  storageClassName,
  resources: { requests: { storage } },
});
const HOSTS = ["node-a", "node-b", "node-c"].map((name) => node(name, `@${name}`));

/** volume_binding_test.go, TestVolumeBinding. Scores by capacity are off by default. */
const BINDING: readonly Row[] = [
  { name: "pod has not pvcs", nodes: HOSTS, pod: pod("p"), preFilter: "Skip", filter: "node-a:S" },
  {
    name: "all bound",
    nodes: HOSTS,
    pod: pod("p", "", using("pvc-a")),
    objects: [...CLASSES, claim("pvc-a", boundTo("pv-a", "wait-sc"), BOUND), volume("pv-a", {}, "Available")],
    filter: "node-a:S",
  },
  {
    name: "all bound with local volumes",
    nodes: HOSTS,
    pod: pod("p", "", using("pvc-a", "pvc-b")),
    objects: [
      ...CLASSES,
      claim("pvc-a", boundTo("pv-a", "wait-sc"), BOUND),
      claim("pvc-b", boundTo("pv-b", "wait-sc"), BOUND),
      volume("pv-a", affineTo("kubernetes.io/hostname", "node-a")),
      volume("pv-b", affineTo("kubernetes.io/hostname", "node-a")),
    ],
    filter: "node-a:S node-b:R",
    reasons: { "node-b": [NODE_CONFLICT] },
  },
  {
    name: "PVC does not exist",
    nodes: HOSTS,
    pod: pod("p", "", using("pvc-a")),
    objects: CLASSES,
    ...refusedBefore('persistentvolumeclaim "pvc-a" not found'),
  },
  {
    name: "Part of PVCs do not exist",
    nodes: HOSTS,
    pod: pod("p", "", using("pvc-a", "pvc-b")),
    objects: [...CLASSES, claim("pvc-a", boundTo("pv-a", "wait-sc"), BOUND)],
    ...refusedBefore('persistentvolumeclaim "pvc-b" not found'),
  },
  {
    name: "immediate claims not bound",
    nodes: HOSTS,
    pod: pod("p", "", using("pvc-a")),
    objects: [...CLASSES, claim("pvc-a", { storageClassName: "immediate-sc" })],
    ...refusedBefore("pod has unbound immediate PersistentVolumeClaims"),
  },
  {
    name: "unbound claims no matches",
    nodes: HOSTS,
    pod: pod("p", "", using("pvc-a")),
    objects: [...CLASSES, claim("pvc-a", { storageClassName: "wait-sc" })],
    filter: "node-a:R",
    reasons: { "node-a": [BIND_CONFLICT] },
  },
  {
    name: "bound and unbound unsatisfied",
    nodes: [node("node-a", "foo=barbar")],
    pod: pod("p", "", using("pvc-a", "pvc-b")),
    objects: [
      ...CLASSES,
      claim("pvc-a", boundTo("pv-a", "wait-sc"), BOUND),
      claim("pvc-b", { storageClassName: "wait-sc" }),
      volume("pv-a", { storageClassName: "wait-sc", ...affineTo("foo", "bar") }, "Available"),
    ],
    filter: "node-a:R",
    reasons: { "node-a": [NODE_CONFLICT, BIND_CONFLICT] },
  },
  {
    name: "pv not found",
    nodes: HOSTS,
    pod: pod("p", "", using("pvc-a")),
    objects: [...CLASSES, claim("pvc-a", boundTo("pv-a", "wait-sc"), BOUND)],
    filter: "node-a:R",
    reasons: { "node-a": [NO_VOLUME] },
  },
  {
    name: "pv not found claim lost",
    nodes: HOSTS,
    pod: pod("p", "", using("pvc-a")),
    objects: [...CLASSES, claim("pvc-a", boundTo("pv-a", "wait-sc"), BOUND, { phase: "Lost" })],
    ...refusedBefore('persistentvolumeclaim "pvc-a" bound to non-existent persistentvolume "pv-a"'),
  },
  {
    name: "local volumes with close capacity are preferred",
    nodes: HOSTS,
    pod: pod("p", "", using("pvc-a")),
    objects: [
      ...CLASSES,
      claim("pvc-a", wanting("50Gi", "wait-sc")),
      sized("pv-a-0", "wait-sc", "200Gi", "node-a"),
      sized("pv-b-0", "wait-sc", "100Gi", "node-b"),
    ],
    filter: "node-a:S node-b:S node-c:R",
    reasons: { "node-c": [BIND_CONFLICT] },
  },
  {
    name: "local volumes with close capacity are preferred (multiple pvcs)",
    nodes: HOSTS,
    pod: pod("p", "", using("pvc-0", "pvc-1")),
    objects: [
      ...CLASSES,
      claim("pvc-0", wanting("50Gi", "wait-sc")),
      claim("pvc-1", wanting("100Gi", "wait-hdd-sc")),
      ...["node-a", "node-b"].flatMap((host) =>
        ["wait-sc", "wait-hdd-sc"].map((name) => sized(`pv-${host}-${name}`, name, "200Gi", host)),
      ),
    ],
    filter: "node-a:S node-b:S node-c:R",
  },
];

const disk = (source: string, fields: Fields) => ({ volumes: [{ name: "d", [source]: fields }] });
const RBD = { pool: "foo", image: "bar", fsType: "ext4" };
const ISCSI = { targetPortal: "127.0.0.1:3260", fsType: "ext4", lun: 0 };
const DISKS: readonly (readonly [source: string, one: Fields, other: Fields])[] = [
  ["gcePersistentDisk", { pdName: "foo" }, { pdName: "bar" }],
  ["awsElasticBlockStore", { volumeID: "foo" }, { volumeID: "bar" }],
  ["rbd", { ...RBD, monitors: ["a", "b"] }, { ...RBD, monitors: ["c", "d"] }],
  [
    "iscsi",
    { ...ISCSI, iqn: "iqn.2016-12.server:storage.target01" },
    { ...ISCSI, iqn: "iqn.2017-12.server:storage.target01" },
  ],
];
const ONE = [node("n")];
const exclusive = (name: string) => claim(name, { accessModes: ["ReadWriteOncePod"] });
const SHARED = claim("rwx", { accessModes: ["ReadWriteMany"] });

/** volume_restrictions_test.go: its four tables of disks, and that of access modes. */
const RESTRICTIONS: readonly Row[] = [
  ...DISKS.flatMap(([source, one, other]): readonly Row[] => [
    { name: `${source}: nothing`, nodes: ONE, pod: pod("p"), preFilter: "Skip", filter: "n:S" },
    {
      name: `${source}: one state`,
      nodes: ONE,
      existing: [pod("e@n", "", disk(source, one))],
      pod: pod("p"),
      preFilter: "Skip",
    },
    {
      name: `${source}: same state`,
      nodes: ONE,
      existing: [pod("e@n", "", disk(source, one))],
      pod: pod("p", "", disk(source, one)),
      filter: "n:U",
      reasons: { n: ["node(s) had no available disk"] },
    },
    {
      name: `${source}: different state`,
      nodes: ONE,
      existing: [pod("e@n", "", disk(source, one))],
      pod: pod("p", "", disk(source, other)),
      preFilter: "Success",
      filter: "n:S",
    },
  ]),
  {
    name: "pod with a volume that doesn't have restrictions",
    nodes: ONE,
    pod: pod("p", "", { volumes: [{ name: "v", emptyDir: {} }] }),
    preFilter: "Skip",
    filter: "n:S",
  },
  {
    name: "failed to get PVC",
    nodes: ONE,
    pod: pod("p", "", using("rwop-1")),
    preFilter: "UnschedulableAndUnresolvable",
    filter: "n:R",
    reasons: { n: ['persistentvolumeclaim "rwop-1" not found'] },
  },
  {
    name: "no access mode conflict",
    nodes: ONE,
    existing: [pod("e@n", "", using("rwx"))],
    pod: pod("p", "", using("rwop-1")),
    objects: [exclusive("rwop-1"), SHARED],
    preFilter: "Skip",
    filter: "n:S",
  },
  {
    name: "access mode conflict, unschedulable",
    nodes: ONE,
    existing: [pod("e1@n", "", using("rwop-1")), pod("e2@n", "", using("rwx"))],
    pod: pod("p", "", using("rwop-1")),
    objects: [exclusive("rwop-1"), SHARED],
    filter: "n:U",
    reasons: { n: ["node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode"] },
  },
  {
    name: "two conflicts, unschedulable",
    nodes: ONE,
    existing: [pod("e1@n", "", using("rwop-1", "rwop-2")), pod("e2@n", "", using("rwx"))],
    pod: pod("p", "", using("rwop-1", "rwop-2")),
    objects: [exclusive("rwop-1"), exclusive("rwop-2"), SHARED],
    filter: "n:U",
  },
];

const EBS = "ebs.csi.aws.com";
const GCE = "pd.csi.storage.gke.io";
const IN_TREE = "kubernetes.io/aws-ebs";
const ebs = (i: number) => `csi-${EBS}-${i}`;
const gce = (i: number) => `csi-${GCE}-${i}`;
const inTree = (i: number) => `csi-aws-ebs-${i}`;
const csiNode = (drivers: readonly string[], count: number | null) => ({
  apiVersion: "storage.k8s.io/v1",
  kind: "CSINode",
  metadata: { name: "n", annotations: { "storage.alpha.kubernetes.io/migrated-plugins": IN_TREE } },
  spec: {
    drivers: drivers.map((name) => ({ name, nodeID: "n", ...(count !== null && { allocatable: { count } }) })),
  },
});
const withVolume = (name: string, spec: Fields) => [claim(name, boundTo(name), BOUND), volume(name, spec)];
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);
const LIMITED = [
  ...upTo(4).flatMap((i) => withVolume(ebs(i), { csi: { driver: EBS, volumeHandle: ebs(i) } })),
  ...upTo(4).flatMap((i) => withVolume(gce(i), { csi: { driver: GCE, volumeHandle: gce(i) } })),
  ...upTo(4).flatMap((i) => withVolume(inTree(i), { awsElasticBlockStore: { volumeID: inTree(i) } })),
  ...withVolume("csi-hostpath-0", { hostPath: { path: "/tmp" } }),
  claim("csi-4", { storageClassName: "csi-sc" }),
  claim("csi-5", { storageClassName: "missing-sc" }),
  claim("csi-6", boundTo("missing-volume", "csi-sc"), BOUND),
];
const csiClass = (provisioner: string) => storageClass("csi-sc", "WaitForFirstConsumer", provisioner);
const attachment = (name: string) => ({
  apiVersion: "storage.k8s.io/v1",
  kind: "VolumeAttachment",
  metadata: { name: `va-${name}` },
  spec: { nodeName: "n", attacher: EBS, source: { persistentVolumeName: name } },
});
const inline = (volumeID: string) => disk("awsElasticBlockStore", { volumeID });
const ephemeral = (...names: readonly string[]) => ({
  volumes: names.map((name) => ({
    name,
    ephemeral: {
      volumeClaimTemplate: { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } },
    },
  })),
});
const ownedBy = (name: string, owner: string) =>
  claim(
    name,
    { storageClassName: "csi-sc" },
    {
      namespace: "test",
      ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: owner, uid: owner, controller: true }],
    },
  );
/** The claims of the pods are in the namespace of each. */
const inTest = LIMITED.filter(({ kind }) => kind === "PersistentVolumeClaim").map((one) => ({
  ...one,
  metadata: { ...one.metadata, namespace: "test" },
}));
const TWO = pod("e2@n", "", using(ebs(1), ebs(2)));
const RUNNING = pod("e1@n", "", using(ebs(3)));
const MIGRATED_TWO = pod("e2@n", "", using(inTree(1), inTree(2)));
const FULL = { filter: "n:U", reasons: { n: ["node(s) exceed max volume count"] } };
const FITS = { filter: "n:S" };

interface Limit {
  readonly name: string;
  readonly pod: Fields;
  readonly existing?: readonly Fields[];
  readonly limit: number | null;
  readonly drivers?: readonly string[];
  readonly objects?: readonly Fields[];
  readonly expected: Partial<Row>;
}

const limited = ({
  name,
  pod: waiting,
  existing = [],
  limit,
  drivers = [EBS],
  objects = [],
  expected,
}: Limit): Row => ({
  name,
  nodes: ONE,
  existing,
  pod: waiting,
  objects: [...LIMITED, ...inTest, csiNode(drivers, limit), csiClass(drivers[0]!), ...objects],
  ...expected,
});
const EBS_ONE = pod("p", "", using(ebs(0)));
const WITH_IN_TREE = [IN_TREE, EBS];

/** csi_test.go, TestCSILimits. */
const LIMITS: readonly Row[] = (
  [
    {
      name: "should count VolumeAttachments towards volume limit when no pods exist",
      pod: EBS_ONE,
      limit: 2,
      objects: [attachment(ebs(0)), attachment(ebs(1))],
      expected: FULL,
    },
    {
      name: "should schedule pod when VolumeAttachments count does not exceed limit",
      pod: EBS_ONE,
      limit: 2,
      objects: [attachment(ebs(0))],
      expected: FITS,
    },
    {
      name: "fits when node volume limit >= new pods CSI volume",
      pod: EBS_ONE,
      existing: [RUNNING, TWO],
      limit: 4,
      expected: FITS,
    },
    {
      name: "doesn't when node volume limit <= pods CSI volume",
      pod: EBS_ONE,
      existing: [RUNNING, TWO],
      limit: 2,
      expected: FULL,
    },
    {
      name: "should when driver does not support volume limits",
      pod: EBS_ONE,
      existing: [RUNNING, TWO],
      limit: null,
      expected: FITS,
    },
    {
      name: "count pending PVCs towards volume limit <= pods CSI volume",
      pod: EBS_ONE,
      existing: [pod("e1@n", "", using("csi-4")), TWO],
      limit: 2,
      expected: FULL,
    },
    {
      name: "count multiple pending pvcs towards volume limit >= pods CSI volume",
      pod: EBS_ONE,
      existing: [pod("e1@n", "", using("csi-4")), pod("e3@n", "", using("csi-4")), TWO],
      limit: 4,
      expected: FITS,
    },
    {
      name: "should count PVCs with invalid PV name but valid SC",
      pod: EBS_ONE,
      existing: [pod("e1@n", "", using("csi-6")), TWO],
      limit: 2,
      expected: FULL,
    },
    {
      name: "don't count pvcs with missing SC towards volume limit",
      pod: EBS_ONE,
      existing: [RUNNING, pod("e2@n", "", using("csi-5"))],
      limit: 2,
      expected: FITS,
    },
    {
      name: "count pvcs with the same type towards volume limit",
      pod: EBS_ONE,
      existing: [pod("e1@n", "", using(gce(1), gce(2))), TWO],
      drivers: [EBS, GCE],
      limit: 2,
      expected: FULL,
    },
    {
      name: "don't count pvcs with different type towards volume limit",
      pod: pod("p", "", using(gce(1), gce(2))),
      existing: [TWO, RUNNING],
      drivers: [EBS, GCE],
      limit: 2,
      expected: FITS,
    },
    {
      name: "should count in-tree volumes if migration is enabled",
      pod: pod("p", "", using(inTree(0))),
      existing: [MIGRATED_TWO],
      drivers: WITH_IN_TREE,
      limit: 2,
      expected: FULL,
    },
    {
      name: "should count unbound in-tree volumes if migration is enabled",
      pod: pod("p", "", using("csi-4")),
      existing: [MIGRATED_TWO],
      drivers: WITH_IN_TREE,
      limit: 2,
      expected: FULL,
    },
    {
      name: "should not limit pod if volume used does not report limits",
      pod: pod("p", "", using(inTree(0))),
      existing: [MIGRATED_TWO],
      drivers: WITH_IN_TREE,
      limit: null,
      expected: FITS,
    },
    {
      name: "should not count non-migratable in-tree volumes",
      pod: pod("p", "", using("csi-hostpath-0")),
      existing: [TWO],
      drivers: ["kubernetes.io/hostpath", EBS],
      limit: 2,
      expected: FITS,
    },
    {
      name: "should count in-tree inline volumes if migration is enabled",
      pod: pod("p", "", inline("aws-inline1")),
      existing: [MIGRATED_TWO],
      drivers: WITH_IN_TREE,
      limit: 2,
      expected: FULL,
    },
    {
      name: "should count in-tree and csi volumes if migration is enabled (when scheduling in-tree volumes)",
      pod: pod("p", "", using(inTree(0))),
      existing: [TWO],
      drivers: WITH_IN_TREE,
      limit: 2,
      expected: FULL,
    },
    {
      name: "should count in-tree, inline and csi volumes if migration is enabled (when scheduling in-tree volumes)",
      pod: pod("p", "", inline("aws-inline1")),
      existing: [TWO, pod("e3@n", "", using(inTree(0)))],
      drivers: WITH_IN_TREE,
      limit: 3,
      expected: FULL,
    },
    {
      name: "should not count in-tree, inline and csi volumes if migration is enabled (when scheduling in-tree volumes)",
      pod: pod("p", "", inline(ebs(1))),
      existing: [TWO, pod("e3@n", "", using(inTree(0)))],
      drivers: WITH_IN_TREE,
      limit: 3,
      expected: FITS,
    },
    {
      name: "should count in-tree and csi volumes if migration is enabled (when scheduling csi volumes)",
      pod: EBS_ONE,
      existing: [MIGRATED_TWO],
      drivers: WITH_IN_TREE,
      limit: 2,
      expected: FULL,
    },
    {
      name: "ephemeral volume missing",
      pod: pod("test/abc", "", ephemeral("xyz")),
      limit: null,
      expected: {
        filter: "n:R",
        reasons: { n: ['looking up PVC test/abc-xyz: persistentvolumeclaims "abc-xyz" not found'] },
      },
    },
    {
      name: "ephemeral volume not owned",
      pod: pod("test/abc", "", ephemeral("xyz")),
      objects: [claim("abc-xyz", { storageClassName: "csi-sc" }, { namespace: "test" })],
      limit: null,
      expected: {
        filter: "n:E",
        reasons: { n: ["PVC test/abc-xyz was not created for pod test/abc (pod is not owner)"] },
      },
    },
    {
      name: "ephemeral volume unbound",
      pod: pod("test/abc", "", ephemeral("xyz")),
      objects: [ownedBy("abc-xyz", "abc")],
      limit: null,
      expected: FITS,
    },
    {
      name: "ephemeral doesn't when node volume limit <= pods CSI volume",
      pod: pod("test/abc", "", ephemeral("xyz")),
      existing: [RUNNING, TWO],
      objects: [ownedBy("abc-xyz", "abc")],
      limit: 2,
      expected: FULL,
    },
    {
      name: "ephemeral doesn't when node volume limit <= pods ephemeral CSI volume",
      pod: EBS_ONE,
      existing: [RUNNING, pod("test/abc@n", "", ephemeral("x", "y"))],
      objects: [ownedBy("abc-x", "abc"), ownedBy("abc-y", "abc")],
      limit: 2,
      expected: FULL,
    },
    {
      name: "persistent doesn't when node volume limit <= pods ephemeral CSI volume + persistent volume",
      pod: EBS_ONE,
      existing: [RUNNING, pod("test/abc@n", "", ephemeral("xyz")), TWO],
      objects: [ownedBy("abc-xyz", "abc")],
      limit: 3,
      expected: FULL,
    },
    {
      name: "persistent okay when node volume limit > pods ephemeral CSI volume + persistent volume",
      pod: EBS_ONE,
      existing: [RUNNING, pod("test/abc@n", "", ephemeral("xyz")), TWO],
      objects: [ownedBy("abc-xyz", "abc")],
      limit: 5,
      expected: FITS,
    },
    {
      name: "skip Filter when the pod only uses secrets and configmaps",
      pod: pod("p", "", {
        volumes: [
          { name: "c", configMap: { name: "c" } },
          { name: "s", secret: { secretName: "s" } },
        ],
      }),
      limit: 2,
      expected: { preFilter: "Skip", filter: "n:S" },
    },
    {
      name: "don't skip Filter when the pod has inline migratable volumes",
      pod: pod("p", "", {
        volumes: [{ name: "c", configMap: { name: "c" } }, ...inline("aws-inline1").volumes],
      }),
      existing: [MIGRATED_TWO],
      drivers: WITH_IN_TREE,
      limit: 2,
      expected: { preFilter: "Success", ...FULL },
    },
  ] satisfies readonly Limit[]
).map(limited);

describe("volumes", () => {
  test.each(named(BINDING))("VolumeBinding: %s", (_, row) => check("VolumeBinding", row));
  test.each(named(RESTRICTIONS))("VolumeRestrictions: %s", (_, row) => check("VolumeRestrictions", row));
  test.each(named(LIMITS))("NodeVolumeLimits: %s", (_, row) => check("NodeVolumeLimits", row));
});
