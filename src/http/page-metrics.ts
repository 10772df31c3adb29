import { Counter, type Registry } from "prom-client";
import type { Pages } from "../incident/pages.ts";

/** N1: how pages went, by channel. Above 0 for `lost`: a page reached nobody but the log. */
export function pageMetrics(registry: Registry, pages: Pick<Pages, "counts">): () => Promise<void> {
  const sent = new Counter({
    name: "tourniquet_pages_total",
    help: "Attempts to tell a channel of a page, by outcome: delivered, failed, given-up, lost",
    labelNames: ["channel", "outcome"],
    registers: [registry],
  });
  return async () => {
    const counts = await pages.counts();
    sent.reset();
    for (const { channel, outcome, count } of counts) sent.inc({ channel, outcome }, count);
  };
}
