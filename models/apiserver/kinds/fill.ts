/** The object with what it lacks filled in; the same one where it lacks nothing. */
export function filled<T extends object>(object: T, defaults: Partial<T>): T {
  let copy: T | null = null;
  for (const key of Object.keys(defaults) as (keyof T)[]) {
    if (object[key] !== undefined) continue;
    copy ??= { ...object };
    copy[key] = defaults[key]!;
  }
  return copy ?? object;
}

/** The object with one field replaced by what a function makes of it, if it is there; the same one if that is no change. */
export function mapped<T extends object, K extends keyof T>(
  object: T,
  key: K,
  change: (value: Exclude<T[K], undefined>) => Exclude<T[K], undefined>,
): T {
  const value = object[key];
  if (value === undefined) return object;
  const changed = change(value as Exclude<T[K], undefined>);
  return changed === value ? object : { ...object, [key]: changed };
}

/** The list with each item changed; the same one if none is. */
export function mappedList<T>(list: readonly T[], change: (item: T) => T): readonly T[] {
  let copy: T[] | null = null;
  for (let index = 0; index < list.length; index++) {
    const item = list[index]!;
    const changed = change(item);
    if (changed === item) continue;
    copy ??= [...list];
    copy[index] = changed;
  }
  return copy ?? list;
}
