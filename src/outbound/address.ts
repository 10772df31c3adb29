import { BlockList, isIP } from "node:net";
import { type ErrorCode, TourniquetError } from "../errors.ts";

/** Where a service is that we call: `prefix` is the path before every route, without a slash at its end. */
export interface Address {
  origin: string;
  prefix: string;
  isLoopback: boolean;
}

/** How a mistake in an address is said: the setting to mend, and the code of whoever calls there. */
export interface AddressRule {
  setting: string;
  code: ErrorCode;
  /** A service of one's own behind a private address; off by default (DNS rebinding). */
  allowPrivateHosts: boolean;
  /** What to say of an address that is refused for that: a sentence after the setting. Left out: that it must be allowed by name. */
  inward?: string;
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** What a public name must not lead to: this machine, the local network, carrier NAT, cloud metadata (guarantees.md section 7). */
const inward = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
] as const) {
  inward.addSubnet(network, bits, "ipv4");
}
for (const [network, bits] of [
  ["::", 127],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["2002::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
] as const) {
  inward.addSubnet(network, bits, "ipv6");
}

export function isLoopbackAddress(address: string): boolean {
  return isIP(address) !== 0 && loopback.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/** Mapped v4 addresses (::ffff:10.0.0.1) are judged as the v4 address they carry. */
export function isInwardAddress(address: string): boolean {
  return isIP(address) !== 0 && inward.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/** Throws with the rule's code, naming the mend; the address itself is not repeated, it may hold a password. */
export function readAddress(text: string, { setting, code, allowPrivateHosts, inward: words }: AddressRule): Address {
  const wrong = (what: string) => new TourniquetError(code, `${setting} ${what}`);
  const url = URL.parse(text.trim());
  if (!url || !["http:", "https:"].includes(url.protocol))
    throw wrong("is not an http(s) address; write https://<host>");
  if (url.username || url.password) throw wrong("holds a user name or password; the key has its own setting");
  if (url.search || url.hash) throw wrong("holds a query or a fragment; keep scheme, host and path only");
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const isLoopback = host === "localhost" || isLoopbackAddress(host);
  if (url.protocol === "http:" && !isLoopback) {
    throw wrong(`asks for plain http to ${host}; only a loopback host may be called without TLS, write https://`);
  }
  if (!isLoopback && !allowPrivateHosts && isInwardAddress(host)) {
    throw wrong(words ?? `names the private address ${host}; one in your own network must be allowed by name`);
  }
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, ""), isLoopback };
}
