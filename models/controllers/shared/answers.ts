import type { ApiResponse } from "../../machinery/api.ts";
import { isSuccess } from "../../machinery/status.ts";
import type { Outcome } from "../controller.ts";

/** It is an error, or not known what became of the request: client-go returns an error for both. */
export function hasFailed(response: ApiResponse | null): boolean {
  return !isSuccess(response);
}

/** What went wrong, in words. */
export function errorOf(response: ApiResponse | null): string {
  if (response === null) return "no answer in time";
  return response.kind === "status" ? response.status.message : "an object";
}

/** The sync has failed with this error. */
export function retry(error: string): Outcome<never> {
  return { kind: "retry", error };
}
