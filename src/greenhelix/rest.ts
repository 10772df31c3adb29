import type { Gateway } from "../incident/gateway.ts";
import { createCalls } from "./calls.ts";
import type { KeyFor } from "./keys.ts";
import { restBus } from "./rest-bus.ts";
import { restMoney } from "./rest-money.ts";
import { restStanding } from "./rest-standing.ts";
import type { TimedHttp } from "./timed.ts";

/** The real gateway's form: a route for each tool (greenhelix.md 1.3). */
export function createRestGateway(http: TimedHttp, keyFor: KeyFor): Gateway {
  const calls = createCalls(http, keyFor);
  return { dialect: "rest", now: http.now, ...restMoney(calls), ...restStanding(calls), ...restBus(calls) };
}
