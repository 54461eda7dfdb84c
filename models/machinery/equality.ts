/** Whether two values of plain data are equal (apimachinery equality.Semantic.DeepEqual). The same object costs nothing. */
export function deepEqual(one: unknown, two: unknown): boolean {
  if (one === two) return true;
  if (typeof one !== "object" || typeof two !== "object" || one === null || two === null) return false;
  if (Array.isArray(one)) {
    if (!Array.isArray(two) || one.length !== two.length) return false;
    for (let i = 0; i < one.length; i++) if (!deepEqual(one[i], two[i])) return false;
    return true;
  }
  if (Array.isArray(two)) return false;
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(two).length) return false;
  for (const key of keys)
    if (!Object.hasOwn(two, key) || !deepEqual(one[key as keyof object], two[key as keyof object])) return false;
  return true;
}
