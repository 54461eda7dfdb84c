/**
 * A pure function that remembers what it gave for the texts it had last: at least for so many of them, at most for twice as
 * many. All members of a store apply the same commands, and all servers read the same objects.
 *
 * The values are shared: whoever gets one must not change it.
 *
 * @param keep as many of the texts asked for last
 */
export function remembering<V>(read: (text: string) => V, keep: number): (text: string) => V {
  let recent = new Map<string, V>();
  let older = new Map<string, V>();
  return (text) => {
    const known = recent.get(text);
    if (known !== undefined) return known;
    const value = older.get(text) ?? read(text);
    if (recent.size >= keep) {
      older = recent;
      recent = new Map();
    }
    recent.set(text, value);
    return value;
  };
}
