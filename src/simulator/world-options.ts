import type { MachineTypes } from "../../models/kernel/index.ts";
import type { Agenda } from "./agenda.ts";
import type { WorldEvent } from "./process.ts";
import type { ClockProfile, DiskProfile, NetworkProfile } from "./system.ts";
import type { TraceSink } from "./trace.ts";

/** How a world is set up. */
export interface WorldOptions<T extends MachineTypes> {
  readonly seed: string | number;
  readonly network: NetworkProfile;
  readonly disk: DiskProfile;
  readonly clock: ClockProfile;
  /** Kinds of fault, for the table of rule by fault. */
  readonly faultKinds: readonly string[];
  /** Who chooses what happens next; by default, what is due first. */
  readonly agenda?: Agenda<WorldEvent<T>>;
  /** Where each event is told, for a full trace. Costs time; leave it out in a campaign. */
  readonly trace?: TraceSink;
}
