import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { variables } from "../src/config-schema.ts";
import { workerNames } from "../src/queues/jobs.ts";

interface Service {
  command: string[];
  image: string;
  user?: string;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  tmpfs?: string[];
  ports?: string[];
  environment?: Record<string, string>;
  healthcheck?: { disable?: boolean; test?: string[] };
  volumes?: string[];
  mem_limit?: string;
}

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string) => readFileSync(`${root}/${path}`, "utf8");
const servicesOf = (file: string): Record<string, Service> => parse(read(file), { merge: true }).services;
const services = servicesOf("docker-compose.yml");
const monitoring = servicesOf("deploy/compose/monitoring.yml");
const ours = Object.values(services).filter(({ image }) => image === "tourniquet");

describe("docker-compose.yml", () => {
  it("has a service for every worker of the table of queues, and an entry point beside each", () => {
    const started = Object.entries(services).filter(([, { command }]) => command[0] === "worker");
    expect(started.map(([name]) => name).sort()).toEqual([...workerNames].sort());
    for (const [name, { command }] of started) expect(command).toEqual(["worker", name]);
    expect(
      globSync("workers/*.ts", { cwd: root })
        .map((path) => basename(path, ".ts"))
        .sort(),
    ).toEqual([...workerNames].sort());
  });

  it("runs what is ours without root, without capabilities and on a read-only file system", () => {
    for (const service of ours) {
      expect(service).toMatchObject({ user: "10001:10001", read_only: true, cap_drop: ["ALL"] });
      expect(service.security_opt).toEqual(["no-new-privileges:true"]);
      expect(service.tmpfs).toEqual([expect.stringMatching(/^\/tmp:.*noexec/)]);
    }
  });

  it("gives nobody more than it must have, Redis and what watches included", () => {
    for (const service of [...Object.values(services), ...Object.values(monitoring)]) {
      expect(service).toMatchObject({ read_only: true, cap_drop: ["ALL"], security_opt: ["no-new-privileges:true"] });
      expect(service.image).not.toMatch(/:latest$/);
    }
  });

  it("sets only variables that exist", () => {
    for (const { environment = {} } of ours)
      expect(Object.keys(environment).filter((name) => !(name in variables))).toEqual([]);
  });

  it("asks the API for its health as the image does; workers listen to nobody", () => {
    for (const { command, healthcheck } of ours)
      expect(healthcheck).toEqual(command[0] === "worker" ? { disable: true } : undefined);
    expect(services.redis?.healthcheck?.test).toEqual(["CMD", "redis-cli", "ping"]);
  });

  it("lets Redis write to disk before it answers, forget nothing, know its limit, and be reached by nobody else", () => {
    const command = services.redis?.command.join(" ");
    expect(command).toContain("--appendonly yes --appendfsync always --maxmemory-policy noeviction --maxmemory ");
    expect(services.redis?.ports).toBeUndefined();
  });

  it("publishes everything on this machine only", () => {
    const published = [...Object.values(services), ...Object.values(monitoring)].flatMap(({ ports }) => ports ?? []);
    expect(published).toHaveLength(3);
    for (const port of published) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it("mounts files that exist", () => {
    const mounted = Object.values(monitoring).flatMap(({ volumes = [] }) =>
      volumes.filter((one) => one.startsWith("./")),
    );
    expect(mounted.length).toBeGreaterThan(4);
    for (const volume of mounted)
      expect({ volume, exists: existsSync(`${root}/${volume.split(":")[0]}`) }).toEqual({ volume, exists: true });
  });
});

describe("the Dockerfile", () => {
  const text = read("Dockerfile");
  const copied = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources]) => sources!.split(" "));

  it("brings exactly the Node that the product is made for, and runs without root", () => {
    const version = JSON.parse(read("package.json")).dependencies.node;
    expect(text).toMatch(new RegExp(`^ARG NODE=node:${version}-slim$`, "m"));
    expect(text.match(/^FROM .*/gm)?.join()).toMatch(/^FROM \$\{NODE\} AS packages,FROM \$\{NODE\}$/);
    expect(text).toMatch(/^USER 10001:10001$/m);
    expect(text).not.toMatch(/^(CMD|ENTRYPOINT) [^[]/m);
  });

  it("copies what exists and what .dockerignore lets through", () => {
    expect(copied).toEqual([
      "package.json",
      "package-lock.json",
      "package.json",
      "src",
      "workers",
      "deploy/tourniquet",
    ]);
    const sent = read(".dockerignore")
      .split("\n")
      .filter((line) => line.startsWith("!"))
      .map((line) => line.slice(1));
    for (const path of copied)
      expect({ path, exists: existsSync(`${root}/${path}`), isSent: sent.includes(path) }).toEqual({
        path,
        exists: true,
        isSent: true,
      });
    expect(statSync(`${root}/deploy/tourniquet`).mode & 0o111).toBe(0o111);
  });

  it("ends the heap before the memory that a container gets", () => {
    const heap = Number(/--max-old-space-size=(\d+)/.exec(text)?.[1]);
    for (const { mem_limit } of ours) expect(Number.parseInt(mem_limit!, 10)).toBeGreaterThanOrEqual(heap + 128);
  });
});

describe("the image's files alone", () => {
  it("import nothing that they do not bring", () => {
    const sources = globSync(["src/**/*.{ts,tsx}", "workers/*.ts"], { cwd: root });
    const { dependencies } = JSON.parse(read("package.json"));
    const strangers = sources.flatMap((file) =>
      [...read(file).matchAll(/^(?:import(?: |\b[^"';=]*? from )|export\b[^"';=]*? from )"([^"]+)";$/gm)]
        .map(([, target]) => target!)
        .filter((target) => {
          if (target.startsWith(".")) return /(^|\/)(test|scripts|docs)\//.test(target);
          const name = target.startsWith("@") ? target.split("/").slice(0, 2).join("/") : target.split("/")[0]!;
          return !target.startsWith("node:") && !(name in dependencies);
        }),
    );
    expect(strangers).toEqual([]);
  });
});
