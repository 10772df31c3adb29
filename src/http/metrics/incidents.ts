import { eventSources } from "../../incident/event.ts";
import { priorities, type Status, transitions } from "../../incident/incident.ts";
import { type EscrowSums, type Measured, type Measures, type SpanName, spans } from "../../incident/measures.ts";
import { formatMoney, type Money } from "../../incident/money.ts";
import type { Figures, Source } from "./figures.ts";

const statuses = Object.keys(transitions) as Status[];

/** Of all incidents there are, counted where it happened (redis/measures.lua): a scrape costs the same with one as with 10,000. */
export function incidentMetrics(figures: Figures, measures: Measures): Source {
  const sources = [byStatus(figures), money(figures), times(figures), looks(figures)];
  return async () => {
    const measured = await measures.read();
    for (const show of sources) show(measured);
  };
}

type Shown = (measured: Measured) => void;

function byStatus({ gauge }: Figures): Shown {
  const incidents = gauge("tourniquet_incidents", "All incidents by status and priority.", "status", "priority");
  return (measured) => {
    for (const status of statuses) for (const priority of priorities) incidents.set({ status, priority }, 0);
    for (const { status, priority, count } of measured.incidents) incidents.set({ status, priority }, count);
  };
}

function money({ gauge, counter }: Figures): Shown {
  const atRisk = gauge(
    "tourniquet_at_risk_dollars",
    "Money that open incidents found in escrow, whatever became of it.",
  );
  const held = gauge("tourniquet_held_dollars", "Money of open incidents that is still in escrow.");
  const recovered = counter("tourniquet_recovered_dollars_total", "Money that incidents took back from escrow.");
  const lost = counter(
    "tourniquet_lost_dollars_total",
    "Money that left escrow to a payee before it could be taken back.",
  );
  return ({ all, open }) => {
    const still = open.held + open.failed;
    held.set(dollars(still));
    atRisk.set(dollars(still + open.recovered + open.lost));
    for (const [total, result] of [
      [recovered, "recovered"],
      [lost, "lost"],
    ] as const) {
      total.reset();
      total.inc(dollars(all[result satisfies keyof EscrowSums]));
    }
  };
}

/** A float at the very edge: Prometheus has nothing else. */
const dollars = (units: bigint): number => Number(formatMoney((units < 0n ? 0n : units) as Money));

function times({ histogram }: Figures): Shown {
  const freeze = histogram(
    "tourniquet_webhook_to_freeze_seconds",
    "Time from the arrival of what led to an incident until its freeze was known to hold.",
    spans.freeze,
  );
  const containment = histogram(
    "tourniquet_webhook_to_contained_seconds",
    "Time from the arrival of what led to an incident until it was read back as contained.",
    spans.containment,
  );
  const detection = histogram(
    "tourniquet_detection_lag_seconds",
    "Time from when an event happened until it had a disposition, by where it came from.",
    spans.detection,
  );
  return (measured) => {
    const rowOf = (span: SpanName, source: string) =>
      measured.spans.find((one) => one.span === span && one.source === source) ?? { counts: [], totalMs: 0 };
    freeze.show([{ labels: {}, ...rowOf("freeze", "") }]);
    containment.show([{ labels: {}, ...rowOf("containment", "") }]);
    detection.show(eventSources.map((source) => ({ labels: { source }, ...rowOf("detection", source) })));
  };
}

function looks({ counter }: Figures): Shown {
  const made = counter(
    "tourniquet_polling_looks_total",
    "Looks of the watch worker at an agent, by whether its budget and escrows could be read.",
    "outcome",
  );
  return ({ looks: { whole, partial } }) => {
    made.reset();
    made.inc({ outcome: "whole" }, whole);
    made.inc({ outcome: "partial" }, partial);
  };
}
