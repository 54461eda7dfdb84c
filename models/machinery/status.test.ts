import { expect, test } from "vitest";
import {
  alreadyExists,
  conflict,
  failureOf,
  forbidden,
  invalid,
  isConflict,
  isExpired,
  isNotFound,
  isTooLargeResourceVersion,
  notFound,
  statusResponse,
  success,
  tooLargeResourceVersion,
  tooOldResourceVersion,
  uidConflict,
} from "./status.ts";

test("the messages are those of the API", () => {
  expect(notFound("pods", "a").message).toBe('pods "a" not found');
  expect(alreadyExists("deployments", "a").message).toBe('deployments.apps "a" already exists');
  expect(conflict("pods", "a").message).toBe(
    'Operation cannot be fulfilled on pods "a": the object has been modified; please apply your changes to the latest version and try again',
  );
  expect(uidConflict("pods", "a", "u", "v").message).toContain("UID in precondition: u, UID in object meta: v");
  expect(forbidden("pods", "a", "exceeded quota").message).toBe('pods "a" is forbidden: exceeded quota');
  expect(notFound("widgets.example.com", "a").message).toBe('widgets.example.com "a" not found');
  const field = (name: string) => ({ field: name, reason: "FieldValueRequired", message: "Required value" });
  expect(invalid("pods", "Pod", "a", [field("x")]).message).toBe('Pod "a" is invalid: x: Required value');
  expect(invalid("deployments", "Deployment", "a", [field("x"), field("y")]).message).toBe(
    'Deployment.apps "a" is invalid: [x: Required value, y: Required value]',
  );
});

test("clients tell errors apart by reason and cause", () => {
  expect(isNotFound(statusResponse(notFound("pods", "a")))).toBe(true);
  expect(isConflict(statusResponse(notFound("pods", "a")))).toBe(false);
  expect(isNotFound(null)).toBe(false);
  expect(failureOf(statusResponse(success()))).toBeNull();
  expect(isExpired(tooOldResourceVersion("1", 5))).toBe(true);
  expect(isTooLargeResourceVersion(tooLargeResourceVersion(9, 5))).toBe(true);
});
