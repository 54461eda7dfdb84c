import { CORE } from "./core.ts";
import { OTHERS } from "./others.ts";
import { POD } from "./pod.ts";
import { schemaOf } from "./schema.ts";
import { VOLUMES } from "./volumes.ts";

export { decoded, typeErrorsOf, unknownFieldsOf } from "./schema.ts";

/** The structs of all kinds that the models know in depth, by their names. */
export const SCHEMA = schemaOf(CORE, POD, VOLUMES, OTHERS);
