import { warningsOf } from "../../settings/review.ts";
import { unshownMonths } from "../../settings/unshown-months.ts";
import { type Item, ok, warn } from "../item.ts";

/** A file with mistakes starts nothing, so what is left here is what is allowed and seldom meant. */
export const settings: Item = {
  id: "settings",
  section: "platform",
  title: "the settings say what is meant",
  deadlineMs: 2_000,
  async measure({ settings, gateway, config }) {
    const isTools = config.greenhelixDialect === "tools" || gateway.found()?.dialect === "tools";
    const warnings = [...warningsOf(settings, Date.now()), ...(isTools ? unshownMonths(settings) : [])];
    const lines = warnings.map(({ line, message }) => (line === null ? message : `line ${line}: ${message}`));
    const found = settings.origin.file ?? "no settings file: every value is a default";
    const more = { lines, detail: { file: settings.origin.file ?? null, warnings } };
    return lines.length === 0 ? ok(found, more) : warn(found, "See npx tourniquet config check", more);
  },
};
