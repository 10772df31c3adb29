import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { documented } from "../http/exposition.ts";

interface Alert {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; runbook: string };
}
interface Panel {
  id: number;
  type: string;
  title: string;
  gridPos: { h: number; w: number; x: number; y: number };
  targets?: { expr: string }[];
}

const read = (path: string) => readFileSync(new URL(`../../deploy/${path}`, import.meta.url), "utf8");
const rules = parse(read("prometheus/rules.yaml")) as { groups: { name: string; rules: Alert[] }[] };
const example = parse(read("prometheus/prometheus.yaml")) as {
  rule_files: string[];
  scrape_configs: { job_name: string }[];
};
const dashboard = JSON.parse(read("grafana/tourniquet.json")) as { panels: Panel[] };
const alerts = rules.groups.flatMap((group) => group.rules);
const expressions = [
  ...alerts.map(({ alert, expr }) => [alert, expr] as const),
  ...dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const)),
];

/** What a row of docs/telemetry.md is asked for by (metrics.test.ts keeps that in step with what is exposed). */
const shown = new Map<string, readonly string[]>(
  documented("labels").flatMap(({ name, labels }) => {
    const isHistogram = documented().find((row) => row.name === name)?.type === "histogram";
    const parts = isHistogram ? ["_bucket", "_count", "_sum"] : [""];
    return parts.map((part): [string, string[]] => [name + part, part === "_bucket" ? [...labels, "le"] : labels]);
  }),
);

describe("the alert rules and the dashboard", () => {
  it("ask for metrics that there are, by labels that they have", () => {
    const wrong = expressions.flatMap(([title, expr]) =>
      [...expr.matchAll(/\b(tourniquet_\w+)(?:\{([^}]*)\})?/g)].flatMap(([, name, matchers = ""]) => {
        const labels = shown.get(name!);
        if (!labels) return [`${title}: there is no ${name}`];
        const asked = [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label]) => label!);
        const known = [...labels, "job", "instance"];
        return asked.filter((label) => !known.includes(label)).map((label) => `${title}: ${name} has no ${label}`);
      }),
    );
    expect(wrong).toEqual([]);
    expect(expressions.length).toBeGreaterThan(50);
  });

  it("take of the processes the one that says most, but of what each counts for itself", () => {
    const own = /tourniquet_(webhook_answers_total|settings_\w+|build_info)/;
    const added = expressions.filter(
      ([, expr]) => /\bsum\((?!max )|\bsum by \((?!instance)/.test(expr) && !own.test(expr),
    );
    expect(added.filter(([, expr]) => /tourniquet_/.test(expr))).toEqual([]);
  });

  it("ask for bounds that the histograms have", () => {
    const doc = readFileSync(new URL("../../docs/telemetry.md", import.meta.url), "utf8");
    for (const { alert, expr } of alerts)
      for (const [, name, le] of expr.matchAll(/(tourniquet_\w+)_bucket\{[^}]*le="([^"]+)"/g)) {
        const bounds = new RegExp(`^- \`${name}\`: (.*)$`, "m").exec(doc)?.[1]?.split(", ");
        expect(bounds, alert).toContain(le);
      }
  });
});

describe("every alert", () => {
  it("says how urgent it is, what happened and what to do", () => {
    for (const { alert, labels, annotations } of alerts) {
      expect(["critical", "warning"], alert).toContain(labels.severity);
      expect(annotations.summary, alert).toMatch(/\.$/);
      expect(annotations.runbook.length, alert).toBeGreaterThan(60);
    }
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
  });

  it("is read by the example of a configuration, under the name of its job", () => {
    expect(example.rule_files).toEqual(["rules.yaml"]);
    const [{ job_name: job } = { job_name: "" }] = example.scrape_configs;
    for (const { alert, expr } of alerts)
      for (const [, matchers] of expr.matchAll(/\b(?:tourniquet_\w+|up)\{([^}]*)\}/g))
        expect(matchers, alert).toContain(`job="${job}"`);
  });
});

describe("the dashboard", () => {
  it("has the rows that somebody looks for, and panels that do not lie over each other", () => {
    const { panels } = dashboard;
    const rows = panels.filter(({ type }) => type === "row").map(({ title }) => title);
    expect(rows).toEqual(["Stop the bleeding", "Money", "Detection", "Queues and workers", "People"]);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)} ${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  });
});
