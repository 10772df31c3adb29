import { createStore } from "../store.ts";
import { failedAt, heard, heardAt } from "./heard.ts";

/** What the server tells while we look; resync: anything may have changed. */
export const topics = ["incident", "fleet", "dead-letters", "tunings", "drills", "settings", "audit"] as const;
export type Topic = (typeof topics)[number];
export interface LiveEvent {
  topic: Topic | "resync";
  /** What it is about, where the topic has many: an incident's id. */
  id: string | null;
}

/**
 * live: told at once. polling: the server has no stream for us, so we ask every 10 s. connecting: on the way. lost: neither works.
 * behind: the stream is there, and the server itself cannot see what happens (its Redis does not answer).
 */
export type LiveMode = "connecting" | "live" | "polling" | "behind" | "lost";
export const liveMode = createStore<LiveMode>("connecting");

const POLL_MS = 10_000;
/** Also while the stream is there: a phone that changed its network keeps a dead one for minutes. */
const LOOK_ANYWAY_MS = 30_000;
const TRY_STREAM_AGAIN_MS = 30_000;
const LOST_AFTER_MS = 25_000;
/** Shorter cuts are nobody's business. */
const PATIENCE_MS = 4_000;

const listeners = new Set<(event: LiveEvent) => void>();

export function onLive(listener: (event: LiveEvent) => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function tell(event: LiveEvent): void {
  for (const listener of [...listeners]) listener(event);
}
const resync = () => tell({ topic: "resync", id: null });

let source: EventSource | null = null;
let timers: ReturnType<typeof setInterval>[] = [];
let isStarted = false;

/** From when somebody is logged in; while nobody looks (another tab, a locked phone) nothing is open. */
export function startLive(): void {
  if (isStarted) return;
  isStarted = true;
  document.addEventListener("visibilitychange", turn);
  addEventListener("online", restart);
  addEventListener("offline", loseAtOnce);
  turn();
}

export function stopLive(): void {
  isStarted = false;
  document.removeEventListener("visibilitychange", turn);
  removeEventListener("online", restart);
  removeEventListener("offline", loseAtOnce);
  close();
}

function turn(): void {
  if (document.hidden) {
    close();
    return;
  }
  // The first drawing asks for itself.
  if (heardAt.get() !== null) resync();
  open();
}

function restart(): void {
  close();
  turn();
}

/** The device itself says that it has no network. */
function loseAtOnce(): void {
  close();
  liveMode.set("lost");
}

function close(): void {
  source?.close();
  source = null;
  for (const timer of timers) clearInterval(timer);
  timers = [];
}

function open(): void {
  close();
  liveMode.set("connecting");
  openStream();
  timers = [setInterval(lookAround, 2_000), setInterval(resync, LOOK_ANYWAY_MS), setInterval(poll, POLL_MS)];
}

let streamTriedAt = 0;
/** Since when the stream is cut; null: it stands. */
let cutAt: number | null = null;

function openStream(): void {
  source?.close();
  streamTriedAt = Date.now();
  cutAt = streamTriedAt;
  const stream = new EventSource("/api/live");
  source = stream;
  stream.addEventListener("open", () => {
    heard();
    cutAt = null;
    liveMode.set("live");
  });
  for (const topic of topics) stream.addEventListener(topic, (event) => hear({ topic, id: idIn(event.data) }));
  stream.addEventListener("resync", () => hear({ topic: "resync", id: null }));
  stream.addEventListener("stale", () => liveMode.set("behind"));
  // The browser connects again by itself, unless the answer was no stream at all. The server ends a stream now and then.
  stream.addEventListener("error", () => {
    cutAt ??= Date.now();
  });
}

function hear(event: LiveEvent): void {
  heard();
  liveMode.set("live");
  tell(event);
}

function poll(): void {
  if (liveMode.get() === "live") return;
  resync();
  if (source?.readyState === EventSource.CLOSED && Date.now() - streamTriedAt > TRY_STREAM_AGAIN_MS) openStream();
}

/** Where the stream does not come, what the requests heard says how it is. */
function lookAround(): void {
  const now = Date.now();
  const heardLast = heardAt.get() ?? streamTriedAt;
  // A stream that looks well, while requests find nobody: it is dead and does not know.
  if (cutAt === null && (failedAt.get() ?? 0) > heardLast) openStream();
  if (cutAt === null || now - cutAt < PATIENCE_MS) return;
  if (now - heardLast > LOST_AFTER_MS || (failedAt.get() ?? 0) > heardLast) liveMode.set("lost");
  else liveMode.set(source?.readyState === EventSource.CLOSED ? "polling" : "connecting");
}

/** `{"id":"inc-0-…","at":"…"}`; a topic without things of its own has none. */
function idIn(data: string): string | null {
  try {
    const { id } = JSON.parse(data) as { id?: unknown };
    return typeof id === "string" ? id : null;
  } catch {
    return null; // an older server that says less: what is shown is asked anew all the same
  }
}
