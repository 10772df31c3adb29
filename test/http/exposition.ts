import { readFileSync } from "node:fs";

export interface MetricRow {
  name: string;
  type: string;
  help: string;
}

/** What a scrape says of its metrics, by name. */
export function exposed(text: string): MetricRow[] {
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name!, type!]));
  const rows = [...text.matchAll(/^# HELP (\S+) (.+)$/gm)].map(([, name, help]) => ({
    name: name!,
    type: types.get(name!) ?? "",
    help: help!,
  }));
  return rows.sort((a, b) => a.name.localeCompare(b.name));
}

/** The rows of the table in docs/telemetry.md, by name. */
export function documented(): MetricRow[];
export function documented(what: "labels"): { name: string; labels: string[] }[];
export function documented(what?: "labels"): unknown[] {
  const doc = readFileSync(new URL("../../docs/telemetry.md", import.meta.url), "utf8");
  const rows = [...doc.matchAll(/^\| `(tourniquet_\w+)` \| (\w+) \| ([^|]*?) ?\| (.+) \|$/gm)];
  const found = rows.map(([, name, type, labels, help]) => ({
    name: name!,
    type: type!,
    help: help!,
    labels: [...labels!.matchAll(/`(\w+)`/g)].map(([, label]) => label!),
  }));
  found.sort((a, b) => a.name.localeCompare(b.name));
  return found.map(({ name, type, help, labels }) => (what === "labels" ? { name, labels } : { name, type, help }));
}
