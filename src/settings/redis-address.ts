/** Where Redis is, as REDIS_URL says it: one server, one that Sentinels name, or a Cluster. */
export type RedisAddress = Standalone | Sentinel | Cluster;

interface Standalone {
  kind: "standalone";
  /** As it was written. */
  url: string;
}

interface Sentinel extends Login {
  kind: "sentinel";
  sentinels: readonly Host[];
  /** What the Sentinels call the master. */
  master: string;
  database: number;
  /** Of the Sentinels themselves, where they ask for one. */
  sentinelLogin: { username?: string; password?: string };
}

interface Cluster extends Login {
  kind: "cluster";
  nodes: readonly Host[];
}

interface Login {
  tls: boolean;
  username?: string;
  password?: string;
}

export interface Host {
  host: string;
  port: number;
}

/** What is wrong with a REDIS_URL and how to mend it, without repeating it. */
export interface AddressMistake {
  kind: "mistake";
  message: string;
}

const SCHEMES = "redis://, rediss://, redis+sentinel://, rediss+sentinel://, redis+cluster:// or rediss+cluster://";
const several = /^redis(s?)\+(sentinel|cluster):\/\/(?:([^/?#]*)@)?([^/?#@]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/;

export function readRedisAddress(text: string): RedisAddress | AddressMistake {
  if (!/^rediss?(\+(sentinel|cluster))?:\/\//.test(text)) return mistake(`must begin with ${SCHEMES}`);
  if (/^rediss?:/.test(text)) return standalone(text);
  const [, tls, kind, login, hosts = "", path = "", query = ""] = several.exec(text) ?? [];
  const found = readHosts(hosts, kind === "sentinel" ? 26_379 : 6_379);
  if (found === null) return mistake("must name hosts as host:port, separated by commas");
  const credentials = readLogin(login);
  if (credentials === null) return mistake("must have its user and password percent-encoded");
  const common = { tls: tls === "s", ...credentials };
  return kind === "sentinel" ? sentinel(common, found, path, query) : cluster(common, found, path, query);
}

/** Whether another server may take the place of the one that answered. */
export function hasFailover(text: string): boolean {
  return ["sentinel", "cluster"].includes(readRedisAddress(text).kind);
}

/** The same without its passwords, for people and logs. */
export function shownRedisAddress(text: string): string {
  return text.replace(/^([a-z+]+:\/\/[^:@/]*):[^/]*@/, "$1@").replace(/([?&](?:sentinel)?password=)[^&]*/gi, "$1…");
}

function standalone(text: string): RedisAddress | AddressMistake {
  const url = URL.parse(text);
  if (url === null || url.hostname === "" || url.hostname.includes(","))
    return mistake(
      "must name one host, as redis://host:6379 does; several go with redis+sentinel:// or redis+cluster://",
    );
  if (!/^\/?\d*$/.test(url.pathname)) return mistake("must have a database number, or nothing, after the host");
  return { kind: "standalone", url: text };
}

function sentinel(
  login: Login,
  sentinels: readonly Host[],
  path: string,
  query: string,
): RedisAddress | AddressMistake {
  const [master = "", database = "0", ...rest] = path.split("/");
  if (master === "")
    return mistake("must name the master after the hosts, as redis+sentinel://host1:26379,host2:26379/mymaster does");
  if (!/^\d{1,4}$/.test(database) || rest.length > 0)
    return mistake("must have nothing but a database number after the master's name");
  const { sentinelUsername, sentinelPassword, ...unknown } = Object.fromEntries(new URLSearchParams(query));
  if (Object.keys(unknown).length > 0)
    return mistake("must have nothing but sentinelUsername and sentinelPassword after the question mark");
  const sentinelLogin = {
    ...(sentinelUsername !== undefined && { username: sentinelUsername }),
    ...(sentinelPassword !== undefined && { password: sentinelPassword }),
  };
  return { kind: "sentinel", ...login, sentinels, master, database: Number(database), sentinelLogin };
}

function cluster(login: Login, nodes: readonly Host[], path: string, query: string): RedisAddress | AddressMistake {
  if (path !== "" && path !== "0") return mistake("must not name a database: a Redis Cluster has only database 0");
  if (query !== "") return mistake("must have nothing after a question mark");
  return { kind: "cluster", ...login, nodes };
}

function readHosts(text: string, fallbackPort: number): readonly Host[] | null {
  const hosts = text.split(",").map((one) => /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/.exec(one.trim()));
  const isWrong = hosts.some(
    (found) => found === null || Number(found[2] ?? 1) > 65_535 || Number(found[2] ?? 1) === 0,
  );
  if (isWrong) return null;
  return hosts.map((found) => ({
    host: found![1]!.replace(/^\[|\]$/g, ""),
    port: Number(found![2] ?? fallbackPort),
  }));
}

/** `user:password`, `:password`, or nothing. */
function readLogin(text = ""): { username?: string; password?: string } | null {
  const [username = "", ...rest] = text.split(":");
  const password = rest.join(":");
  try {
    return {
      ...(username !== "" && { username: decodeURIComponent(username) }),
      ...(password !== "" && { password: decodeURIComponent(password) }),
    };
  } catch {
    return null;
  }
}

const mistake = (message: string): AddressMistake => ({ kind: "mistake", message });
