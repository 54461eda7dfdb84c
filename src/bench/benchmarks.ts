import { floorRate } from "./floor.ts";
import type { SimulateFigures } from "./simulate.ts";

/** One figure of a benchmark. `ratio` is to the floor that was measured in the same process; null where it says nothing. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly ratio: number | null;
  readonly note: string;
}

interface Benchmark {
  /** Flags of its process. */
  readonly flags: readonly string[];
  measure(): Promise<readonly Omit<Figure, "ratio">[]>;
}

/** The nursery has its full size from the start, so that what grows is what is kept. */
const SIMULATION_FLAGS = ["--min-semi-space-size=16"];

export const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  "raft-commit": {
    // Nearly all that a step allocates dies at once: a larger nursery is collected less often.
    flags: ["--max-semi-space-size=64"],
    async measure() {
      const { raftCommit } = await import("./raft-commit.ts");
      raftCommit(200_000);
      const { entries, messages, seconds } = raftCommit(1_500_000);
      const note = "3 members, one proposal at a time, node --max-semi-space-size=64";
      return [
        { name: "raft-commit", value: entries / seconds, unit: "entries/s", note },
        { name: "raft-commit messages", value: messages / seconds, unit: "messages/s", note: "" },
      ];
    },
  },
  "raft-simulate": simulation("raft-simulate", async () => (await import("./simulate.ts")).raftSimulate),
  "store-simulate": simulation("store-simulate", async () => (await import("./simulate.ts")).storeSimulate),
  "control-plane": {
    flags: SIMULATION_FLAGS,
    async measure() {
      const { controlPlaneSimulate } = await import("./control-plane.ts");
      const { REAL, SHORT } = await import("../suites/control-plane/paces.ts");
      return [
        ...simulationFigures("control-plane", 2_000_000, (events) => controlPlaneSimulate(REAL, events)),
        ...simulationFigures("control-plane short", 1_000_000, (events) => controlPlaneSimulate(SHORT, events)),
      ];
    },
  },
  "control-plane-scale": {
    flags: ["--max-old-space-size=4096", "--max-semi-space-size=64"],
    async measure() {
      const { controlPlaneScale } = await import("./control-plane.ts");
      controlPlaneScale(10, 300);
      const small = controlPlaneScale(100, 3000);
      const few = controlPlaneScale(1000, 3000);
      const large = controlPlaneScale(1000, 30_000);
      const costOf = ({ seconds, pods }: typeof small) => (seconds / pods) * 1e6;
      const growth = (costOf(large) / costOf(few)).toFixed(2);
      const ofCluster = (costOf(large) / costOf(small)).toFixed(2);
      return [
        {
          name: "control-plane-scale",
          value: large.seconds,
          unit: "s",
          note: `1,000 nodes and 30,000 pods ready after ${large.virtualSeconds} virtual s, ${large.events} events`,
        },
        {
          name: "control-plane-scale a pod",
          value: costOf(large),
          unit: "us",
          note: `${growth} times that of 3,000 pods on as many nodes; ${ofCluster} times that of 3,000 on 100 nodes`,
        },
        {
          name: "control-plane-scale memory",
          value: large.residentBytes / 2 ** 20,
          unit: "MiB",
          note: "resident, at the end",
        },
      ];
    },
  },
  linearizability: {
    flags: [],
    async measure() {
      const { linearizability } = await import("./linearizability.ts");
      return linearizability();
    },
  },
  schedule: {
    // Every pod that is placed makes a few new values, and most of them soon die.
    flags: ["--max-semi-space-size=64"],
    async measure() {
      const { schedulePods } = await import("./schedule.ts");
      schedulePods(500, 1_000, 2_000);
      return [500, 5_000].map((nodes) => {
        const { pods, bound, scored, seconds } = schedulePods(nodes, nodes * 2, 10_000);
        const note = `${bound} bound, ${nodes * 2} pods there before, ${Math.round(scored)} nodes scored a pod`;
        return { name: `schedule on ${nodes}`, value: pods / seconds, unit: "pods/s", note };
      });
    },
  },
  shrink: {
    flags: [],
    async measure() {
      const { shrinkExecutions } = await import("./shrink.ts");
      return [3, 10, 20].map((matter) => {
        const { ours, fastCheck } = shrinkExecutions(matter);
        const note = `fast-check's array shrinker: ${fastCheck}`;
        return { name: `shrink ${matter} of 200`, value: ours, unit: "executions", note };
      });
    },
  },
};

function simulation(name: string, load: () => Promise<(events: number) => SimulateFigures>): Benchmark {
  return {
    flags: SIMULATION_FLAGS,
    async measure() {
      return simulationFigures(name, 10_000_000, await load());
    },
  };
}

function simulationFigures(
  name: string,
  eventsMax: number,
  simulate: (events: number) => SimulateFigures,
): readonly Omit<Figure, "ratio">[] {
  const { events, seconds, virtualSeconds, runs, residentEarly, residentLate } = simulate(eventsMax);
  const growth = (residentLate / residentEarly - 1) * 100;
  return [
    { name, value: events / seconds, unit: "events/s", note: `${runs} runs, all properties on` },
    { name: `${name} acceleration`, value: virtualSeconds / seconds, unit: "virtual s/s", note: "the same runs" },
    {
      name: `${name} memory`,
      value: residentLate / 2 ** 20,
      unit: "MiB",
      note: `after ${eventsMax / 1e6} M events; after a tenth: ${Math.round(residentEarly / 2 ** 20)} MiB (${growth.toFixed(1)} %)`,
    },
  ];
}

/** Measures one benchmark in this process, and the floor before it. */
export async function measure(name: string): Promise<readonly Figure[]> {
  floorRate(1_000_000);
  const floor = floorRate(5_000_000);
  const figures = await BENCHMARKS[name]!.measure();
  const note = `in the process of ${name}`;
  return [
    { name: "floor", value: floor, unit: "events/s", ratio: 1, note },
    ...figures.map((figure) => ({ ...figure, ratio: isRate(figure.unit) ? figure.value / floor : null })),
  ];
}

/** Events, entries and messages a second can be compared with the floor. */
function isRate(unit: string): boolean {
  return unit.endsWith("/s") && !unit.startsWith("virtual");
}
