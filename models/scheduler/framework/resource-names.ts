/** Which resource is of which sort (kubernetes pkg/apis/core/v1/helper/helpers.go). */

/** IsNativeResource: without a domain, or of kubernetes.io. */
export function isNativeResource(name: string): boolean {
  return !name.includes("/") || name.includes("kubernetes.io/");
}

/** IsExtendedResourceName: of somebody else's domain, and not the quota of one. */
export function isExtendedResource(name: string): boolean {
  return !isNativeResource(name) && !name.startsWith("requests.");
}

/** pkg/scheduler/util, IsScalarResourceName: neither CPU nor memory nor storage, but to be counted. */
export function isScalarResource(name: string): boolean {
  return (
    isExtendedResource(name) ||
    name.startsWith("hugepages-") ||
    name.includes("kubernetes.io/") ||
    name.startsWith("attachable-volumes-")
  );
}
