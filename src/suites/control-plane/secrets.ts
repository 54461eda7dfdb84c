import { LAST_APPLIED } from "../../../models/kubectl/index.ts";
import type { KubeObject } from "../../../models/machinery/kinds/index.ts";

const HIDDEN = "***";
const SECRETS = "/registry/secrets/";

/**
 * Keeps Secrets out of traces: a replacer for JSON.stringify that hides what is in one, in the store as in a manifest, a
 * patch, or the annotation of an apply.
 */
export function concealed(_: string, value: unknown): unknown {
  // A command in the log of the store is text.
  if (typeof value === "string") return value.includes("{") && value.includes(SECRETS) ? HIDDEN : value;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const record = value as Readonly<Record<string, unknown>>;
  if (record["kind"] === "Secret" && typeof record["metadata"] === "object") return withoutContent(record);
  if (record["resource"] === "secrets" && typeof record["patch"] === "object")
    return { ...record, patch: withoutContent(record["patch"] as Readonly<Record<string, unknown>>) };
  const key = record["key"];
  if (typeof key === "string" && key.startsWith(SECRETS) && "value" in record) return { ...record, value: HIDDEN };
  return value;
}

/** A Secret, or a patch of one, with its values hidden. */
export function withoutContent(secret: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const result: Record<string, unknown> = { ...secret };
  for (const field of ["data", "stringData"])
    if (typeof secret[field] === "object" && secret[field] !== null)
      result[field] = Object.fromEntries(Object.keys(secret[field]).map((key) => [key, HIDDEN]));
  const metadata = secret["metadata"] as { readonly annotations?: Readonly<Record<string, unknown>> } | undefined;
  if (metadata?.annotations?.[LAST_APPLIED] !== undefined)
    result["metadata"] = { ...metadata, annotations: { ...metadata.annotations, [LAST_APPLIED]: HIDDEN } };
  return result;
}

/** Three asterisks, as the API takes them in `data`. */
const HIDDEN_BASE64 = "Kioq";

/** A Secret as it may stand in a scenario: valid, with its keys, and without its values. Nothing depends on them. */
export function withoutSecrets(object: KubeObject): KubeObject {
  if (object.kind !== "Secret") return object;
  const { data, stringData } = object as unknown as Readonly<
    Record<"data" | "stringData", Record<string, string> | undefined>
  >;
  const hidden = (values: Record<string, string>, by: string) =>
    Object.fromEntries(Object.keys(values).map((key) => [key, by]));
  const { annotations, ...metadata } = object.metadata;
  const { [LAST_APPLIED]: _, ...others } = annotations ?? {};
  return {
    ...object,
    metadata: annotations === undefined ? object.metadata : { ...metadata, annotations: others },
    ...(data === undefined ? {} : { data: hidden(data, HIDDEN_BASE64) }),
    ...(stringData === undefined ? {} : { stringData: hidden(stringData, HIDDEN) }),
  } as KubeObject;
}
