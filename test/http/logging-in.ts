import type { Api } from "./api.ts";

/** A login as a browser makes and keeps it. */
export interface LoggedIn {
  status: number;
  body: Record<string, unknown>;
  /** The whole Set-Cookie line. */
  setCookie: string;
  cookie: string;
  /** What a page of ours sends with a change. */
  changing: Record<string, string>;
}

export async function logIn(api: Api, token: unknown, headers: Record<string, string> = {}): Promise<LoggedIn> {
  const answer = await fetch(`${api.url}/login`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ token }),
  });
  const body = (await answer.json()) as Record<string, unknown>;
  const setCookie = answer.headers.get("set-cookie") ?? "";
  const cookie = setCookie.split(";")[0]!;
  return { status: answer.status, body, setCookie, cookie, changing: changing(api, cookie, String(body.csrfToken)) };
}

function changing(api: Api, cookie: string, csrfToken: string): Record<string, string> {
  return { cookie, origin: api.url, "sec-fetch-site": "same-origin", "x-csrf-token": csrfToken };
}

export const bearer = (token: string | undefined) => ({ authorization: `Bearer ${token}` });

/** A browser that asks for a page. */
export const page = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
