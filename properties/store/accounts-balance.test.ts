import { expect, test } from "vitest";
import type { TxnRequest } from "../../models/store/types.ts";
import { accountsBalance } from "./accounts-balance.ts";
import { putOf, StoreDrill } from "./testing.ts";

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

test("holds for deposits, and for transfers that take from one what they give to the other", () => {
  expect(opened().run(swap("5", "15")).run(putOf("a", "100")).violated).toBeNull();
});

test("violated by a transfer that makes money", () => {
  expect(opened().run(swap("10", "15")).violated).toBe("revision 4 changes the sum of all accounts by 5");
});
