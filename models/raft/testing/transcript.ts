import { assert } from "../../kernel/index.ts";
import { renderTranscript, type TranscriptRun, WorldCommands } from "../../kernel/testing/transcript.ts";
import type { MembershipChange, RaftConfig } from "../index.ts";
import { simpleConfiguration } from "../index.ts";
import { TestCluster, type Types, testConfig } from "./cluster.ts";
import { renderEffect, renderMessage, renderState } from "./render.ts";

/**
 * Runs a transcript: {@link renderTranscript}.
 *
 * Commands: `cluster a b c [option=value]`, `join d`, `fire a election`, `propose a x`, `read a`, `change a addVoter:d
 * [joint]`, `leave a`, `transfer a b`, `deliver a->b [kind]`, `drop a->b [kind]`, `deliver all`, `settle`, `isolate a`
 * (from now on `settle` leaves its packets where they are), `heal`, `wait 100` (ms), `crash a`, `restart a`, `state a`,
 * `network`.
 */
export function runTranscript(text: string): string {
  return renderTranscript(text, new Transcript());
}

class Transcript implements TranscriptRun {
  readonly lines: string[] = [];
  #requests = 0;
  #options: Partial<RaftConfig> = {};
  readonly #cluster = new TestCluster((member, _before, _after, effects) => {
    for (const effect of effects) this.lines.push(`${member} ${renderEffect(effect)}`);
  });
  readonly #world = new WorldCommands<Types>(this.#cluster);

  command(all: readonly string[]): void {
    if (this.#world.command(all)) return;
    const [name, ...words] = all;
    const cluster = this.#cluster;
    const [first = "", second = ""] = words;
    switch (name) {
      case "cluster":
        this.#options = optionsOf(words);
        cluster.form(membersOf(words), this.#options, learnersOf(words));
        return;
      case "join":
        cluster.add(testConfig(first, simpleConfiguration([]), this.#options));
        return;
      case "propose":
        cluster.request(first, this.#requestId(), { kind: "propose", command: second });
        return;
      case "read":
        cluster.request(first, this.#requestId(), { kind: "read" });
        return;
      case "change": {
        const changes = words.slice(1).filter(isChange).map(changeOf);
        const joint = words.includes("joint");
        cluster.request(first, this.#requestId(), { kind: "changeMembership", changes, joint });
        return;
      }
      case "leave":
        cluster.request(first, this.#requestId(), { kind: "leaveJoint" });
        return;
      case "transfer":
        cluster.request(first, this.#requestId(), { kind: "transferLeadership", to: second });
        return;
      case "state":
        for (const id of words) for (const line of renderState(cluster.state(id))) this.lines.push(`${id} ${line}`);
        return;
      case "network":
        for (const { from, to, message } of cluster.network)
          this.lines.push(`${from}->${to} ${renderMessage(message)}`);
        return;
      default:
        assert(false, `no such command: ${name}`);
    }
  }

  #requestId(): string {
    this.#requests++;
    return `r${this.#requests}`;
  }
}

function membersOf(words: readonly string[]): readonly string[] {
  return words.filter((word) => !word.includes("=")).map((word) => word.replace("*", ""));
}

/** Learners are marked: `d*`. */
function learnersOf(words: readonly string[]): readonly string[] {
  return words.filter((word) => word.endsWith("*")).map((word) => word.replace("*", ""));
}

function optionsOf(words: readonly string[]): Partial<RaftConfig> {
  const options: Record<string, unknown> = {};
  for (const word of words) {
    const [name, value] = word.split("=");
    if (name === undefined || value === undefined) continue;
    options[name] = /^\d/.test(value) ? Number(value) : value === "true" ? true : value === "false" ? false : value;
  }
  return options as Partial<RaftConfig>;
}

function isChange(word: string): boolean {
  return word.includes(":");
}

function changeOf(word: string): MembershipChange {
  const [kind, member] = word.split(":");
  return { kind, member } as MembershipChange;
}
