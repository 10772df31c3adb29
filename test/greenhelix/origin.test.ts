import { describe, expect, it } from "vitest";
import { parseAddress } from "../../src/greenhelix/origin.ts";

const misconfigured = expect.objectContaining({
  code: "gateway-misconfigured",
  message: expect.stringContaining("GREENHELIX_BASE_URL"),
});

describe("GREENHELIX_BASE_URL", () => {
  it.each([
    ["https://api.greenhelix.net/v1", "https://api.greenhelix.net", ""],
    ["https://api.greenhelix.net/v1/", "https://api.greenhelix.net", ""],
    ["https://api.greenhelix.net", "https://api.greenhelix.net", ""],
    [" https://api.greenhelix.net/ ", "https://api.greenhelix.net", ""],
    ["https://proxy.example:8443/a2a/v1", "https://proxy.example:8443", "/a2a"],
    ["https://proxy.example/v1beta", "https://proxy.example", "/v1beta"],
  ])("may end in /v1 or not: %s", (text, origin, prefix) => {
    expect(parseAddress(text)).toEqual({ origin, prefix, isLoopback: false });
  });

  it.each(["http://127.0.0.1:4100", "http://127.9.9.9/v1", "http://localhost:1", "http://[::1]:4100/v1"])(
    "may be plain http on this machine: %s",
    (text) => {
      expect(parseAddress(text).isLoopback).toBe(true);
    },
  );

  it.each([
    "http://api.greenhelix.net",
    "http://10.0.0.1",
    "http://localhost.evil.example",
    "http://0.0.0.0",
    "http://127.0.0.1.evil.example",
  ])("may not be plain http elsewhere: %s", (text) => {
    expect(() => parseAddress(text)).toThrow(misconfigured);
    expect(() => parseAddress(text, true)).toThrow("https://");
  });

  it("may name a private address only where that is allowed", () => {
    expect(() => parseAddress("https://10.0.0.5")).toThrow(misconfigured);
    expect(() => parseAddress("https://[fd00::5]")).toThrow(misconfigured);
    expect(parseAddress("https://10.0.0.5", true).origin).toBe("https://10.0.0.5");
  });

  it.each(["", "api.greenhelix.net", "ftp://x", "https://user:hunter2@x", "https://x/?key=hunter2", "https://x/#a"])(
    "is refused by name, and not repeated: %s",
    (text) => {
      expect(() => parseAddress(text)).toThrow(misconfigured);
      expect(() => parseAddress(text)).not.toThrow("hunter2");
    },
  );
});
