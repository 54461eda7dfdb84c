import { assert } from "../assert.ts";
import type { MachineTypes } from "../machine.ts";
import type { Packet, TestWorld } from "./test-world.ts";

/** What runs the commands of a transcript, one by one, and writes lines for what they do. */
export interface TranscriptRun {
  readonly lines: string[];
  command(words: readonly string[]): void;
}

/**
 * Runs a transcript and renders what happened: blocks of commands, `----`, and what their effects were. What stands behind
 * `----` in the given text is not read; the text that is returned has it written anew. `quiet` before a command leaves out
 * its effects.
 */
export function renderTranscript(text: string, run: TranscriptRun): string {
  const out: string[] = [];
  for (const block of text.trimEnd().split(/\n\n+/)) {
    const lines = block.split("\n");
    const end = lines.indexOf("----");
    const commands = end < 0 ? lines : lines.slice(0, end);
    out.push(...commands);
    if (commands.some((line) => withoutComment(line) !== "")) out.push("----", ...runBlock(commands, run));
    out.push("");
  }
  return out.join("\n");
}

function runBlock(commands: readonly string[], run: TranscriptRun): readonly string[] {
  run.lines.length = 0;
  for (const line of commands) {
    const words = withoutComment(line).split(/\s+/);
    if (words[0] === "") continue;
    const kept = run.lines.length;
    const quiet = words[0] === "quiet";
    run.command(quiet ? words.slice(1) : words);
    if (quiet) run.lines.length = kept;
  }
  return run.lines.length === 0 ? ["nothing"] : [...run.lines];
}

function withoutComment(line: string): string {
  return line.replace(/(^|\s)# .*$/, "").trim();
}

/**
 * The commands about the world that are the same for all machines: `deliver a->b [kind] [copy]`, `drop a->b [kind]`,
 * `settle`, `isolate a` (from now on `settle` leaves its packets where they are), `lose` (them), `heal`, `fire a timer`,
 * `wait 100` (ms), `crash a`, `restart a`.
 */
export class WorldCommands<T extends MachineTypes & { readonly message: { readonly kind: string } }> {
  readonly #world: TestWorld<T>;
  #isolated: string[] = [];

  constructor(world: TestWorld<T>) {
    this.#world = world;
  }

  /**
   * @param effectsMax the process that takes a step crashes after so many effects of it
   * @returns whether it is one of these
   */
  command([name, ...words]: readonly string[], effectsMax?: number): boolean {
    const world = this.#world;
    const [first = "", second = ""] = words;
    switch (name) {
      case "deliver":
        world.deliver(this.#packet(first, second), words.includes("copy"), effectsMax);
        return true;
      case "drop":
        world.drop(this.#packet(first, second));
        return true;
      case "settle":
        this.settle();
        return true;
      case "isolate":
        this.#isolated.push(...words);
        return true;
      case "lose":
        world.network = world.network.filter((packet) => !this.#isCut(packet));
        return true;
      case "heal":
        this.#isolated = [];
        return true;
      case "fire":
        world.fire(first, second, effectsMax);
        return true;
      case "wait":
        world.now += Number(first) * 1000;
        return true;
      case "crash":
        world.crash(first);
        return true;
      case "restart":
        world.restart(first);
        return true;
      default:
        return false;
    }
  }

  settle(): void {
    this.#world.settle((packet) => this.#isCut(packet));
  }

  #isCut({ from, to }: Packet<T["message"]>): boolean {
    return this.#isolated.includes(from) || this.#isolated.includes(to);
  }

  #packet(link: string, kind: string): Packet<T["message"]> {
    const [from, to] = link.split("->");
    const wanted = kind === "copy" ? "" : kind;
    const found = this.#world.network.find(
      (packet) => packet.from === from && packet.to === to && (wanted === "" || packet.message.kind === wanted),
    );
    assert(found !== undefined, `no packet ${link} ${kind}`);
    return found;
  }
}
