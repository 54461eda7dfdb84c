import { expect, test } from "vitest";
import type { TxnRequest } from "../../models/store/types.ts";
import { accountsBalance } from "./accounts-balance.ts";
import { newWork, putOf, StoreDrill } from "./testing.ts";

const transfer = { kind: "transfer" as const, session: 0, from: "a", to: "b", amount: 5 };
const same = (key: string, operand: number) => ({ key, target: "mod", result: "equal", operand }) as const;
const swap = (a: string, b: string): TxnRequest => ({
  kind: "txn",
  compare: [same("a", 2), same("b", 3)],
  success: [putOf("a", a), putOf("b", b)],
  failure: [],
});
const opened = () =>
  new StoreDrill(accountsBalance).ask("c1", "t", transfer).run(putOf("a", "10")).run(putOf("b", "10"));
/** A client that moves money makes a call for it, which is applied. */
const move = (drill: StoreDrill, txn: TxnRequest) => {
  const work = { ...newWork("t", transfer), step: "swap", call: txn };
  const [session] = drill.client("c1").state.sessions;
  return drill.stepClient("c1", { sessions: [{ ...session!, work }] }).write("c1", "m1", "t.1", txn);
};

test("holds for deposits, and for transfers that take from one what they give to the other", () => {
  expect(move(opened(), swap("5", "15")).run(putOf("a", "100")).run(swap("7", "7")).violated).toBeNull();
});

test("violated by a transfer that makes money", () => {
  expect(move(opened(), swap("10", "15")).violated).toBe("revision 4 changes the sum of all accounts by 5");
});

test("violated by one that makes it as it does not ask for all that it has read", () => {
  const careless = { ...swap("5", "15"), compare: [same("a", 2)] };
  const between = opened().run(putOf("b", "1"));
  expect(move(between, careless).violated).toBe("revision 5 changes the sum of all accounts by 9");
});
