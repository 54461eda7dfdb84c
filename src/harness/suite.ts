import type * as Schema from "effect/Schema";
import type { MachineTypes, ProcessId } from "../../models/kernel/index.ts";
import type { Property } from "../checkers/property.ts";
import type { System } from "../simulator/system.ts";
import type { World } from "../simulator/world.ts";
import type { Arbitrary } from "./fast-check.ts";
import type { Operation, Scenario } from "./scenario.ts";

/** How large the runs of a campaign are. */
export interface Profile {
  readonly name: string;
  /** Runs of a campaign that names no number. */
  readonly runs: number;
  /** Upper bounds of what a scenario has. */
  readonly chaosMsMax: number;
  readonly operationsMax: number;
  readonly faultsMax: number;
  /** Episodes: faults and operations that belong together. */
  readonly episodesMax: number;
}

/** After the heal, what is still pending is asked again and again. */
export interface Settle {
  readonly pollMs: number;
  /** `eventually` properties must hold in so many polls, one after the other. */
  readonly stayPolls: number;
}

export const SETTLE: Settle = { pollMs: 100, stayPolls: 15 };

/** A file of the user's, as it was read. */
export interface GivenFile {
  /** As the user names it. */
  readonly path: string;
  readonly text: string;
}

/** What is in files of the user's own. Warnings and flaws say where: `file:line:column: …`. */
export interface Given {
  /** Plain data; what it is, the suite knows. */
  readonly objects: readonly unknown[];
  readonly warnings: readonly string[];
  readonly flaws: readonly string[];
}

/** A suite that takes manifests: as what a campaign's runs begin with, and by their files' names in a scenario. */
export interface Manifests {
  read(files: readonly GivenFile[]): Given;
  /**
   * A scenario, not yet checked, with the objects of files in the place of their names.
   *
   * @param read gives the objects of files as they are named at that path of the scenario
   */
  inline(
    scenario: unknown,
    read: (names: readonly string[], path: readonly (string | number)[]) => readonly unknown[],
  ): unknown;
}

/**
 * A suite: a system, the trouble it is put through, and what must hold. It joins a model, its properties and the
 * harness; the harness knows nothing of any one suite.
 */
export interface Suite<T extends MachineTypes = MachineTypes, Spec = unknown, Op extends Operation = Operation> {
  readonly name: string;
  /** What it tries, in a sentence. */
  readonly summary: string;
  /** A whole scenario of this suite. */
  readonly schema: Schema.ConstraintDecoder<unknown> & { readonly Type: Scenario<Spec, Op> };
  readonly profiles: Readonly<Record<string, Profile>>;
  readonly properties: readonly Property<T>[];
  /** Rules that the machines may note, so that a report can name those never taken. */
  readonly rules: readonly string[];
  /**
   * Generated trouble.
   *
   * @param given objects of the user's own that each run begins with; see {@link Manifests}
   */
  arbitrary(profile: Profile, given?: readonly unknown[]): Arbitrary<Scenario<Spec, Op>>;
  /** Left out: it takes none. */
  readonly manifests?: Manifests;
  /** What contradicts itself in a scenario that fits the schema: the path and what was expected. */
  contradiction(
    scenario: Scenario<Spec, Op>,
  ): { readonly path: readonly (string | number)[]; readonly message: string } | null;
  /** The processes of a scenario. */
  system(scenario: Scenario<Spec, Op>): System<T>;
  /**
   * Lets an operation of the workload happen.
   *
   * @param index its place in the workload
   * @param self the process whose work it waited for, or null
   */
  perform(world: World<T>, operation: Op, index: number, self: ProcessId | null): void;
  /** How rest is awaited after the heal; left out: {@link SETTLE}. */
  readonly settle?: Settle;
  /** Called at each poll after the heal, so that a suite can ask for a sign of life. */
  probe(world: World<T>, poll: number): void;
  /** Why the system need not come to rest although faults have stopped (a quorum is gone for good), or null. */
  excuse(world: World<T>): string | null;
  /** Scenarios that are simpler in ways that only the suite knows: fewer hosts, switches at their defaults. */
  simplify(scenario: Scenario<Spec, Op>): Iterable<Scenario<Spec, Op>>;
  /** Simpler operations in the place of one, the boldest change first. */
  simplifyOperation?(operation: Op): Iterable<Op>;
}

/** A suite whose types do not matter to whoever handles it. */
// biome-ignore lint/suspicious/noExplicitAny: the harness carries scenarios from and to the suite and never looks inside
export type AnySuite = Suite<any, any, any>;
