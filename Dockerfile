# One image for API and workers; docker-compose.yml says which is which. There is no build step: Node runs the TypeScript.
FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# Without install scripts: the only one we need elsewhere brings Node 24, which this image has.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-slim
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY src src
COPY workers workers
RUN printf '#!/bin/sh\nexec node /app/src/cli/main.ts "$@"\n' > /usr/local/bin/tourniquet && chmod 755 /usr/local/bin/tourniquet
USER 10001:10001
EXPOSE 8080
ENTRYPOINT ["node", "/app/src/cli/main.ts"]
CMD ["api"]
