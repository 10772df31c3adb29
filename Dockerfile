# One image for API and workers; docker-compose.yml and deploy/kubernetes say which is which. There is no build step: Node runs the
# TypeScript. Pin the digest that you have tested: docker build --build-arg NODE=node:24.21.0-slim@sha256:...
ARG NODE=node:24.21.0-slim

FROM ${NODE} AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# Without install scripts: the only one we need elsewhere brings Node 24, which this image has.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${NODE}
WORKDIR /app
# The heap ends before the container's 512 MB do: a process that needs more ends with a message instead of being shot.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 NODE_OPTIONS=--max-old-space-size=384
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY src src
COPY workers workers
COPY deploy/tourniquet /usr/local/bin/tourniquet
USER 10001:10001
EXPOSE 8080
# Of the API. A worker listens to nobody: one that is wedged ends itself, and whoever supervises it starts another.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tourniquet"]
CMD ["api"]
