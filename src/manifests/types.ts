import type { KubeObject } from "../../models/machinery/kinds/index.ts";

/** A file as somebody read it. */
export interface ManifestFile {
  /** As the user names it. */
  readonly path: string;
  readonly text: string;
}

/** An object as `kubectl apply` would send it: without what a server sets, and with a namespace if its kind has one. */
export interface ManifestObject {
  readonly object: KubeObject;
  readonly file: string;
  /** Where it begins, from 1. */
  readonly line: number;
}

/** Something that is wrong, or odd, in a manifest. */
export interface ManifestFlaw {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** `spec.containers[0].image`; empty: all of the file or of the object. */
  readonly field: string;
  /** In the API's words, or in those of kubectl: `Deployment.apps "web" is invalid: spec.replicas: Invalid value: …`. */
  readonly message: string;
}

export interface Manifests {
  /** Those without a flaw, as they are given: by file, then by place. */
  readonly objects: readonly ManifestObject[];
  readonly warnings: readonly ManifestFlaw[];
  readonly flaws: readonly ManifestFlaw[];
}
