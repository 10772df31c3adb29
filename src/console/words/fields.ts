import { lasting } from "../../incident/plain-words.ts";
import { moneyText } from "./money.ts";

/** "identicalWindowMs" as people write it: "identical window". */
export function fieldName(name: string): string {
  return name
    .replace(/(Ms|Pct|At)$/, "")
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replaceAll(/[-_]/g, " ")
    .toLowerCase();
}

/** A value of a receipt or a signal, by the unit that its name says; what has no form of its own is JSON. */
export function fieldText(name: string, value: unknown): string {
  if (value === null || value === undefined) return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") {
    if (/Ms$/.test(name)) return lasting(value);
    if (/At$/.test(name) && value > 1e12) return new Date(value).toISOString().replace("T", " ").replace("Z", " UTC");
    return /Pct$/.test(name) ? `${value} %` : String(value);
  }
  if (typeof value === "string") return /^-?\d+\.\d{2,8}$/.test(value) ? moneyText(value) : value;
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value.join(", ") || "none";
  return JSON.stringify(value);
}
