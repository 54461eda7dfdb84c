/** What the exit status of every command means. */
export const EXIT = {
  /** All that was asked for was done, and everything holds. */
  holds: 0,
  /** A property is violated. */
  violated: 1,
  /** The command line or an input file is not as it must be. */
  usage: 2,
  /** Nothing is violated, but some run could not be decided. */
  undecided: 3,
  /** seatrial itself, or a model, is at fault. */
  fault: 4,
  /** Stopped by an interrupt. */
  interrupted: 130,
} as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** What the user asked for cannot be done as it stands: each line says where, and what was expected. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly lines: readonly string[];

  constructor(...lines: readonly string[]) {
    super(lines.join("\n"));
    this.lines = lines;
  }
}
