import { describe, expect, it } from "vitest";
import { networkOf } from "../../src/http/auth/network.ts";

describe("the address that a limit counts", () => {
  it.each([
    ["192.0.2.7", "192.0.2.7"],
    ["192.0.2.7:52044", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["[::ffff:192.0.2.7]:52044", "192.0.2.7"],
    ["::1", "::1"],
    ["2001:db8::1", "2001:db8:0:0"],
    ["2001:0DB8:0::1", "2001:db8:0:0"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["[2001:db8:1:2::9]", "2001:db8:1:2"],
    ["[2001:db8:1:2::9]:443", "2001:db8:1:2"],
  ])("of %s is %s: one customer counts once, whatever the port", (said, network) => {
    expect(networkOf(said)).toBe(network);
  });

  it.each(["", "unknown", "_hidden", "192.0.2", "192.0.2.7:x", "999.1.1.1", "[2001:db8::1", "fe80::1%eth0", "a b"])(
    "of %j is the one that all nonsense shares",
    (said) => expect(networkOf(said)).toBe("unknown"),
  );
});
