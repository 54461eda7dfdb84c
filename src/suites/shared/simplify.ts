/** What names processes in faults and operations. */
const NAMING = new Set(["to", "from", "target", "member", "client", "process", "side"]);

/** What a process is called from now on; null: it is gone. Roles keep their names. */
export type Rename = (name: string) => string | null;

/** A renaming by a table; what is not in it keeps its name. */
export function renameBy(table: ReadonlyMap<string, string | null>): Rename {
  return (name) => {
    const to = table.get(name);
    return to === undefined ? name : to;
  };
}

/** What names processes in a scenario of any suite. */
interface Named {
  readonly workload: readonly object[];
  readonly faults: readonly object[];
  readonly phases: { readonly stayDown: readonly string[] };
}

/** The scenario with processes renamed. What names one that is gone is left out. */
export function withRenamed<S extends Named>(scenario: S, rename: Rename): S {
  const keep = <T extends object>(action: T): T[] => {
    const copy = renameIn(action, rename);
    return copy === null ? [] : [copy as T];
  };
  return {
    ...scenario,
    workload: scenario.workload.flatMap(keep),
    faults: scenario.faults.flatMap(keep),
    phases: { ...scenario.phases, stayDown: scenario.phases.stayDown.flatMap((id) => rename(id) ?? []) },
  };
}

/** A copy of an action with processes renamed; null when it names one that is gone, and nothing is left of it. */
function renameIn(value: unknown, rename: Rename, naming = false): unknown {
  if (typeof value === "string") return naming ? rename(value) : value;
  if (Array.isArray(value)) {
    const kept = value.map((item) => renameIn(item, rename, naming)).filter((item) => item !== null);
    if (kept.length === 0 && value.length > 0) return null;
    return naming ? [...new Set(kept)] : kept;
  }
  if (typeof value !== "object" || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(value)) {
    const renamed = renameIn(part, rename, NAMING.has(key));
    if (renamed === null && part !== null) return null;
    copy[key] = renamed;
  }
  return copy;
}

/** A configuration with its switches at their defaults: all of them first, then one at a time but for those in `pace`. */
export function* simplerConfigs<C extends Readonly<Record<string, unknown>>>(
  config: C,
  defaults: C,
  pace = /^$/,
): Iterable<C> {
  yield defaults;
  for (const key of Object.keys(defaults))
    if (config[key] !== defaults[key] && !pace.test(key)) yield { ...config, [key]: defaults[key] };
}

/** The pace of elections: fields that only make sense together. */
export const PACE = /^election|^heartbeat/;

/** Smaller numbers of members, the boldest first. */
export function fewerVoters(voters: number): readonly number[] {
  return [1, 2, 3, 5].filter((fewer) => fewer < voters);
}
