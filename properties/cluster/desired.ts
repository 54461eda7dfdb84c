/**
 * What a cluster comes to, computed once more from the objects that people wrote, in the simplest way there is: how many
 * pods of which image each workload has. Properties compare it with what is there.
 */
import type { PodTemplateSpec } from "../../models/machinery/kinds/index.ts";

/** A template without the label by which a Deployment tells its ReplicaSets apart. */
export function templateOf({ metadata = {}, ...rest }: PodTemplateSpec): object {
  const { "pod-template-hash": _hash, ...labels } = metadata.labels ?? {};
  return { ...rest, metadata: { ...metadata, labels } };
}
