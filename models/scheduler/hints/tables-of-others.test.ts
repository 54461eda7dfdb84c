import { describe, expect, test } from "vitest";
import type { KubeObject, Node, Pod, StringMap } from "../../machinery/kinds/index.ts";
import { helps, node, pod, type Row, running, waiting } from "../testing/hints.ts";

function agree(plugin: string, rows: readonly Row[], known: readonly KubeObject[] = []): void {
  describe(plugin, () => {
    test.each(rows)("%s: %s", (_, event, change, expected) => {
      expect(helps(plugin, event, change, known)).toBe(expected);
    });
  });
}

/** Rows of Kubernetes' own tables (Apache-2.0, pkg/scheduler/framework/plugins, tests of queueing hints), in a short notation. */

const isIn = (...values: readonly string[]) => ({ matchExpressions: [{ key: "service", operator: "In", values }] });
const hasKey = (key: string) => ({ matchExpressions: [{ key, operator: "Exists" }] });
const required = (...terms: readonly (readonly [topologyKey: string, labelSelector: object])[]) => ({
  requiredDuringSchedulingIgnoredDuringExecution: terms.map(([topologyKey, labelSelector]) => ({
    topologyKey,
    labelSelector,
  })),
});
const near = (...terms: readonly (readonly [string, object])[]): Pod =>
  pod({ spec: { affinity: { podAffinity: required(...terms) } } });
const antiAffinity = (...terms: readonly (readonly [string, object])[]) => ({
  affinity: { podAntiAffinity: required(...terms) },
});
const apart = (...terms: readonly (readonly [string, object])[]): Pod => pod({ spec: antiAffinity(...terms) });

const scanned = isIn("securityscan", "value2");
const nearScanned = near(["region", scanned]);
const apartFromScanned = apart(["region", scanned]);
const nearZone = near(["zone", scanned]);
const apartInZone = apart(["zone", { matchLabels: { another: "label" } }]);
const nearTwo = near(["hostname", hasKey("aaa")], ["hostname", hasKey("bbb")]);
const scan = { service: "securityscan" };
const keeper = running({}, antiAffinity(["region", scanned]));
const other = { aaa: "a" };
const zone = (name: string, more: StringMap = {}): Node => node({ zone: name, ...more });

agree("InterPodAffinity", [
  ["one that it wants comes", "assignedPod/add", [nearScanned, null, running(scan)], true],
  ["such a one without a node comes", "assignedPod/add", [nearScanned, null, waiting(scan)], false],
  ["one that it does not want comes", "assignedPod/add", [nearScanned, null, running(other)], false],
  ["it wants one now", "assignedPod/updateLabel", [nearScanned, running(other), running(scan)], true],
  ["still", "assignedPod/updateLabel", [nearScanned, running({ service: "value2" }), running(scan)], false],
  ["one without a node", "assignedPod/updateLabel", [nearScanned, waiting(other), waiting(scan)], false],
  ["no longer", "assignedPod/updateLabel", [nearScanned, running(scan), running(other)], false],
  ["one term of two no longer", "assignedPod/updateLabel", [nearTwo, running(other), running(scan)], false],
  ["both terms now", "assignedPod/updateLabel", [nearTwo, running(other), running({ aaa: "", bbb: "" })], true],
  [
    "the pod itself",
    "unscheduledPod/updateLabel",
    [pod({ labels: { foo: "baz" } }), pod({ labels: { foo: "bar" } }), pod({ labels: { foo: "baz" } })],
    true,
  ],
  [
    "it avoids one no longer",
    "assignedPod/updateLabel",
    [apartFromScanned, running(scan), running({ service: "aaaa" })],
    true,
  ],
  ["it avoids one now", "assignedPod/updateLabel", [apartFromScanned, running({ service: "b" }), running(scan)], false],
  ["one goes that it does not avoid", "assignedPod/delete", [apartFromScanned, running(other), null], false],
  ["one goes that it avoids", "assignedPod/delete", [apartFromScanned, running(scan), null], true],
  ["one goes that avoids it", "assignedPod/delete", [pod({ labels: scan }), keeper, null], true],
  ["one goes that avoids others", "assignedPod/delete", [pod({ labels: { service: "foo" } }), keeper, null], false],
  [
    "one goes, and neither avoids the other",
    "assignedPod/delete",
    [
      pod({ labels: { service: "foo" }, spec: antiAffinity(["region", scanned]) }),
      running({ service: "foo" }, antiAffinity(["region", scanned])),
      null,
    ],
    false,
  ],
  ["a node comes with the key", "node/add", [nearZone, null, zone("zone1")], true],
  ["a node comes without the key", "node/add", [nearScanned, null, zone("zone1")], false],
  ["another label", "node/updateLabel", [nearZone, node({ aaa: "a" }), node({ aaa: "b" })], false],
  ["one more label", "node/updateLabel", [nearZone, zone("zone1"), zone("zone1", { more: "" })], false],
  ["another zone", "node/updateLabel", [nearZone, zone("zone1"), zone("zone2")], true],
  ["a zone", "node/updateLabel", [nearZone, node({ aaa: "a" }), zone("zone1")], true],
  ["it avoids; a node comes with the key", "node/add", [apartInZone, null, zone("zone1")], true],
  ["it avoids; a node comes without", "node/add", [apartInZone, null, node()], true],
  ["it avoids; one more label", "node/updateLabel", [apartInZone, zone("zone1"), zone("zone1", { m: "" })], false],
  ["it avoids; another zone", "node/updateLabel", [apartInZone, zone("zone1"), zone("zone2")], true],
  ["it avoids; a zone", "node/updateLabel", [apartInZone, node({ aaa: "a" }), zone("zone1")], false],
  ["it avoids; no zone", "node/updateLabel", [apartInZone, zone("zone1"), node({ aaa: "a" })], true],
]);

const using = (...volumes: readonly object[]) => ({ volumes });
const claimed = (claimName: string) => ({ name: claimName, persistentVolumeClaim: { claimName } });
const gone = (...volumes: readonly object[]): Pod => running({}, using(...volumes));
const user = (...volumes: readonly object[]): Pod => pod({ spec: using(...volumes) });
const object = (kind: string, name: string, fields: object = {}, namespace?: string): KubeObject =>
  ({
    apiVersion: "v1",
    kind,
    metadata: { name, ...(namespace !== undefined && { namespace }) },
    ...fields,
  }) as KubeObject;
const claim = (name: string, namespace = "default", fields: object = {}): KubeObject =>
  object("PersistentVolumeClaim", name, fields, namespace);

const gce = (pdName: string) => ({ name: "v", gcePersistentDisk: { pdName } });
const aws = (volumeID: string) => ({ name: "v", awsElasticBlockStore: { volumeID } });
const rbd = (...monitors: readonly string[]) => ({ name: "v", rbd: { monitors, pool: "foo", image: "bar" } });
const iscsi = (year: string) => ({
  name: "v",
  iscsi: { targetPortal: "127.0.0.1:3260", iqn: `iqn.${year}-12.server:storage.target01`, lun: 0 },
});

agree("VolumeRestrictions", [
  ["the disk is free (gce)", "assignedPod/delete", [user(gce("foo")), gone(gce("foo")), null], true],
  ["another disk is free (gce)", "assignedPod/delete", [user(gce("foo")), gone(gce("bar")), null], false],
  ["the disk is free (aws)", "assignedPod/delete", [user(aws("foo")), gone(aws("foo")), null], true],
  ["another disk is free (aws)", "assignedPod/delete", [user(aws("foo")), gone(aws("bar")), null], false],
  ["the disk is free (rbd)", "assignedPod/delete", [user(rbd("a", "b")), gone(rbd("a", "b")), null], true],
  ["another disk is free (rbd)", "assignedPod/delete", [user(rbd("a", "b")), gone(rbd("c", "d")), null], false],
  ["the disk is free (iscsi)", "assignedPod/delete", [user(iscsi("2016")), gone(iscsi("2016")), null], true],
  ["another disk is free (iscsi)", "assignedPod/delete", [user(iscsi("2016")), gone(iscsi("2017")), null], false],
  ["the claim is free", "assignedPod/delete", [user(claimed("c")), gone(claimed("c")), null], true],
  ["another claim is free", "assignedPod/delete", [user(claimed("c")), gone(claimed("d")), null], false],
  ["one of its claims comes", "claim/add", [user(claimed("c1"), claimed("c2")), null, claim("c1")], true],
  ["another claim comes", "claim/add", [user(claimed("c1")), null, claim("c2")], false],
  ["one of another namespace comes", "claim/add", [user(claimed("c1")), null, claim("c1", "kube-system")], false],
]);

const ephemeral = { name: "ephemeral", ephemeral: {} };
const attachment = (source: object, attacher = "test.storage.gke.io"): KubeObject =>
  object("VolumeAttachment", "va", { spec: { nodeName: "n", attacher, source } });
const ofVolume = attachment({ persistentVolumeName: "pv1" });
const ofInline = attachment({ inlineVolumeSpec: { csi: { driver: "ebs.csi.aws.com" } } }, "ebs.csi.aws.com");

agree(
  "NodeVolumeLimits",
  [
    ["one with a claim goes", "assignedPod/delete", [user(claimed("c")), gone(claimed("d")), null], true],
    ["one with a migrated volume goes", "assignedPod/delete", [user(claimed("c")), gone(aws("")), null], true],
    ["one without volumes goes", "assignedPod/delete", [user(claimed("c")), gone(), null], false],
    ["one with another volume goes", "assignedPod/delete", [user(claimed("c")), gone({ emptyDir: {} }), null], false],
    [
      "one without a node goes",
      "assignedPod/delete",
      [user(claimed("c")), pod({ name: "o", spec: using(claimed("c")) }), null],
      false,
    ],
    ["a claim of another namespace comes", "claim/add", [user(), null, claim("c", "ns2")], false],
    ["its claim comes", "claim/add", [user(claimed("pvc1")), null, claim("pvc1")], true],
    ["that of its ephemeral volume comes", "claim/add", [user(ephemeral), null, claim("p-ephemeral")], true],
    ["another claim comes", "claim/add", [user(claimed("pvc1")), null, claim("pvc2")], false],
    ["a claim comes, and it has none", "claim/add", [user(), null, claim("pvc2")], false],
    ["its volume is let go of", "volumeAttachment/delete", [user(claimed("pvc1")), ofVolume, null], true],
    ["its inline one is let go of", "volumeAttachment/delete", [user(aws("test")), ofInline, null], true],
    ["that of another driver", "volumeAttachment/delete", [user(gce("test")), ofInline, null], false],
    ["of two, the inline one", "volumeAttachment/delete", [user(aws("test"), claimed("pvc1")), ofInline, null], true],
    ["of two, the claimed one", "volumeAttachment/delete", [user(aws("test"), claimed("pvc1")), ofVolume, null], true],
    ["it has none", "volumeAttachment/delete", [user(), ofVolume, null], false],
  ],
  [claim("pvc1", "default", { spec: { volumeName: "pv1" } })],
);

const zonal = (labels: StringMap): KubeObject => {
  const volume = object("PersistentVolume", "pv");
  return { ...volume, metadata: { ...volume.metadata, labels } };
};
const BETA = "failure-domain.beta.kubernetes.io/zone";
const inA = zonal({ [BETA]: "us-west1-a" });
const inBoth = zonal({ [BETA]: "us-west1-a", "topology.kubernetes.io/zone": "zone" });

agree("VolumeZone", [
  ["a claim comes, and it has none", "claim/add", [user(), null, claim("c")], false],
  ["another claim comes", "claim/add", [user(claimed("d")), null, claim("c")], false],
  ["one of another namespace comes", "claim/add", [user(claimed("c")), null, claim("c", "ns1")], false],
  ["its claim comes", "claim/add", [user(claimed("c")), null, claim("c")], true],
  ["its claim is bound", "claim/update", [user(claimed("c")), claim("c"), claim("c")], true],
  ["a claim is bound, and it has none", "claim/update", [user(), claim("c"), claim("c")], false],
  [
    "a class that does not say when",
    "storageClass/add",
    [user(claimed("c")), null, object("StorageClass", "s")],
    false,
  ],
  [
    "a class that waits",
    "storageClass/add",
    [user(claimed("c")), null, object("StorageClass", "s", { volumeBindingMode: "WaitForFirstConsumer" })],
    true,
  ],
  ["a volume comes", "volume/add", [user(claimed("c")), null, inA], true],
  ["it has moved", "volume/update", [user(claimed("c")), inA, zonal({ [BETA]: "us-west1-b" })], true],
  ["it has one more place", "volume/update", [user(claimed("c")), inA, inBoth], true],
  ["it is where it was", "volume/update", [user(claimed("c")), inBoth, inBoth], false],
]);

const capacity = (fields: object = {}): KubeObject =>
  object("CSIStorageCapacity", "cap-a", { storageClassName: "sc", ...fields }, "x");
const binder = user(claimed("pvc-a"), claimed("pvc-b"));
const grown: readonly Row[] = ["capacity", "maximumVolumeSize"].map((field) => [
  `more ${field}`,
  "csiStorageCapacity/update",
  [user(ephemeral), capacity({ [field]: "1Gi" }), capacity({ [field]: "2Gi" })],
  true,
]);

agree("VolumeBinding", [
  ["its claim changes", "claim/update", [binder, claim("pvc-b"), claim("pvc-b")], true],
  ["that of its ephemeral volume", "claim/update", [user(ephemeral), claim("p-ephemeral"), claim("p-ephemeral")], true],
  ["another claim", "claim/add", [binder, null, claim("pvc-c")], false],
  ["a volume is as it was", "volume/update", [binder, inA, inA], true],
  ["a volume comes", "volume/add", [binder, null, inA], true],
  ["no capacity, as before", "csiStorageCapacity/update", [user(), capacity(), capacity()], false],
  ["the same, with claims", "csiStorageCapacity/update", [binder, capacity(), capacity()], false],
  ["capacity is told", "csiStorageCapacity/add", [binder, null, capacity()], true],
  ...grown,
]);
