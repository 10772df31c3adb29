import type { Gateway } from "../incident/gateway.ts";
import { createCalls } from "./calls.ts";
import type { KeyFor } from "./keys.ts";
import type { TimedHttp } from "./timed.ts";
import { toolsBus } from "./tools-bus.ts";
import { toolsMoney } from "./tools-money.ts";
import { toolsStanding } from "./tools-standing.ts";

/** The seeds' form: POST {base}/v1 `{tool, input}`. It shows less than the real gateway: often no monthly cap and no threshold. */
export function createToolsGateway(http: TimedHttp, keyFor: KeyFor): Gateway {
  const calls = createCalls(http, keyFor);
  return { dialect: "tools", now: http.now, ...toolsMoney(calls), ...toolsStanding(calls), ...toolsBus(calls) };
}
