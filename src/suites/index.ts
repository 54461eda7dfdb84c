import type { AnySuite } from "../harness/suite.ts";
import { controlPlaneSuite } from "./control-plane/suite.ts";
import { networkSuite } from "./network/suite.ts";
import { raftSuite } from "./raft/suite.ts";
import { schedulerSuite } from "./scheduler/suite.ts";
import { storeSuite } from "./store/suite.ts";

/** All suites, in the order in which they run. */
export const SUITES: readonly AnySuite[] = [raftSuite, storeSuite, controlPlaneSuite, schedulerSuite, networkSuite];

/** The suite of that name, if there is one. */
export function findSuite(name: string): AnySuite | undefined {
  return SUITES.find((suite) => suite.name === name);
}
