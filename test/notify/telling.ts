import type { About, NotificationJob, PageKind } from "../../src/incident/jobs.ts";
import type { Log } from "../../src/incident/ports.ts";
import type { ChannelAddresses } from "../../src/notify/notifiers/index.ts";
import { openNotifiers } from "../../src/notify/notifiers/index.ts";
import { type PageJob, pageOf } from "../../src/notify/page-of.ts";
import { type SendPorts, send } from "../../src/notify/send.ts";
import { tell } from "../../src/notify/tell.ts";
import { readSettings } from "../../src/settings/settings.ts";
import type { Stores } from "../redis/open-stores.ts";
import { recordedDispatch } from "../runbooks/step-ports.ts";

type SendJob = Extract<NotificationJob, { kind: "send" }>;

/** The flows of telling on real stores and real HTTP; the jobs they add are run when a test says so. */
export interface Telling {
  ports: SendPorts & { dispatch: ReturnType<typeof recordedDispatch> };
  /** "<level> <what>", oldest first, with everything that was said beside it. */
  logged: { line: string; fields: Record<string, unknown> }[];
  page(about: Partial<About> & { what: PageKind }, jobId?: string): ReturnType<typeof tell>;
  /** The sends added so far, as "<channel> <what>". */
  booked(): string[];
  sends(): { jobId: string; data: SendJob }[];
  send(jobId: string, attempt?: { number?: number; isLast?: boolean }): ReturnType<typeof send>;
  read(job: Partial<PageJob> & { what: PageKind }): ReturnType<typeof pageOf>;
  close(): Promise<void>;
}

export function telling(stores: Stores, at: ChannelAddresses, yaml?: string): Telling {
  const logged: Telling["logged"] = [];
  const write = (level: string) => (fields: Record<string, unknown>, what: string) =>
    void logged.push({ line: `${level} ${what}`, fields });
  const log: Log = { info: write("info"), warn: write("warn"), error: write("error") };
  const notifiers = openNotifiers(at, { allowPrivateHosts: false }, log);
  const dispatch = recordedDispatch();
  const settings = readSettings(yaml, {});
  const ports = { ...stores, notifiers, dispatch, settings, log, publicUrl: "https://tourniquet.example" };
  const full = (about: Partial<About>) => ({ agentId: "agent-7", incidentId: null, signalId: null, ...about });
  const sends = () =>
    dispatch.added.flatMap(({ jobId, data }) => {
      const job = data as NotificationJob;
      return job.kind === "send" ? [{ jobId, data: job }] : [];
    });
  return {
    ports,
    logged,
    sends,
    page: (about, jobId = `page-${about.incidentId}-${about.what}`) =>
      tell(ports, { ...full(about), kind: "page", what: about.what }, { jobId }),
    booked: () => sends().map(({ data }) => `${data.channel} ${data.what}`),
    send(jobId, { number = 1, isLast = false } = {}) {
      const { data } = sends().find((one) => one.jobId === jobId)!;
      return send(ports, data, { jobId, number, isLast });
    },
    read: (job) => pageOf(ports, { ...full(job), ...job }),
    close: () => notifiers.close(),
  };
}
