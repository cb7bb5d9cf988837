# Debian, not Alpine: Temporal's core and DuckDB are built against glibc.
# `@sha256:…` pins the image; `deploy/pin-images.sh` puts it into .env.
ARG NODE_DIGEST=
FROM node:22-bookworm-slim${NODE_DIGEST} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No package needs its install script here: native parts come as files.
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force
# The package carries Temporal's core for five platforms, about 30 MB each.
RUN cd node_modules/@temporalio/core-bridge/releases \
  && find . -mindepth 1 -maxdepth 1 ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -r {} +

FROM dependencies AS build
COPY . .
# A worker in this image starts without webpack.
RUN node scripts/build.mjs && node --import tsx worker/build-bundle.ts

FROM node:22-bookworm-slim${NODE_DIGEST}
ENV NODE_ENV=production \
  CALMOPS_WORKFLOW_BUNDLE=/app/dist/workflow-bundle.js
WORKDIR /app
# New named volumes take their owner from the folders they are mounted on.
RUN mkdir -p /var/lib/calmops /var/log/calmops inbox mounted/pipelines \
  && chown node:node /var/lib/calmops /var/log/calmops
COPY --from=build /app ./
USER node
EXPOSE 8501
CMD ["node", "--enable-source-maps", "build/calmops.js", "worker"]
