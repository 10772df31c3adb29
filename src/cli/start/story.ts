import { environmentWith, loadConfig } from "../../config.ts";
import type { IncidentView } from "../../incident/incident.ts";
import { loopOf, play, stage } from "../../sandbox/play.ts";
import { runaway } from "../../sandbox/scenarios/runaway.ts";
import { openServices } from "../../services.ts";
import { type Score, scoreOf } from "../score.ts";

/** How long after the last attempt containment may take before the score is drawn as it stands. */
const SETTLE_MS = 60_000;
const LOOK_EVERY_MS = 100;

/** Plays the 2:47 story against the running product and scores what came of it. Looks only at what anybody can see: Redis and the gateway. */
export async function playStory(running: {
  sandboxUrl: string | null;
  redisUrl: string;
  speed: number;
  say(line: string): void;
}): Promise<Score> {
  const sandboxUrl = running.sandboxUrl ?? "";
  const { config, settings } = loadConfig(environmentWith({ REDIS_URL: running.redisUrl }));
  const services = await openServices({ ...config, logLevel: "silent" }, settings, "story", "producer");
  try {
    await stage(sandboxUrl, runaway);
    const startedAt = await services.clock.now();
    running.say(`\n${runaway.story}\n  (played ${running.speed} times as fast)\n`);
    const { payer, payee, amount } = loopOf(runaway);
    const played = await play(sandboxUrl, runaway, {
      speed: running.speed,
      onAttempt({ attempted, created }, accepted) {
        if (accepted) running.say(`  escrow ${String(created).padStart(3)}  ${amount} to ${payee}`);
        else if (attempted === created + 1)
          running.say(`  refused     the gateway lets ${payer} open no more; it goes on trying`);
      },
    });
    const mine = async () => (await services.incidents.list(50)).filter(({ openedAt }) => openedAt >= startedAt);
    return await scoreOf(sandboxUrl, runaway, played, await settled(mine, services.clock.wait));
  } finally {
    await services.close();
  }
}

async function settled(
  look: () => Promise<IncidentView[]>,
  wait: (ms: number) => Promise<void>,
): Promise<IncidentView[]> {
  for (let waitedMs = 0; ; waitedMs += LOOK_EVERY_MS) {
    const incidents = await look();
    if (waitedMs >= SETTLE_MS || (incidents.length > 0 && incidents.every(({ status }) => status === "contained")))
      return incidents;
    await wait(LOOK_EVERY_MS);
  }
}
