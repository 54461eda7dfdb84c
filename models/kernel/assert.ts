/** A broken assumption of a model. It is a fault of seatrial or of the model, never a verdict on a run. */
export class ModelBug extends Error {
  override readonly name = "ModelBug";
}

/** Throws {@link ModelBug} unless the condition holds. The message says what was assumed. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new ModelBug(message);
}

/** Ends an exhaustive switch: the compiler proves that no case is left; at run time it throws {@link ModelBug}. */
export function unreachable(value: never): never {
  throw new ModelBug(`unreachable: ${JSON.stringify(value)}`);
}
