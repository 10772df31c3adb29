import { createHmac } from "node:crypto";
import type { Message, Notifier, NotifierOptions } from "./notifier.ts";
import { answerIdOf, openPost } from "./post.ts";

/** Any receiver, signed as Standard Webhooks: its libraries verify it. docs/notifications.md has the payload. */
export function openWebhook({ url, secret }: { url: string; secret: string }, options: NotifierOptions): Notifier {
  const setting = "NOTIFY_WEBHOOK_URL";
  const mend = (status: number) =>
    status === 401 || status === 403
      ? "the receiver must verify with the secret that NOTIFY_WEBHOOK_SECRET holds"
      : `see what the receiver expects, or mend ${setting}`;
  const post = openPost({ channel: "webhook", url, setting, mend }, options);
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  return {
    name: "webhook",
    async send(message, limits) {
      const text = JSON.stringify(payloadOf(message));
      return { answerId: answerIdOf(await post.send(text, signed(key, message, text), limits)) };
    },
    close: () => post.close(),
  };
}

function payloadOf({ id, at, notification }: Message) {
  return { type: `page.${notification.kind}`, timestamp: new Date(at).toISOString(), data: { id, ...notification } };
}

/** The id says that it is the same page again, the time that it is sent now. */
function signed(key: Buffer, { id, now }: Message, text: string): Record<string, string> {
  const timestamp = String(Math.floor(now / 1_000));
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${text}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
}
