import { checkKey, type KeyReport } from "../../contain/key-check.ts";
import { keylessAgents, keysToCheck } from "../../gateway-access.ts";
import { fail, type Item, ok, warn } from "../item.ts";

/** O9: what each key may do, before it is needed. Reads, and one cancel of an escrow that nobody ever opened. */
export const keys: Item = {
  id: "keys",
  section: "containment",
  title: "the gateway keys may freeze and cancel, and are not the agents' own",
  deadlineMs: 30_000,
  async measure({ config, settings }) {
    const configured = keysToCheck(config, settings);
    if (configured.length === 0)
      return fail(
        "no key is configured",
        "Set GREENHELIX_API_KEY, or keys in the settings (docs/tourniquet.example.yaml)",
      );
    const reports = await Promise.all(
      configured.map(async (key) => {
        const report = await checkKey(key);
        await key.gateway.close();
        return report;
      }),
    );
    const without = keylessAgents(config, settings);
    const lines = [...reports.flatMap(linesOf), ...without.map((agentId) => `${agentId}: no key acts for it`)];
    const more = { lines, detail: { keys: reports, withoutKey: without } };
    const bad = reports.filter(({ problems }) => problems.length > 0);
    const found = `${reports.length} ${reports.length === 1 ? "key" : "keys"} at ${new URL(config.greenhelixBaseUrl).host}, ${bad.length} with problems`;
    if (bad.length + without.length > 0)
      return fail(found, "Mend each line above; npx tourniquet keys check tries again", more);
    const unclear = reports.filter(({ mayWrite, isAdmin }) => mayWrite === "unknown" || isAdmin === "unknown");
    if (unclear.length === 0) return ok(found, more);
    return warn(
      found,
      `The gateway gave no word that tells what ${unclear.map(({ name }) => name).join(", ")} may do: try a drill with it at the gateway's own sandbox`,
      more,
    );
  },
};

function linesOf({ name, from, mayWrite, isAdmin, problems }: KeyReport): string[] {
  return [`${name} (${from}): freezes and cancels ${mayWrite}, admin ${isAdmin}`, ...problems.map((one) => `! ${one}`)];
}
