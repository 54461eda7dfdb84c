import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { BENCHMARKS, type Figure, measure } from "./benchmarks.ts";

/** In a child process: the benchmark that it is to measure. */
const CHILD = "SEATRIAL_BENCHMARK";

/** Figures that are measured together with another benchmark. */
const ALIASES: Readonly<Record<string, string>> = { acceleration: "raft-simulate" };

async function main(): Promise<void> {
  const child = process.env[CHILD];
  if (child !== undefined) {
    process.stdout.write(JSON.stringify(await measure(child)));
    return;
  }
  const names = [...Object.keys(BENCHMARKS), ...Object.keys(ALIASES)];
  const command = new Command("bench")
    .description(
      "Measures seatrial. Each benchmark has a process of its own, in which the floor is measured too: an event loop that\n" +
        "pops and pushes a heap of 200 pending events and draws one random number. Rates are stated as a ratio to it.",
    )
    .argument("[name...]", `which: ${names.join(", ")}; all of them by default`)
    .option("--json <file>", "write the figures there too")
    .parse();
  const wanted = new Set(command.args.map((name) => ALIASES[name] ?? name));
  for (const name of wanted)
    if (!(name in BENCHMARKS)) command.error(`no benchmark ${name}; there are ${names.join(", ")}`, { exitCode: 2 });
  const figures: Figure[] = [];
  for (const name of Object.keys(BENCHMARKS)) {
    if (wanted.size > 0 && !wanted.has(name)) continue;
    for (const figure of inProcessOfItsOwn(name)) {
      figures.push(figure);
      print(figure);
    }
  }
  const { json } = command.opts<{ json?: string }>();
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ node: process.version, figures }, null, 2)}\n`);
}

function inProcessOfItsOwn(name: string): readonly Figure[] {
  const self = fileURLToPath(new URL("./bench.mjs", import.meta.url));
  const { status, stdout } = spawnSync(process.execPath, [...BENCHMARKS[name]!.flags, self], {
    env: { ...process.env, [CHILD]: name },
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`benchmark ${name} ended with status ${status}`);
  return JSON.parse(stdout) as readonly Figure[];
}

function print({ name, value, unit, ratio, note }: Figure): void {
  const shown = Math.round(value).toLocaleString("en");
  const ratioShown = ratio === null ? "" : `${ratio.toFixed(3)} of the floor`;
  console.log(`${name.padEnd(26)} ${shown.padStart(12)} ${unit.padEnd(12)} ${ratioShown.padEnd(20)} ${note}`.trimEnd());
}

await main();
