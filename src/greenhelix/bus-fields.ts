import { z } from "zod";
import type { BusEvent } from "../incident/gateway.ts";
import { listIn, number, readAs, record, time } from "./fields.ts";

const busShape = z.object({
  id: number.pipe(z.int().nonnegative()),
  type: z.string().catch(""),
  source: z.string().catch(""),
  integrityHash: z.string().catch(""),
  createdAt: time,
});

/** Throws gateway-unreadable for a row without a number: where to read on would not be known. */
export function readBusEvents(body: unknown): readonly BusEvent[] {
  return listIn(body, "get_events", "events", "items").map((item) => {
    const raw = readAs(record, item, "get_events");
    const { id, event_type: type, source, integrity_hash: integrityHash, created_at: createdAt } = raw;
    const read = readAs(busShape, { id, type, source, integrityHash, createdAt }, "get_events");
    return { ...read, createdAt: read.createdAt, raw };
  });
}
