/** In-tree volumes that a CSI driver serves (staging/src/k8s.io/csi-translation-lib/plugins). */
import type { Json, PersistentVolume, Volume } from "../../machinery/kinds/index.ts";
import { annotationOf } from "../../machinery/meta.ts";
import type { CSINode } from "../framework/listers.ts";

type Fields = { readonly [field: string]: Json };

/** A volume as its driver knows it. */
export interface CSIVolume {
  readonly driver: string;
  readonly handle: string;
}

interface Migration {
  /** The in-tree plugin, which is also the provisioner of its classes. */
  readonly plugin: string;
  readonly driver: string;
  /** The field of a volume, or of a persistent one. */
  readonly source: string;
  readonly handleOf: (fields: Fields, zone: string) => string;
}

const textOf = (value: Json | undefined): string => (typeof value === "string" ? value : "");

/** aws_ebs.go, KubernetesVolumeIDToEBSVolumeID: the last part of `aws://zone/vol-1`. */
function awsHandle({ volumeID }: Fields): string {
  const text = textOf(volumeID);
  return text.startsWith("aws://") ? text.slice(text.lastIndexOf("/") + 1) : text;
}

/** nodevolumelimits/utils.go, isCSIMigrationOn: those that it knows. */
const MIGRATIONS: readonly Migration[] = [
  {
    plugin: "kubernetes.io/aws-ebs",
    driver: "ebs.csi.aws.com",
    source: "awsElasticBlockStore",
    handleOf: awsHandle,
  },
  {
    plugin: "kubernetes.io/gce-pd",
    driver: "pd.csi.storage.gke.io",
    source: "gcePersistentDisk",
    handleOf: ({ pdName }, zone) => `projects/UNSPECIFIED/zones/${zone}/disks/${textOf(pdName)}`,
  },
  {
    plugin: "kubernetes.io/azure-disk",
    driver: "disk.csi.azure.com",
    source: "azureDisk",
    handleOf: ({ diskURI }) => textOf(diskURI),
  },
  {
    plugin: "kubernetes.io/cinder",
    driver: "cinder.csi.openstack.org",
    source: "cinder",
    handleOf: ({ volumeID }) => textOf(volumeID),
  },
  {
    plugin: "kubernetes.io/portworx-volume",
    driver: "pxd.portworx.com",
    source: "portworxVolume",
    handleOf: ({ volumeID }) => textOf(volumeID),
  },
];

const MIGRATED_PLUGINS = "storage.alpha.kubernetes.io/migrated-plugins";

/** nodevolumelimits/utils.go, isCSIMigrationOn: the node's kubelet says so. */
function isMigrated(csiNode: CSINode | null, plugin: string): boolean {
  const plugins = csiNode === null ? null : annotationOf(csiNode, MIGRATED_PLUGINS);
  return plugins?.split(",").includes(plugin) === true;
}

function migrationOf(sources: Fields): { readonly migration: Migration; readonly fields: Fields } | null {
  for (const migration of MIGRATIONS) {
    const fields = sources[migration.source];
    if (typeof fields === "object" && fields !== null) return { migration, fields: fields as Fields };
  }
  return null;
}

/** translate.go, IsInlineMigratable. */
export function isInlineMigratable(volume: Volume): boolean {
  return migrationOf(volume as unknown as Fields) !== null;
}

/** The driver that serves an inline volume where it is migrated. Null: none does. */
export function driverOfInline(volume: Volume): string | null {
  return migrationOf(volume as unknown as Fields)?.migration.driver ?? null;
}

/** csi.go, checkAttachableInlineVolume: null where it is not served by a driver there. */
export function csiVolumeOfInline(volume: Volume, csiNode: CSINode | null): CSIVolume | null {
  return translated(volume as unknown as Fields, csiNode, "UNSPECIFIED");
}

/** csi.go, getCSIDriverInfo. */
export function csiVolumeOf({ spec, metadata }: PersistentVolume, csiNode: CSINode | null): CSIVolume | null {
  const csi = spec.csi as Fields | undefined;
  if (csi !== undefined) return { driver: textOf(csi["driver"]), handle: textOf(csi["volumeHandle"]) };
  const { labels } = metadata;
  const zone =
    labels?.["topology.kubernetes.io/zone"] ?? labels?.["failure-domain.beta.kubernetes.io/zone"] ?? "UNSPECIFIED";
  return translated(spec as unknown as Fields, csiNode, zone);
}

function translated(sources: Fields, csiNode: CSINode | null, zone: string): CSIVolume | null {
  const found = migrationOf(sources);
  if (found === null || !isMigrated(csiNode, found.migration.plugin)) return null;
  return { driver: found.migration.driver, handle: found.migration.handleOf(found.fields, zone) };
}

/** csi.go, getCSIDriverInfoFromSC: the driver of a class' provisioner; empty where an in-tree one is not migrated. */
export function driverOfProvisioner(provisioner: string, csiNode: CSINode | null): string {
  const migration = MIGRATIONS.find(({ plugin }) => plugin === provisioner);
  if (migration === undefined) return provisioner;
  return isMigrated(csiNode, provisioner) ? migration.driver : "";
}
