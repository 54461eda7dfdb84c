import { expect, test } from "vitest";
import { ClusterDrill, objectOf } from "../cluster/testing.ts";
import { volumeHasOneClaim } from "./volume-has-one-claim.ts";

const claim = (name: string, volumeName?: string) =>
  objectOf("PersistentVolumeClaim", name, { spec: volumeName === undefined ? {} : { volumeName } });
const volume = (uid?: string) =>
  objectOf("PersistentVolume", "v", { spec: uid === undefined ? {} : { claimRef: { name: "c", uid } } });
const drill = () => new ClusterDrill(volumeHasOneClaim).put(volume()).put(claim("a")).put(claim("b"));

test("holds while a volume goes from one to the other in between being free", () => {
  const run = drill().put(volume("a")).put(claim("a", "v")).remove(claim("a")).put(volume()).put(volume("b"));
  expect(run.put(claim("b", "v")).violated).toBeNull();
});

test("violated by a second claim", () => {
  const run = drill().put(volume("a")).put(claim("a", "v")).put(claim("b", "v"));
  expect(run.violated).toBe("the claims default/a and default/b are both bound to volume v");
});

test("violated by a volume that is given away at a stroke", () => {
  expect(drill().put(volume("a")).put(volume("b")).violated).toBe(
    "volume v is given from claim a to claim b at a stroke",
  );
});
