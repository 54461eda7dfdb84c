import { expect, test } from "vitest";
import { ClusterDrill, type Loose, objectOf } from "../cluster/testing.ts";
import { slicesAreMadeOnce } from "./slices-are-made-once.ts";
import { ManagerStory } from "./testing.ts";

const service = objectOf("Service", "web", {});
const slice = (name: string, address: string, owner: Loose = service): Loose =>
  objectOf("EndpointSlice", name, {
    metadata: { ownerReferences: [{ kind: "Service", name: "web", uid: owner.metadata.uid, controller: true }] },
    addressType: "IPv4",
    ports: [{ port: 80 }],
    endpoints: [{ addresses: [address] }],
  });
const story = () => {
  const run = new ManagerStory(new ClusterDrill(slicesAreMadeOnce).put(service));
  run.asks(slice("a", "10.0.0.1"), "endpointslices").drill.put(slice("a", "10.0.0.1"));
  return run;
};

test("holds for another address, another service, and where the answer has not come", () => {
  expect(story().told().asks(slice("b", "10.0.0.2"), "endpointslices").violated).toBeNull();
  const other = slice("b", "10.0.0.1", objectOf("Service", "web", { metadata: { uid: "later" } }));
  expect(story().told().asks(other, "endpointslices").violated).toBeNull();
  expect(story().asks(slice("b", "10.0.0.1"), "endpointslices").violated).toBeNull();
});

test("violated by a second slice with the same address", () => {
  expect(story().told().asks(slice("b", "10.0.0.1"), "endpointslices").violated).toBe(
    "controller-manager-1 asks for a slice with 10.0.0.1, which is in default/a that it has made",
  );
});
