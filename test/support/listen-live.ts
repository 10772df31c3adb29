import { get, type IncomingMessage } from "node:http";
import { until } from "./until.ts";

const viewer = { authorization: "Bearer viewer-token-0123" };

export interface Told {
  name: string;
  data: Record<string, string>;
}

/** A browser at /api/live, as far as a test needs one. */
export interface Listener {
  status: number;
  headers: IncomingMessage["headers"];
  /** What was told so far. */
  readonly events: readonly Told[];
  /** All that came over the wire. */
  text(): string;
  lastId(): string;
  hasEnded(): boolean;
  /** Resolves with the first event that is so, also one that came before. */
  hears(name: string, isSo?: (data: Told["data"]) => boolean): Promise<Told>;
  close(): void;
}

/** Resolves once the headers are there. headers: left out, a viewer of test/http/api.ts. */
export function listenLive(url: string, headers: Record<string, string> = {}): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const request = get(`${url}/api/live`, { headers: { ...viewer, ...headers }, agent: false }, (response) => {
      let text = "";
      let ended = false;
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      for (const end of ["close", "error"] as const) response.on(end, () => (ended = true));
      const hears: Listener["hears"] = (name, isSo = () => true) =>
        until(
          async () => eventsIn(text).find((one) => one.name === name && isSo(one.data)),
          `an event ${name} in ${text.slice(-300)}`,
          5_000,
        );
      resolve({
        status: response.statusCode ?? 0,
        ...{ headers: response.headers, hears },
        get events() {
          return eventsIn(text);
        },
        text: () => text,
        lastId: () => [...text.matchAll(/^id: (.+)$/gm)].at(-1)?.[1] ?? "",
        hasEnded: () => ended,
        close: () => request.destroy(),
      });
    });
    request.on("error", reject);
  });
}

function eventsIn(text: string): Told[] {
  return text.split("\n\n").flatMap((block) => {
    const name = /^event: (.+)$/m.exec(block)?.[1];
    const data = /^data: (.+)$/m.exec(block)?.[1];
    return name === undefined || data === undefined ? [] : [{ name, data: JSON.parse(data) }];
  });
}
