import type { KubeObject, PersistentVolumeClaim } from "../../machinery/kinds/index.ts";
import type { ControllerTurn, Outcome } from "../controller.ts";

/** The custom resource. */
export const DATABASES = "databases.example.com";

/** example.com/v1: a database of some instances, each of which has a pod and a claim. */
export interface Database extends KubeObject {
  readonly kind: "Database";
  readonly spec: {
    readonly replicas: number;
    readonly image: string;
    /** Of each claim. It may grow. */
    readonly storage: string;
  };
  readonly status?: DatabaseStatus;
}

export interface DatabaseStatus {
  readonly observedGeneration: number;
  readonly readyReplicas: number;
  /** The size that all instances run with; empty while they do not. */
  readonly storage: string;
}

export type Claim = PersistentVolumeClaim;

/** What it does at the moment, and is answered for. */
export type DatabaseTask =
  | { readonly step: "write" }
  /** A claim was made larger: its instance is started anew. */
  | { readonly step: "grown"; readonly ordinal: number }
  /** A claim is to go, if the database as it is now has no use for it. */
  | { readonly step: "confirm"; readonly claim: Claim; readonly ordinal: number }
  /** All claims are gone, so far as the cache knows. */
  | { readonly step: "confirmEmpty"; readonly database: Database };

export type DatabaseTurn = ControllerTurn<null, Readonly<Record<string, never>>>;
export type DatabaseOutcome = Outcome<DatabaseTask>;
