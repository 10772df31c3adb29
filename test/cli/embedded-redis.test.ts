import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startEmbeddedRedis } from "../../src/cli/embedded-redis.ts";

const modulePath = new URL("../../src/cli/embedded-redis.ts", import.meta.url).href;
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "tourniquet-embedded-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** A process that starts an embedded Redis, prints its pid and stays. */
async function startParent(): Promise<{ kill(): Promise<void>; redisPid: number }> {
  const script = `import { startEmbeddedRedis } from ${JSON.stringify(modulePath)};
    console.log((await startEmbeddedRedis({ dir: ${JSON.stringify(dir)} })).pid);`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface({ input: parent.stdout }), "line");
  const kill = async () => {
    parent.kill("SIGKILL");
    await once(parent, "exit");
  };
  return { kill, redisPid: Number(line) };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("when the process that started an embedded Redis is killed with -9", () => {
  it("takes Redis with it", async () => {
    const parent = await startParent();
    expect(isRunning(parent.redisPid)).toBe(true);
    await parent.kill();
    await expect.poll(() => isRunning(parent.redisPid), { timeout: 10_000 }).toBe(false);
  });

  it("takes it along even while Redis is paused", async () => {
    const parent = await startParent();
    process.kill(parent.redisPid, "SIGSTOP");
    await parent.kill();
    await expect.poll(() => isRunning(parent.redisPid), { timeout: 10_000 }).toBe(false);
  });
});

describe("an embedded Redis", () => {
  it("keeps its data in the directory it was given and ends on stop", async () => {
    const redis = await startEmbeddedRedis({ dir });
    expect(isRunning(redis.pid)).toBe(true);
    expect(existsSync(join(dir, "appendonlydir")) || existsSync(join(dir, "appendonly.aof"))).toBe(true);
    await redis.stop();
    expect(isRunning(redis.pid)).toBe(false);
  });

  it("says where its log is when it cannot start", async () => {
    const running = await startEmbeddedRedis({ dir });
    const second = startEmbeddedRedis({ dir: join(dir, "second"), port: running.port });
    await expect(second).rejects.toMatchObject({
      code: "redis-unavailable",
      message: expect.stringContaining("redis.log"),
    });
    await running.stop();
  });
});
