import * as Schema from "effect/Schema";
import { clusterFields } from "../control-plane/scenario.ts";

/** A cluster as that of `control-plane`; what is applied to it brings the scheduler into trouble. */
export const SchedulerScenarioSchema = Schema.Struct({ ...clusterFields, suite: Schema.Literal("scheduler") });

export type SchedulerScenario = typeof SchedulerScenarioSchema.Type;
