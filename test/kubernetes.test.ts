import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { variables } from "../src/config-schema.ts";
import { workerNames } from "../src/queues/jobs.ts";

interface Probe {
  httpGet: { path: string; port: string };
}
interface Container {
  args: string[];
  image: string;
  securityContext: Record<string, unknown>;
  resources: { limits: { memory: string } };
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  startupProbe?: Probe;
  ports?: { name: string; containerPort: number }[];
  envFrom: ({ configMapRef: { name: string } } | { secretRef: { name: string } })[];
  volumeMounts: { name: string; mountPath: string }[];
}
interface Pod {
  terminationGracePeriodSeconds: number;
  securityContext: Record<string, unknown>;
  containers: [Container];
  volumes: { name: string; configMap?: { name: string } }[];
}
interface Manifest {
  kind: string;
  metadata: { name: string };
  data?: Record<string, string>;
  stringData?: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: every kind has its own
  spec: any;
}

const root = fileURLToPath(new URL("../deploy/kubernetes/", import.meta.url));
const manifestsOf = (file: string): Manifest[] =>
  parseAllDocuments(readFileSync(`${root}${file}`, "utf8")).map((document) => {
    expect({ file, errors: document.errors }).toEqual({ file, errors: [] });
    return document.toJS() as Manifest;
  });
const files = globSync("**/*.yaml", { cwd: root });
const all = files.filter((file) => file !== "kustomization.yaml").flatMap(manifestsOf);
const one = (kind: string, name: string) => {
  const found = all.filter((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  expect({ kind, name, count: found.length }).toEqual({ kind, name, count: 1 });
  return found[0]!;
};
const ours = all.filter(({ kind, metadata }) => kind === "Deployment" && metadata.name.startsWith("tourniquet-"));
const podOf = (manifest: Manifest): Pod => manifest.spec.template.spec;
const environment = one("ConfigMap", "tourniquet-environment").data!;

describe("the manifests for Kubernetes", () => {
  it("have a Deployment for the API and for every worker, and for nothing else", () => {
    const started = ours.map((manifest) => podOf(manifest).containers[0].args.join(" "));
    expect(started.sort()).toEqual(["api", ...workerNames.map((name) => `worker ${name}`)].sort());
    for (const manifest of ours)
      expect(manifest.metadata.name).toBe(`tourniquet-${podOf(manifest).containers[0].args.at(-1)}`);
  });

  it("are all listed for kubectl apply -k, but the examples", () => {
    const { resources, images } = parse(readFileSync(`${root}kustomization.yaml`, "utf8"));
    expect([...resources].sort()).toEqual(files.filter((file) => !/example|kustomization/.test(file)).sort());
    expect(images.map(({ name }: { name: string }) => name)).toEqual(["tourniquet"]);
  });

  it("set only variables that exist, secrets in the Secret and nothing else there but what may hold one", () => {
    const secrets = Object.keys(one("Secret", "tourniquet-secrets").stringData!);
    const known = Object.keys(variables);
    expect([...Object.keys(environment), ...secrets].filter((name) => !known.includes(name))).toEqual([]);
    const isSecret = (name: string) => variables[name as keyof typeof variables].secret;
    expect(Object.keys(environment).filter(isSecret)).toEqual([]);
    expect(secrets.filter((name) => !isSecret(name))).toEqual(["REDIS_URL"]);
  });

  it("run without root, without capabilities, on a read-only file system with room in /tmp only", () => {
    for (const manifest of ours) {
      const pod = podOf(manifest);
      const [container] = pod.containers;
      expect(pod.securityContext).toMatchObject({
        runAsNonRoot: true,
        runAsUser: 10_001,
        seccompProfile: { type: "RuntimeDefault" },
      });
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      expect(container.volumeMounts.map(({ mountPath }) => mountPath)).toEqual(["/etc/tourniquet", "/tmp"]);
      expect(container.image).toBe("tourniquet");
    }
  });

  it("get their environment and settings from what is there, and find the settings where TOURNIQUET_CONFIG looks", () => {
    const settings = one("ConfigMap", "tourniquet-settings");
    expect(environment.TOURNIQUET_CONFIG).toBe(`/etc/tourniquet/${Object.keys(settings.data!)[0]}`);
    for (const manifest of ours) {
      const pod = podOf(manifest);
      expect(pod.containers[0].envFrom).toEqual([
        { configMapRef: { name: "tourniquet-environment" } },
        { secretRef: { name: "tourniquet-secrets" } },
      ]);
      expect(pod.volumes.find(({ name }) => name === "settings")?.configMap?.name).toBe(settings.metadata.name);
    }
  });

  it("leave a process longer to drain than its own deadline of 12 s", () => {
    for (const manifest of ours) expect(podOf(manifest).terminationGracePeriodSeconds).toBeGreaterThan(12 + 5);
  });

  it("ask the API at its two ports, for life and for readiness at addresses that it has", () => {
    const [api] = podOf(one("Deployment", "tourniquet-api")).containers;
    expect(api.ports).toEqual([
      { name: "public", containerPort: Number(environment.PORT) },
      { name: "admin", containerPort: Number(environment.ADMIN_PORT) },
    ]);
    for (const probe of [api.startupProbe, api.livenessProbe])
      expect(probe?.httpGet).toEqual({ path: "/healthz", port: "public" });
    expect(api.readinessProbe?.httpGet).toEqual({ path: "/readyz", port: "public" });
  });

  it("lead webhooks to the public port only, and people to the other", () => {
    const rules = (name: string) =>
      one("Ingress", name).spec.rules.flatMap((rule: { http: { paths: unknown[] } }) => rule.http.paths);
    expect(rules("tourniquet-webhooks")).toMatchObject([
      { path: "/webhooks/", backend: { service: { name: "tourniquet", port: { name: "public" } } } },
      { path: "/api/agents/", backend: { service: { name: "tourniquet", port: { name: "public" } } } },
    ]);
    expect(rules("tourniquet-console")).toMatchObject([
      { path: "/", backend: { service: { name: "tourniquet-admin", port: { name: "admin" } } } },
    ]);
    expect(one("Service", "tourniquet").spec.ports).toMatchObject([{ name: "public", port: 8080 }]);
    expect(one("Service", "tourniquet-admin").spec.ports).toMatchObject([{ name: "admin", port: 8081 }]);
  });

  it("select pods that exist, wherever something selects", () => {
    const labels = ours.map((manifest) => manifest.spec.template.metadata.labels as Record<string, string>);
    const selectors = all.flatMap(({ kind, metadata, spec }) => {
      if (metadata.name === "redis") return [];
      if (kind === "Service") return [spec.selector];
      if (kind === "PodDisruptionBudget") return [spec.selector.matchLabels];
      return kind === "NetworkPolicy" ? [spec.podSelector.matchLabels] : [];
    });
    expect(selectors).toHaveLength(6);
    for (const selector of selectors)
      expect(labels.some((own) => Object.entries(selector).every(([name, value]) => own[name] === value))).toBe(true);
    const scaled = all.flatMap(({ spec }) => spec?.scaleTargetRef?.name ?? []);
    for (const name of scaled) one("Deployment", name);
  });
});
