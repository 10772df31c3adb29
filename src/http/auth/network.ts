/** Whom a limit per address is about: an IPv4 address, or the /64 that one customer of IPv6 has to change addresses in. */
export function networkOf(address: string): string {
  const [, v4] = /^(?:::ffff:)?(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address) ?? [];
  if (v4 !== undefined) return v4;
  const groups = (address.split("::", 1)[0] ?? "").split(":").filter((group) => group !== "");
  return [...groups, "0", "0", "0", "0"].slice(0, 4).join(":");
}
