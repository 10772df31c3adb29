import { type Item, ok, warn } from "../item.ts";

const hours = (ms: number): string =>
  ms === 0 ? "at once" : ms < 3_600_000 ? `after ${Math.round(ms / 60_000)} min` : `after ${ms / 3_600_000} h`;

/** R1, R2: what a recovery will do, and what its second gate can compare with. */
export const profile: Item = {
  id: "profile",
  section: "recovery",
  title: "the recovery profile is valid, and its gates have something to check",
  deadlineMs: 1_000,
  async measure({ settings }) {
    const { rungs, normalAfterMs } = settings.recovery;
    const ramp = rungs.map(({ afterMs, percent }) => `${percent} % ${hours(afterMs)}`).join(", ");
    const { agents } = settings.fleet;
    const pinned = agents.filter(({ pinnedPublicKey }) => pinnedPublicKey !== undefined).length;
    const scored = agents.filter(({ reputationBaseline }) => reputationBaseline !== undefined).length;
    const found = `${ramp}, as on other days ${hours(normalAfterMs)}`;
    const lines = [
      "gates: root cause named by a person; identity and reputation verified; caps restored conservatively",
      `${pinned} of ${agents.length} agents have a pinned public key, ${scored} a given reputation; of the others the first that was seen counts`,
    ];
    const more = { lines, detail: { rungs, normalAfterMs, agents: agents.length, pinned, scored } };
    if (agents.length === 0)
      return warn(
        found,
        "Name your agents in the settings (fleet.agents): only then can their keys and caps be pinned",
        more,
      );
    return ok(found, more);
  },
};
