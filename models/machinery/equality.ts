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
  let more = 0;
  for (const key in one) {
    more++;
    const other: unknown = two[key as keyof object];
    if (!deepEqual(one[key as keyof object], other)) return false;
    if (other === undefined && !Object.hasOwn(two, key)) return false;
  }
  for (const _ in two) more--;
  return more === 0;
}
