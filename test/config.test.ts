import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Environment, loadConfig, readConfig } from "../src/config.ts";
import { TourniquetError } from "../src/errors.ts";
import { weakSecrets } from "../src/weak-secrets.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "tourniquet-config-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function file(name: string, content: string): string {
  writeFileSync(join(dir, name), content);
  return join(dir, name);
}

function mistakesOf(run: () => unknown): readonly string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof TourniquetError && error.code === "config-invalid") return error.detail.mistakes as string[];
    throw error;
  }
  return [];
}

describe("an empty environment", () => {
  it("gives the documented defaults", () => {
    expect(readConfig({})).toEqual({
      port: 8080,
      host: "127.0.0.1",
      adminPort: undefined,
      adminHost: "127.0.0.1",
      trustedProxies: [],
      redisUrl: "redis://127.0.0.1:6379",
      redisWaitReplicas: 0,
      partitions: 1,
      logLevel: "info",
      greenhelixBaseUrl: "https://sandbox.greenhelix.net",
      greenhelixDialect: "auto",
      greenhelixAgentId: undefined,
      greenhelixApiKey: undefined,
      greenhelixWebhookSecrets: [],
      channels: {},
      adminToken: undefined,
      responderToken: undefined,
      viewerToken: undefined,
      settingsPath: undefined,
    });
  });

  it("means the same as one whose variables are empty, as an env file leaves them", () => {
    expect(readConfig({ PORT: "", GREENHELIX_API_KEY: "", ADMIN_TOKEN: " ", TOURNIQUET_CONFIG: "" })).toEqual(
      readConfig({}),
    );
  });
});

describe("where traces go", () => {
  const tracingOf = (env: Environment) =>
    readConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318/", ...env }).tracing;

  it("is nowhere without a collector, whatever else is set", () => {
    expect(readConfig({ OTEL_SERVICE_NAME: "x", OTEL_EXPORTER_OTLP_HEADERS: "a=b" }).tracing).toBeUndefined();
    expect(tracingOf({})).toEqual({ endpoint: "http://collector:4318", headers: {}, serviceName: "tourniquet" });
  });

  it("is told with headers as OpenTelemetry writes them, also from a file", () => {
    const headers = "authorization=Basic%20YTpi, x-tenant = ours=1";
    const read = { authorization: "Basic YTpi", "x-tenant": "ours=1" };
    expect(tracingOf({ OTEL_EXPORTER_OTLP_HEADERS: headers })?.headers).toEqual(read);
    expect(tracingOf({ OTEL_EXPORTER_OTLP_HEADERS_FILE: file("headers", `${headers}\n`) })?.headers).toEqual(read);
  });

  it.each(["alone", "a=b,", "a b=c", "a=%zz", "a=%0d%0aevil: 1"])("takes no header like %j", (headers) => {
    expect(mistakesOf(() => tracingOf({ OTEL_EXPORTER_OTLP_HEADERS: headers }))).toHaveLength(1);
  });
});

describe("when several variables are wrong", () => {
  const wrong: Environment = {
    PORT: "80800",
    HOST: "http://x",
    ADMIN_PORT: "eighty",
    ADMIN_HOST: "http://y",
    TRUSTED_PROXIES: "10.0.0.0/8, true",
    REDIS_URL: "localhost:6379",
    REDIS_WAIT_REPLICAS: "-1",
    PARTITIONS: "257",
    LOG_LEVEL: "loud",
    OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318",
    OTEL_EXPORTER_OTLP_HEADERS: "x-key=good,a-key-alone",
    OTEL_SERVICE_NAME: "Tourniquèt",
    GREENHELIX_BASE_URL: "http://gateway.example",
    GREENHELIX_DIALECT: "soap",
    GREENHELIX_API_KEY: "two words",
    GREENHELIX_WEBHOOK_SECRETS: "secret-1,secret-2,secret-3,secret-4,secret-5,secret-6",
    ADMIN_TOKEN: "two words-1",
    VIEWER_TOKEN: "two words-2",
  };

  it("names every one of them at once", () => {
    const mistakes = mistakesOf(() => readConfig(wrong));
    expect(mistakes.map((mistake) => mistake.split(" ")[0]).sort()).toEqual(Object.keys(wrong).sort());
  });

  it("says what each must be and repeats no value", () => {
    const mistakes = mistakesOf(() => readConfig(wrong));
    for (const mistake of mistakes) expect(mistake).toMatch(/^[A-Z_]+ must /);
    for (const value of Object.values(wrong)) expect(mistakes.join("\n")).not.toContain(value);
  });
});

describe("how many replicas an accepted event must be on", () => {
  it.each([
    ["redis://one:6379", undefined, 0],
    ["redis+sentinel://one,two/mymaster", undefined, 1],
    ["redis+cluster://one,two", undefined, 1],
    ["redis+cluster://one,two", "0", 0],
    ["redis://one:6379", "2", 2],
  ])("with %s and REDIS_WAIT_REPLICAS %s is %i", (REDIS_URL, REDIS_WAIT_REPLICAS, expected) => {
    expect(readConfig({ REDIS_URL, REDIS_WAIT_REPLICAS }).redisWaitReplicas).toBe(expected);
  });
});

describe("the proxies that are trusted", () => {
  it("are addresses and networks, and never everybody", () => {
    const trusted = (TRUSTED_PROXIES: string) => readConfig({ TRUSTED_PROXIES }).trustedProxies;
    expect(trusted("10.0.0.7, 10.1.0.0/16\n::1 fd00::/8")).toEqual(["10.0.0.7", "10.1.0.0/16", "::1", "fd00::/8"]);
    for (const wrong of ["0.0.0.0/0", "::/0", "10.0.0.0/33", "10.0.0.0/", "10.0.0", "true", "loopback", "1.2.3.4/8/8"])
      expect([wrong, mistakesOf(() => trusted(wrong))]).toEqual([
        wrong,
        [expect.stringMatching(/^TRUSTED_PROXIES must/)],
      ]);
  });
});

describe("the admin port", () => {
  it("is another than the port", () => {
    expect(mistakesOf(() => readConfig({ PORT: "9000", ADMIN_PORT: "9000" }))).toEqual([
      "ADMIN_PORT must differ from PORT",
    ]);
    expect(readConfig({ PORT: "9000", ADMIN_PORT: "9001" })).toMatchObject({ port: 9000, adminPort: 9001 });
    expect(readConfig({ PORT: "0", ADMIN_PORT: "0" })).toMatchObject({ port: 0, adminPort: 0 });
  });
});

describe("a secret", () => {
  it("is read from the file that its _FILE variable names, without the line break at the end", () => {
    const env = {
      GREENHELIX_API_KEY_FILE: file("key", "gh-key-1\n"),
      GREENHELIX_WEBHOOK_SECRETS_FILE: file("hooks", "first-secret-of-two\nsecond-secret-of-two\n"),
    };
    expect(readConfig(env)).toMatchObject({
      greenhelixApiKey: "gh-key-1",
      greenhelixWebhookSecrets: ["first-secret-of-two", "second-secret-of-two"],
    });
  });

  it("is refused where it is given twice, in a file that is missing, and in an empty one", () => {
    const env = {
      ADMIN_TOKEN: "0123456789abcdef",
      ADMIN_TOKEN_FILE: file("admin", "0123456789abcdef"),
      VIEWER_TOKEN_FILE: join(dir, "missing"),
      RESPONDER_TOKEN_FILE: file("empty", "\n"),
    };
    expect(mistakesOf(() => readConfig(env))).toEqual([
      "ADMIN_TOKEN and ADMIN_TOKEN_FILE are both set; keep one of them",
      expect.stringMatching(/^RESPONDER_TOKEN_FILE names .*empty, which is empty$/),
      expect.stringMatching(/^VIEWER_TOKEN_FILE names .*missing, which cannot be read \(ENOENT\)$/),
    ]);
  });

  it("must not serve two roles", () => {
    const mistakes = mistakesOf(() =>
      readConfig({ ADMIN_TOKEN: "0123456789abcdef", VIEWER_TOKEN: "0123456789abcdef" }),
    );
    expect(mistakes).toEqual(["VIEWER_TOKEN must differ from ADMIN_TOKEN"]);
  });
});

describe("webhook secrets", () => {
  it("may be five at once and no more", () => {
    const secrets = Array.from({ length: 6 }, (_, index) => `a-secret-of-good-length-${index}`);
    expect(
      readConfig({ GREENHELIX_WEBHOOK_SECRETS: secrets.slice(1).join(", ") }).greenhelixWebhookSecrets,
    ).toHaveLength(5);
    expect(mistakesOf(() => readConfig({ GREENHELIX_WEBHOOK_SECRETS: secrets.join(",") }))).toHaveLength(1);
  });
});

describe("secrets that work and are unwise", () => {
  it("are warned of by name and never by value", () => {
    const config = readConfig({ GREENHELIX_WEBHOOK_SECRETS: "whsec_not.base64.at.all,short", ADMIN_TOKEN: "admin" });
    const warnings = weakSecrets(config);
    expect(warnings).toHaveLength(3);
    expect(warnings.join()).toMatch(/ADMIN_TOKEN.*GREENHELIX_WEBHOOK_SECRETS.*GREENHELIX_WEBHOOK_SECRETS/);
    expect(warnings.join()).not.toMatch(/not\.base64|short,/);
  });

  it("are not warned of where they are good", () => {
    expect(weakSecrets(readConfig({ ADMIN_TOKEN: "0123456789abcdef" }))).toEqual([]);
  });
});

describe("the gateway's address", () => {
  it.each([
    ["https://api.greenhelix.net/v1", "https://api.greenhelix.net"],
    ["https://api.greenhelix.net/v1/", "https://api.greenhelix.net"],
    ["https://proxy.example/green/", "https://proxy.example/green"],
    ["http://localhost:9000", "http://localhost:9000"],
    ["http://[::1]:9000/v1", "http://[::1]:9000"],
  ])("%s is taken as %s", (written, taken) => {
    expect(readConfig({ GREENHELIX_BASE_URL: written }).greenhelixBaseUrl).toBe(taken);
  });

  it.each([
    "http://10.0.0.7",
    "http://127.0.0.1.example",
    "ftp://x",
    "https://user:word@host",
    "https://host/?a=b",
    "nothing",
  ])("%s is refused", (written) => {
    expect(mistakesOf(() => readConfig({ GREENHELIX_BASE_URL: written }))).toHaveLength(1);
  });
});

describe("when both the environment and the settings file are wrong", () => {
  it("names the mistakes of both at once", () => {
    const path = file("wrong.yaml", "gateway:\n  deadlineMs: soon\n");
    expect(mistakesOf(() => loadConfig({ PORT: "x", TOURNIQUET_CONFIG: path }))).toEqual([
      "PORT must be a whole number from 0 to 65535",
      `${path} line 2: gateway.deadlineMs must be a whole number from 100 to 60000`,
    ]);
  });

  it("says so when the settings file is missing", () => {
    expect(mistakesOf(() => loadConfig({ TOURNIQUET_CONFIG: join(dir, "none.yaml") }))).toEqual([
      expect.stringMatching(/^TOURNIQUET_CONFIG names .*none\.yaml, which does not exist$/),
    ]);
  });
});
