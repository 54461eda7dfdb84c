import { addRun, noSums, scenarioOf } from "../harness/campaign.ts";
import { runScenario } from "../harness/run.ts";
import type { Scenario } from "../harness/scenario.ts";
import type { AnySuite } from "../harness/suite.ts";
import type { RaftScenario } from "../suites/raft/scenario.ts";
import { raftSuite } from "../suites/raft/suite.ts";
import type { StoreScenario } from "../suites/store/scenario.ts";
import { storeSuite } from "../suites/store/suite.ts";

/** What a campaign of a suite on one core came to. */
export interface SimulateFigures {
  readonly events: number;
  readonly runs: number;
  readonly seconds: number;
  readonly virtualSeconds: number;
  /** Resident bytes after a tenth of the events and after all. */
  readonly residentEarly: number;
  readonly residentLate: number;
}

/** Generated runs of 5 members of Raft. */
export function raftSimulate(events: number): SimulateFigures {
  return simulate(raftSuite, events, (generated) => {
    const scenario = generated as RaftScenario;
    const system = { ...scenario.system, voters: 5, learners: 0, spares: 0 };
    return { ...withoutStrangers(scenario, /"m[6-9]"/), system };
  });
}

/** Generated runs of 5 members of a store and 10 clients. */
export function storeSimulate(events: number): SimulateFigures {
  return simulate(storeSuite, events, (generated) => {
    const scenario = generated as StoreScenario;
    const system = { ...scenario.system, members: 5, clients: 10 };
    return { ...withoutStrangers(scenario, /"m[6-9]"/), system };
  });
}

/**
 * Generated runs under the quick profile with all properties on, until so many events were simulated. The time includes
 * generating the scenarios and setting up the worlds.
 */
function simulate(suite: AnySuite, events: number, adapt: (scenario: Scenario) => object): SimulateFigures {
  const plan = { seed: 1, profile: suite.profiles["quick"]! };
  const sums = noSums();
  const from = performance.now();
  let residentEarly = 0;
  for (let run = 0; sums.events < events; run++) {
    addRun(sums, runScenario(suite, adapt(scenarioOf(suite, plan, run)) as Scenario));
    if (residentEarly === 0 && sums.events >= events / 10) residentEarly = process.memoryUsage.rss();
  }
  return {
    events: sums.events,
    runs: sums.runs,
    seconds: (performance.now() - from) / 1000,
    virtualSeconds: sums.virtualUs / 1e6,
    residentEarly,
    residentLate: process.memoryUsage.rss(),
  };
}

/** The scenario without what names processes that are not there. */
function withoutStrangers<S extends Pick<Scenario, "faults" | "workload">>(scenario: S, strangers: RegExp): S {
  const known = (action: object) => !strangers.test(JSON.stringify(action));
  return { ...scenario, faults: scenario.faults.filter(known), workload: scenario.workload.filter(known) };
}
