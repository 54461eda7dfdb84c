import { addRun, noSums, scenarioOf } from "../harness/campaign.ts";
import { runScenario } from "../harness/run.ts";
import type { Scenario } from "../harness/scenario.ts";
import type { RaftScenario } from "../suites/raft/scenario.ts";
import { raftSuite } from "../suites/raft/suite.ts";

/** What a campaign of the Raft suite on one core came to. */
export interface SimulateFigures {
  readonly events: number;
  readonly runs: number;
  readonly seconds: number;
  readonly virtualSeconds: number;
  /** Resident bytes after a tenth of the events and after all. */
  readonly residentEarly: number;
  readonly residentLate: number;
}

/**
 * Generated runs of 5 members under the quick profile with all properties on, until so many events were simulated. The
 * time includes generating the scenarios and setting up the worlds.
 */
export function raftSimulate(events: number): SimulateFigures {
  const plan = { seed: 1, profile: raftSuite.profiles["quick"]! };
  const sums = noSums();
  const from = performance.now();
  let residentEarly = 0;
  for (let run = 0; sums.events < events; run++) {
    const scenario = scenarioOf(raftSuite, plan, run) as RaftScenario;
    const five = { ...scenario, system: { ...scenario.system, voters: 5, learners: 0, spares: 0 } };
    addRun(sums, runScenario(raftSuite, withoutStrangers(five) as Scenario));
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

/** Leaves out what names members that are not among the five. */
function withoutStrangers(scenario: RaftScenario): RaftScenario {
  const known = (action: object) => !/"m[6-9]"/.test(JSON.stringify(action));
  return { ...scenario, faults: scenario.faults.filter(known), workload: scenario.workload.filter(known) };
}
