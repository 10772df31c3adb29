import { isIP } from "node:net";

/**
 * An address (10.0.0.7) or a network (10.0.0.0/24), of IPv4 or IPv6. Not a whole protocol (/0): that would be everybody, who may
 * then claim any address.
 */
export function isNetwork(text: string): boolean {
  const [address = "", prefix, more] = text.split("/");
  const version = isIP(address);
  if (version === 0 || more !== undefined) return false;
  if (prefix === undefined) return true;
  const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) : 0;
  return bits >= 1 && bits <= (version === 4 ? 32 : 128);
}
