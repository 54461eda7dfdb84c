import type { ClusterTypes } from "../../../models/cluster/types.ts";
import { unreachable } from "../../../models/kernel/index.ts";
import type { Command } from "../../../models/kubectl/index.ts";
import type { DeleteOptions, Json, KubeObject, Taint } from "../../../models/machinery/kinds/index.ts";
import { requestId } from "../../harness/run.ts";
import type { World } from "../../simulator/world.ts";
import { us } from "../shared/raft-config.ts";
import { lookedUp } from "./lookups.ts";
import { type ControlPlaneOperation, KUBECTL, type ManifestSpec } from "./scenario.ts";

/** Lets an operation of the workload happen: a person asks kubectl for it. */
export function perform(world: World<ClusterTypes>, operation: ControlPlaneOperation, index: number): void {
  const { session } = operation;
  const command = commandOf(lookedUp(operation, world.processes));
  world.request(KUBECTL, requestId(index, 0), { session, command });
  if (operation.kind !== "rewrite") return;
  for (let number = 1; number < operation.count; number++)
    world.schedule(world.now + us(number * operation.everyMs), () =>
      world.request(KUBECTL, requestId(index, number), {
        session,
        command: { ...command, ...rewriteMark(index, number) } as Command,
      }),
    );
}

/** What kubectl is asked for. */
export function commandOf(operation: ControlPlaneOperation): Command {
  switch (operation.kind) {
    case "apply":
    case "create":
      return { kind: operation.kind, objects: operation.objects.map(asObject) };
    case "replace":
      return { kind: "replace", object: asObject(operation.object) };
    case "scale":
      return { kind: "scale", ...nameOf(operation), replicas: operation.replicas };
    case "setImage":
      return { kind: "setImage", ...nameOf(operation), container: operation.container, image: operation.image };
    case "rolloutUndo":
      return { kind: "rolloutUndo", ...nameOf(operation), toRevision: operation.toRevision };
    case "rolloutRestart":
      return { kind: "rolloutRestart", ...nameOf(operation) };
    case "rolloutPause":
      return { kind: "rolloutPause", ...nameOf(operation), paused: operation.paused };
    case "delete":
      return { kind: "delete", ...nameOf(operation), options: deleteOptionsOf(operation), wait: operation.wait };
    case "cordon":
    case "uncordon":
      return { kind: "cordon", node: operation.node, unschedulable: operation.kind === "cordon" };
    case "drain": {
      const { node, gracePeriodSeconds, timeoutMs } = operation;
      return { kind: "drain", node, gracePeriodSeconds, timeoutUs: us(timeoutMs) };
    }
    case "taint":
      return taintOf(operation);
    case "label":
    case "annotate":
      return { kind: operation.kind, ...nameOf(operation), values: operation.values };
    case "patch":
      return { kind: "patch", ...nameOf(operation), type: operation.type, patch: operation.patch as Json };
    case "rewrite":
      return { kind: "rewrite", ...nameOf(operation), ...rewriteMark(0, 0) };
    default:
      return unreachable(operation);
  }
}

function nameOf({ resource, namespace, name }: { resource: string; namespace: string; name: string }) {
  return { resource, namespace, name };
}

function rewriteMark(index: number, number: number) {
  return { annotations: { "seatrial.io/rewrite": `${index}.${number}` } };
}

function deleteOptionsOf({
  propagation,
  gracePeriodSeconds,
}: Extract<ControlPlaneOperation, { kind: "delete" }>): DeleteOptions {
  return {
    ...(propagation === undefined ? {} : { propagationPolicy: propagation }),
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
  };
}

function taintOf({ node, key, value, effect, remove }: Extract<ControlPlaneOperation, { kind: "taint" }>): Command {
  if (remove) return { kind: "taint", node, add: [], remove: [{ key, effect }] };
  const taint: Taint = value === "" ? { key, effect } : { key, value, effect };
  return { kind: "taint", node, add: [taint], remove: [] };
}

/** Manifests are checked when a scenario is loaded or generated. */
export function asObject(manifest: ManifestSpec): KubeObject {
  return manifest as unknown as KubeObject;
}
