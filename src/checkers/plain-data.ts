/** Whether two values of plain data are equal. */
export function samePlainData(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  let keys = 0;
  for (const key in left) {
    keys++;
    if (!(key in right) || !samePlainData(left[key as keyof object], right[key as keyof object])) return false;
  }
  for (const _ in right) keys--;
  return keys === 0 && Array.isArray(left) === Array.isArray(right);
}
