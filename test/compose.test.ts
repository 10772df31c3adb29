import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

interface Service {
  command: string[];
  image: string;
  user?: string;
  read_only?: boolean;
  cap_drop?: string[];
  tmpfs?: string[];
  ports?: string[];
}

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string) => readFileSync(`${root}/${path}`, "utf8");
const services: Record<string, Service> = parse(read("docker-compose.yml"), { merge: true }).services;
const workers = globSync("workers/*.ts", { cwd: root }).map((path) => basename(path, ".ts"));

describe("docker-compose.yml", () => {
  it("has a service for every worker and no service for a worker that does not exist", () => {
    const started = Object.entries(services).filter(([, { command }]) => command[0] === "worker");
    expect(started.map(([name]) => name).sort()).toEqual(workers.sort());
    for (const [name, { command }] of started) expect(command).toEqual(["worker", name]);
  });

  it("runs what is ours without root, without capabilities and on a read-only file system", () => {
    for (const service of Object.values(services).filter(({ image }) => image === "tourniquet")) {
      expect(service).toMatchObject({ user: "10001:10001", read_only: true, cap_drop: ["ALL"] });
      expect(service.tmpfs).toEqual([expect.stringMatching(/^\/tmp:.*noexec/)]);
    }
  });

  it("lets Redis write to disk before it answers, forget nothing, and be reached by nobody else", () => {
    const command = services.redis?.command.join(" ");
    expect(command).toContain("--appendonly yes --appendfsync always --maxmemory-policy noeviction");
    expect(services.redis?.ports).toBeUndefined();
  });

  it("publishes the API on this machine only", () => {
    const published = Object.values(services).flatMap(({ ports }) => ports ?? []);
    expect(published).toEqual([expect.stringMatching(/^127\.0\.0\.1:/)]);
  });
});

describe("the Dockerfile", () => {
  it("brings the major version of Node that the product is made for, and runs without root", () => {
    const major = JSON.parse(read("package.json")).dependencies.node.split(".")[0];
    expect(read("Dockerfile").match(/^FROM node:\d+/gm)).toEqual([`FROM node:${major}`, `FROM node:${major}`]);
    expect(read("Dockerfile")).toMatch(/^USER 10001:10001$/m);
  });
});
