import { schedulingProperties } from "../../../properties/scheduler/index.ts";
import { nobodyToDoIt } from "../control-plane/excuse.ts";
import { CLUSTER_PARTS, type ControlPlaneSuite } from "../control-plane/suite.ts";
import { schedulerScenario } from "./arbitrary.ts";
import { SchedulerScenarioSchema } from "./scenario.ts";

/** A cluster whose nodes and workloads bring the scheduler into trouble: what it promises, and that no pod waits in vain. */
export const schedulerSuite: ControlPlaneSuite = {
  name: "scheduler",
  summary: "Scheduling: tight nodes, affinities, spread, priorities, claims, and a scheduler that crashes and lags",
  schema: SchedulerScenarioSchema,
  profiles: {
    quick: { name: "quick", runs: 300, chaosMsMax: 30_000, operationsMax: 8, faultsMax: 3, episodesMax: 4 },
    ci: { name: "ci", runs: 1000, chaosMsMax: 50_000, operationsMax: 16, faultsMax: 6, episodesMax: 5 },
    long: { name: "long", runs: 20_000, chaosMsMax: 180_000, operationsMax: 50, faultsMax: 25, episodesMax: 15 },
  },
  properties: schedulingProperties,
  ...CLUSTER_PARTS,
  arbitrary: schedulerScenario as ControlPlaneSuite["arbitrary"],
  excuse: (world) => nobodyToDoIt(world.processes),
};
