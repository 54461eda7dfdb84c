/** What the API says of addresses and blocks that it refuses (apimachinery pkg/util/validation/ip.go). */
import { formatAddress, isIPv4Mapped, parseAddress, parseAddressSloppy } from "./address.ts";
import { formatCidr, parseCidrSloppy, parsePrefix } from "./cidr.ts";

const NOT_AN_IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
const NOT_A_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
const MAPPED = "must not be an IPv4-mapped IPv6 address";
const NONE: readonly string[] = [];

/**
 * IsValidIPForLegacyField: of the fields of the core group. `strict` is the feature StrictIPCIDRValidation, without which
 * leading zeros and mapped addresses pass.
 */
export function legacyIpFlaws(value: string, strict = true): readonly string[] {
  const sloppy = parseAddressSloppy(value);
  if (sloppy === null) return [NOT_AN_IP];
  if (!strict) return NONE;
  const address = parseAddress(value);
  if (address === null) return ["must not have leading 0s"];
  return isIPv4Mapped(address) ? [MAPPED] : NONE;
}

/** IsValidIP: of newer fields, which want the canonical form. */
export function ipFlaws(value: string): readonly string[] {
  const legacy = legacyIpFlaws(value);
  if (legacy.length > 0) return legacy;
  const canonical = formatAddress(parseAddress(value)!);
  return canonical === value ? NONE : [`must be in canonical form (${JSON.stringify(canonical)})`];
}

/** IsValidCIDRForLegacyField. */
export function legacyCidrFlaws(value: string, strict = true): readonly string[] {
  const sloppy = parseCidrSloppy(value);
  if (sloppy === null) return [NOT_A_CIDR];
  if (!strict) return NONE;
  const flaws: string[] = [];
  if (parsePrefix(value) === null) flaws.push("must not have leading 0s in IP or prefix length");
  else if (isIPv4Mapped(sloppy.address)) flaws.push(MAPPED);
  if (sloppy.cidr.base !== sloppy.address.bits) flaws.push("must not have bits set beyond the prefix length");
  return flaws;
}

/** IsValidCIDR. */
export function cidrFlaws(value: string): readonly string[] {
  const legacy = legacyCidrFlaws(value);
  if (legacy.length > 0) return legacy;
  const canonical = formatCidr(parseCidrSloppy(value)!.cidr);
  return canonical === value ? NONE : [`must be in canonical form (${JSON.stringify(canonical)})`];
}
