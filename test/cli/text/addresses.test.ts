import { describe, expect, it } from "vitest";
import { addressLines } from "../../../src/cli/start/addresses.ts";

const up = {
  ...{
    apiUrl: "http://127.0.0.1:8080",
    adminUrl: "http://127.0.0.1:8080",
    sandboxUrl: null,
    redisUrl: "redis://127.0.0.1:6379",
  },
  announced: {},
};

describe("what npm start prints", () => {
  it("logs in by link with a token that it made itself, in a part of the address that never leaves the browser", () => {
    const said = addressLines({ ...up, adminToken: "made-here" });
    expect(said).toContain("http://127.0.0.1:8080/#token=made-here\n");
    expect(said.match(/made-here/g)).toHaveLength(1);
  });

  it("holds no token that somebody configured, and says which one is asked for", () => {
    const said = addressLines({ ...up, adminToken: null });
    expect(said).not.toContain("token=");
    expect(said).toContain("http://127.0.0.1:8080/admin/queues\n");
    expect(said).toContain("ADMIN_TOKEN");
  });
});
