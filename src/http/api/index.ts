import type { AppPorts } from "../app.ts";
import type { Endpoint } from "../endpoint.ts";
import { auditEndpoints } from "./audit.ts";
import { tuningEndpoints } from "./tunings.ts";

/** Every operation of the API, in the order /openapi.json shows them. */
export const endpoints: readonly Endpoint<AppPorts>[] = [...tuningEndpoints, ...auditEndpoints];
