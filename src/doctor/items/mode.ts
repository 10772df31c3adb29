import { type Item, ok, warn } from "../item.ts";

/** P5: on the night it matters nobody should have to find out that nothing acts. */
export const mode: Item = {
  id: "mode",
  section: "containment",
  title: "the product acts, and does not only watch",
  deadlineMs: 1_000,
  async measure({ settings }) {
    const dry = [...settings.runbooks].flatMap(([name, { dryRun }]) => (dryRun ? [name] : []));
    const more = { detail: { mode: settings.mode, dryRuns: dry } };
    if (settings.mode === "observe")
      return warn(
        "observe-only: everything is decided and recorded, nothing is done",
        "Set mode: act when you trust what it decided",
        more,
      );
    if (dry.length > 0)
      return warn(`acts, except for the runbooks ${dry.join(", ")}`, "Take their dryRun out of the settings", more);
    return ok("acts, with every runbook", more);
  },
};
