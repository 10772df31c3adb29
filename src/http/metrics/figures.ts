import { Counter, Gauge, type Metric, type Registry } from "prom-client";

/** Reads what it shows anew; one that throws leaves what it showed last. */
export type Source = () => Promise<void>;

/** What is counted elsewhere and shown here as it stands: names and help texts are those of docs/telemetry.md (a test keeps them in step). */
export interface Figures {
  gauge(name: string, help: string, ...labels: string[]): Gauge;
  /** Set by `reset` and one `inc` each time: the count itself lies in Redis. */
  counter(name: string, help: string, ...labels: string[]): Counter;
  histogram(name: string, help: string, boundsMs: readonly number[]): CountedHistogram;
}

export interface CountedHistogram {
  /** counts: one per bound, not added up, and last those longer than any. */
  show(rows: readonly { labels: Readonly<Record<string, string>>; counts: readonly number[]; totalMs: number }[]): void;
}

export function figuresIn(registry: Registry): Figures {
  return {
    gauge: (name, help, ...labelNames) => new Gauge({ name, help, labelNames, registers: [registry] }),
    counter: (name, help, ...labelNames) => new Counter({ name, help, labelNames, registers: [registry] }),
    histogram(name, help, boundsMs) {
      const bounds = [...boundsMs.map((ms) => ms / 1000), "+Inf"];
      let values: { metricName: string; labels: Record<string, string | number>; value: number }[] = [];
      const shown = { name, help, type: "histogram", aggregator: "sum", get: async () => ({ ...shown, values }) };
      // prom-client's own histogram takes single observations only; what a registry asks of a metric is its name and `get`.
      registry.registerMetric(shown as unknown as Metric);
      return {
        show(rows) {
          values = rows.flatMap(({ labels, counts, totalMs }) => {
            let upTo = 0;
            const buckets = bounds.map((le, index) => {
              upTo += counts[index] ?? 0;
              return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: upTo };
            });
            const whole = (what: string, value: number) => ({ metricName: `${name}_${what}`, labels, value });
            return [...buckets, whole("sum", totalMs / 1000), whole("count", upTo)];
          });
        },
      };
    },
  };
}
