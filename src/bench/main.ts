import { writeFileSync } from "node:fs";
import { Command } from "commander";
import { floorRate } from "./floor.ts";

/** One figure of a benchmark. `ratio` is to the floor that was measured in the same process. */
interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly ratio: number | null;
  readonly note: string;
}

const BENCHMARKS: Readonly<Record<string, () => Promise<Omit<Figure, "ratio">[]>>> = {
  "raft-commit": async () => {
    const { raftCommit } = await import("./raft-commit.ts");
    raftCommit(100_000);
    const { entries, messages, seconds } = raftCommit(1_500_000);
    return [
      { name: "raft-commit", value: entries / seconds, unit: "entries/s", note: "3 members, one proposal at a time" },
      { name: "raft-commit messages", value: messages / seconds, unit: "messages/s", note: "" },
    ];
  },
  "raft-simulate": async () => {
    const { raftSimulate } = await import("./raft-simulate.ts");
    const figures = raftSimulate(10_000_000);
    const { events, seconds, virtualSeconds, residentEarly, residentLate } = figures;
    const growth = residentLate / residentEarly - 1;
    return [
      {
        name: "raft-simulate",
        value: events / seconds,
        unit: "events/s",
        note: `${figures.runs} runs, all properties on`,
      },
      { name: "acceleration", value: virtualSeconds / seconds, unit: "virtual s/s", note: "the same runs" },
      {
        name: "raft-simulate memory",
        value: residentLate / 2 ** 20,
        unit: "MiB",
        note: `${(growth * 100).toFixed(1)} % more after 10 M events than after 1 M`,
      },
    ];
  },
  shrink: async () => {
    const { shrinkExecutions } = await import("./shrink.ts");
    return [3, 10, 20].map((matter) => {
      const { ours, fastCheck } = shrinkExecutions(matter);
      return {
        name: `shrink ${matter} of 200`,
        value: ours,
        unit: "executions",
        note: `fast-check's array shrinker: ${fastCheck}`,
      };
    });
  },
};

/** Benchmarks that are measured together with another one. */
const ALIASES: Readonly<Record<string, string>> = { acceleration: "raft-simulate" };

async function main(): Promise<void> {
  const names = [...Object.keys(BENCHMARKS), ...Object.keys(ALIASES)];
  const command = new Command("bench")
    .description("Measures seatrial, and states each rate as a ratio to a floor measured in the same process.")
    .argument("[name...]", `which: ${names.join(", ")}; all of them by default`)
    .option("--json <file>", "write the figures there too")
    .parse();
  const wanted = new Set(command.args.map((name) => ALIASES[name] ?? name));
  for (const name of wanted)
    if (!(name in BENCHMARKS)) command.error(`no benchmark ${name}; there are ${names.join(", ")}`, { exitCode: 2 });
  floorRate(1_000_000);
  const floor = floorRate(5_000_000);
  const figures: Figure[] = [
    { name: "floor", value: floor, unit: "events/s", ratio: 1, note: "heap of 200, one draw" },
  ];
  print(figures[0]!);
  for (const [name, measure] of Object.entries(BENCHMARKS)) {
    if (wanted.size > 0 && !wanted.has(name)) continue;
    for (const figure of await measure()) {
      const ratio = figure.unit.endsWith("/s") && !figure.unit.startsWith("virtual") ? figure.value / floor : null;
      figures.push({ ...figure, ratio });
      print({ ...figure, ratio });
    }
  }
  const { json } = command.opts<{ json?: string }>();
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ node: process.version, figures }, null, 2)}\n`);
}

function print({ name, value, unit, ratio, note }: Figure): void {
  const shown = Math.round(value).toLocaleString("en");
  const ratioShown = ratio === null ? "" : `${ratio.toFixed(3)} of the floor`;
  console.log(`${name.padEnd(24)} ${shown.padStart(12)} ${unit.padEnd(12)} ${ratioShown.padEnd(20)} ${note}`);
}

await main();
