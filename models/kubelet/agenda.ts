import { emptyOrderedMap, type Micros, mapDelete, mapFirst, mapGet, mapSet } from "../kernel/index.ts";
import type { Agenda } from "./types.ts";

/** One timer serves all that a kubelet waits for: what is due is kept here, ordered by time. */
export const EMPTY_AGENDA: Agenda = { byTime: emptyOrderedMap(), byName: emptyOrderedMap() };

/** The agenda on which something is due at a time; 0: not any more. */
export function withDue(agenda: Agenda, name: string, at: Micros): Agenda {
  const before = mapGet(agenda.byName, name) ?? 0;
  if (before === at) return agenda;
  let { byTime, byName } = agenda;
  if (before !== 0) byTime = mapDelete(byTime, keyOf(before, name));
  if (at === 0) byName = mapDelete(byName, name);
  else {
    byTime = mapSet(byTime, keyOf(at, name), name);
    byName = mapSet(byName, name, at);
  }
  return { byTime, byName };
}

export function dueOf(agenda: Agenda, name: string): Micros {
  return mapGet(agenda.byName, name) ?? 0;
}

/** What comes first, and when; null when there is nothing. */
export function firstDue(agenda: Agenda): { readonly name: string; readonly at: Micros } | null {
  const first = mapFirst(agenda.byTime, "");
  return first === undefined ? null : { name: first[1], at: mapGet(agenda.byName, first[1]) ?? 0 };
}

/** Times have up to 16 digits. */
function keyOf(at: Micros, name: string): string {
  return `${String(at).padStart(16, "0")}/${name}`;
}
