import type { Pod } from "../../machinery/kinds/index.ts";
import { quotient } from "../framework/arithmetic.ts";
import { type Plugin, SCORE_MAX } from "../framework/plugin.ts";

const MEBI = 2 ** 20;
const LEAST_BYTES = 23 * MEBI;
const MOST_BYTES_EACH = 1000 * MEBI;

/** The images that a pod needs: names with a tag, once for each container and image volume. */
interface Images {
  readonly names: readonly string[];
  readonly containers: number;
}

/** plugins/imagelocality/image_locality.go: bytes of the pod's images that are there, each weighed by the share of nodes that have it. */
export const imageLocality: Plugin<never, Images> = {
  name: "ImageLocality",
  preScore: ({ pod, snapshot }) => {
    const { names, containers } = imagesOf(pod.pod);
    // What no node has counts nowhere.
    return { status: null, state: { names: names.filter((name) => Object.hasOwn(snapshot.images, name)), containers } };
  },
  score: (state, { snapshot }, { images }) => {
    const { names, containers } = state!;
    let bytes = 0;
    for (const name of names)
      if (Object.hasOwn(images, name))
        bytes += Math.trunc(images[name]! * (snapshot.images[name]! / snapshot.nodes.length));
    return scoreOf(bytes, containers);
  },
};

/** image_locality.go, calculatePriority. */
function scoreOf(bytes: number, containers: number): number {
  const most = MOST_BYTES_EACH * containers;
  const bounded = Math.min(Math.max(bytes, LEAST_BYTES), most);
  return most === LEAST_BYTES ? 0 : quotient(SCORE_MAX * (bounded - LEAST_BYTES), most - LEAST_BYTES);
}

/** image_locality.go, sumImageScores: of init containers, containers and image volumes; the latter do not raise the bounds. */
function imagesOf({ spec }: Pod): Images {
  const names: string[] = [];
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  for (const { image } of containers) names.push(normalisedImageName(image ?? ""));
  for (const volume of spec.volumes ?? []) {
    const source = volume["image"] as { readonly reference?: string } | undefined;
    if (source === undefined || source === null) continue;
    names.push(normalisedImageName(source.reference ?? ""));
  }
  return { names, containers: containers.length };
}

/** image_locality.go, normalizedImageName: `latest` where no tag is given. */
export function normalisedImageName(name: string): string {
  return name.lastIndexOf(":") <= name.lastIndexOf("/") ? `${name}:latest` : name;
}
