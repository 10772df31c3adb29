import { request } from "undici";

/** One call to a sandbox; answers status and parsed body. */
export async function call(
  url: string,
  method: "GET" | "POST" | "PUT",
  path: string,
  body: unknown,
  token: string,
): Promise<{ status: number; body: unknown }> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  const answer = await request(`${url}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.body.text();
  return { status: answer.statusCode, body: text ? JSON.parse(text) : null };
}
