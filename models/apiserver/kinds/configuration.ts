/** ConfigMaps and Secrets (kubernetes pkg/apis/core/validation/validation.go). */
import { deepEqual } from "../../machinery/equality.ts";
import type { ConfigMap, Secret, StringMap } from "../../machinery/kinds/index.ts";
import type { KindRules } from "./base.ts";
import { base64 } from "./base64.ts";
import { type Errors, forbidden, IMMUTABLE, invalid, invalidAll, required, tooLong } from "./fields.ts";
import { configKey } from "./names.ts";

const BYTES_MAX = 1024 * 1024;

export const CONFIG_MAP: KindRules<ConfigMap> = {
  validate: (map, errors) => {
    const binary = map.binaryData ?? {};
    for (const key of Object.keys(map.data ?? {}))
      if (binary[key] !== undefined)
        errors.push(invalid(`data[${key}]`, key, "duplicate of key present in binaryData"));
    validateData(map.data ?? {}, "data", errors);
    validateData(binary, "binaryData", errors);
    validateSize([map.data ?? {}, binary], "", errors);
  },
  validateUpdate: (map, old, errors) => {
    if (old.immutable !== true) return;
    if (map.immutable !== true) errors.push(forbidden("immutable", "field is immutable when `immutable` is set"));
    for (const name of ["data", "binaryData"] as const)
      if (!deepEqual(map[name] ?? {}, old[name] ?? {}))
        errors.push(forbidden(name, "field is immutable when `immutable` is set"));
  },
};

/** What secrets of a type must hold. */
const KEYS_OF_TYPE: Readonly<Record<string, readonly string[]>> = {
  "kubernetes.io/dockercfg": [".dockercfg"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
};

export const SECRET: KindRules<Secret> = {
  defaults: (secret) => withStringData(secret.type === undefined ? { ...secret, type: "Opaque" } : secret),
  validate: (secret, errors) => {
    const data = secret.data ?? {};
    validateData(data, "data", errors);
    validateSize([data], "data", errors);
    for (const key of KEYS_OF_TYPE[secret.type ?? ""] ?? [])
      if (data[key] === undefined) errors.push(required(`data[${key}]`));
    if (secret.type === "kubernetes.io/basic-auth" && data["username"] === undefined && data["password"] === undefined)
      errors.push(required("data[username]"), required("data[password]"));
  },
  validateUpdate: (secret, old, errors) => {
    if (secret.type !== old.type) errors.push(invalid("type", secret.type ?? "", IMMUTABLE));
    if (old.immutable !== true) return;
    if (secret.immutable !== true) errors.push(forbidden("immutable", "field is immutable when `immutable` is set"));
    if (!deepEqual(secret.data ?? {}, old.data ?? {}))
      errors.push(forbidden("data", "field is immutable when `immutable` is set"));
  },
  fields: ({ type }) => ({ type: type ?? "" }),
};

/** core/v1 Convert_v1_Secret_To_core_Secret: `stringData` is for writing alone, and wins over `data`. */
function withStringData(secret: Secret): Secret {
  const { stringData, ...rest } = secret;
  if (stringData === undefined) return secret;
  const encoded = Object.fromEntries(Object.entries(stringData).map(([key, text]) => [key, base64(text)]));
  return { ...rest, data: { ...secret.data, ...encoded } };
}

function validateData(data: StringMap, field: string, errors: Errors): void {
  for (const key of Object.keys(data)) invalidAll(errors, `${field}[${key}]`, key, configKey(key));
}

function validateSize(maps: readonly StringMap[], field: string, errors: Errors): void {
  const bytes = maps.flatMap((map) => Object.values(map)).reduce((sum, text) => sum + text.length, 0);
  if (bytes > BYTES_MAX) errors.push(tooLong(field, BYTES_MAX));
}
