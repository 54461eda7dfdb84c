import { describe, expect, test } from "vitest";
import { type RegisterOp, registerModel } from "./models/register.ts";
import { Witness } from "./witness.ts";

const write = (value: string): RegisterOp => ({ kind: "write", value });
const read = (value: string): RegisterOp => ({ kind: "read", value });
const explained = { kind: "explained" };

function witness() {
  return new Witness(registerModel);
}

describe("an order that explains the answers", () => {
  test("writes take effect in their place, reads where their answer is right", () => {
    const order = witness();
    order.invoke("w1");
    order.invoke("r1");
    order.append("w1", write("1"));
    order.append("w2", write("2"));
    expect(order.answer("w1", write("1"))).toEqual(explained);
    expect(order.answer("r1", read("1"))).toEqual(explained);
    order.invoke("r2");
    expect(order.answer("r2", read("2"))).toEqual(explained);
  });

  test("a read takes effect as early as it can, so that later ones have their choice", () => {
    const order = witness();
    order.append("w1", write("1"));
    order.invoke("r1");
    order.append("w2", write("2"));
    order.append("w3", write("1"));
    expect(order.answer("r1", read("1"))).toEqual(explained);
    order.invoke("r2");
    expect(order.answer("r2", read("2"))).toEqual(explained);
    order.invoke("r3");
    expect(order.answer("r3", read("1"))).toEqual(explained);
    order.invoke("r4");
    expect(order.answer("r4", read("2")).kind).toBe("unexplained");
  });

  test("stays so for as long as it likes, whatever is forgotten", () => {
    const order = witness();
    for (let i = 0; i < 1000; i++) {
      order.invoke(`w${i}`);
      order.append(`w${i}`, write(String(i)));
      expect(order.answer(`w${i}`, write(String(i)))).toEqual(explained);
    }
    order.invoke("r");
    expect(order.answer("r", read("999"))).toEqual(explained);
    expect(order.length).toBe(1000);
  });
});

describe("an order that does not explain an answer", () => {
  test("a read of what was overwritten before it was asked, once somebody was told", () => {
    const order = witness();
    order.invoke("w1");
    order.append("w1", write("1"));
    order.append("w2", write("2"));
    order.invoke("r1");
    expect(order.answer("r1", read("2"))).toEqual(explained);
    order.invoke("r2");
    expect(order.answer("r2", read("1")).kind).toBe("unexplained");
  });

  test("a write that is answered and not in the order", () => {
    const order = witness();
    order.invoke("w1");
    expect(order.answer("w1", write("1")).kind).toBe("unexplained");
  });

  test("an operation that came into the order before it was asked for", () => {
    const order = witness();
    order.append("w1", write("1"));
    order.append("w2", write("2"));
    order.invoke("r1");
    order.answer("r1", read("2"));
    order.invoke("w1");
    expect(order.answer("w1", write("1")).kind).toBe("unexplained");
  });
});
