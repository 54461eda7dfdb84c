import { type DiskFormat, unreachable } from "../kernel/index.ts";
import type { RuntimeDurable, RuntimeRecord, RuntimeTypes } from "./types.ts";

/** What the daemon and its shims keep under /var/lib and /run. Each record is written whole. */
export const runtimeDisk: DiskFormat<RuntimeTypes> = {
  empty: { hostBoots: 0, sandboxes: [], containers: [], images: [], lastAddress: 0, podCIDR: "" },
  write(durable: RuntimeDurable, record: RuntimeRecord): RuntimeDurable {
    switch (record.kind) {
      case "booted":
        return { ...durable, hostBoots: record.hostBoots };
      case "sandbox": {
        const sandboxes = withItem(durable.sandboxes, record.sandbox);
        return { ...durable, sandboxes, lastAddress: record.lastAddress };
      }
      case "container":
        return { ...durable, containers: withItem(durable.containers, record.container) };
      case "containerRemoved":
        return { ...durable, containers: durable.containers.filter(({ id }) => id !== record.id) };
      case "sandboxRemoved":
        return { ...durable, sandboxes: durable.sandboxes.filter(({ id }) => id !== record.id) };
      case "image":
        return { ...durable, images: [...durable.images, record.image] };
      case "network":
        return { ...durable, podCIDR: record.podCIDR, lastAddress: 0 };
      default:
        return unreachable(record);
    }
  },
  pieces: (record) => [record],
};

/** The list with the item in the place of the one with its id, or behind all. */
export function withItem<T extends { readonly id: string }>(items: readonly T[], item: T): readonly T[] {
  const copy = items.slice();
  const at = copy.findIndex(({ id }) => id === item.id);
  if (at < 0) copy.push(item);
  else copy[at] = item;
  return copy;
}
