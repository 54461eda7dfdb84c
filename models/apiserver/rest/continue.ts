import type { Revision } from "../../store/types.ts";

/** Where a list goes on: at which revision, and behind which key of its range. */
export interface Continue {
  readonly revision: Revision;
  readonly start: string;
}

/** The token of a list that is not complete (apiserver storage/continue.go; there in base64). */
export function encodeContinue(revision: Revision, start: string): string {
  return JSON.stringify({ v: "meta.k8s.io/v1", rv: revision, start });
}

/** What a token stands for; null where it is none. */
export function decodeContinue(token: string): Continue | null {
  try {
    const { v, rv, start } = JSON.parse(token) as { v?: unknown; rv?: unknown; start?: unknown };
    if (v !== "meta.k8s.io/v1" || typeof rv !== "number" || rv <= 0 || typeof start !== "string") return null;
    return { revision: rv, start };
  } catch {
    return null;
  }
}
