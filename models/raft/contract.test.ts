import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contractBreach, type Input } from "../kernel/index.ts";
import type { RaftConfig, RaftDurable } from "./index.ts";
import { type ChainState, chain, raft } from "./index.ts";
import { TestCluster, type Types } from "./testing/cluster.ts";
import { type WalkSetup, walk } from "./testing/walk.ts";

/** One life of a member, from a boot to a crash or the end. */
interface Life {
  readonly durable: RaftDurable<ChainState>;
  readonly config: RaftConfig;
  readonly bootedAt: number;
  readonly inputs: Input<Types>[];
}

/** A cluster that writes down what each member was given. */
class RecordingCluster extends TestCluster {
  readonly lives: Life[] = [];
  readonly #current = new Map<string, Life>();

  override restart(id: string): void {
    const life = { durable: this.disks.get(id)!, config: this.configs.get(id)!, bootedAt: this.now, inputs: [] };
    this.lives.push(life);
    this.#current.set(id, life);
    super.restart(id);
  }

  override take(member: string, input: Input<Types>, effectsMax?: number): void {
    this.#current.get(member)!.inputs.push(input);
    super.take(member, input, effectsMax);
  }
}

const walks: fc.Arbitrary<WalkSetup> = fc.record({
  members: fc.integer({ min: 3, max: 5 }),
  features: fc.nat({ max: 0xfff }),
  choices: fc.array(fc.nat(), { minLength: 150, maxLength: 150, size: "max" }),
});

describe("the contract of a machine", () => {
  it("is kept on what members of random clusters are given", () => {
    fc.assert(
      fc.property(walks, (setup) => {
        let cluster: RecordingCluster | undefined;
        walk(setup, (observe) => {
          cluster = new RecordingCluster(observe);
          return cluster;
        });
        for (const { durable, config, bootedAt, inputs } of cluster!.lives) {
          const clock = { now: bootedAt, wall: bootedAt };
          expect(contractBreach(raft(chain), { durable, config, clock, inputs })).toBe(null);
        }
      }),
      { seed: 5, numRuns: 40 },
    );
  });
});
