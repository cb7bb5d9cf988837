#!/bin/sh
# Writes into .env, for every image that docker-compose.yml and the Dockerfile use, the digest that its tag has in the
# registry now. Needs Docker with buildx, and the registry.
set -eu

cd "$(dirname "$0")/.."
value() { sed -n "s/^$1=//p" .env; }

pin() {
  variable=$1
  image=$2
  digest=$(docker buildx imagetools inspect "$image" --format '{{.Manifest.Digest}}')
  case $digest in
    sha256:*) ;;
    *)
      echo "pin-images: $image: expected a digest such as sha256:…, got '$digest'" >&2
      exit 1
      ;;
  esac
  sed "s|^$variable=.*|$variable=@$digest|" .env >.env.part
  mv .env.part .env
  echo "$image@$digest"
}

pin NODE_DIGEST node:22-bookworm-slim
pin TEMPORAL_CLI_DIGEST "temporalio/temporal:$(value TEMPORAL_CLI_VERSION)"
pin TEMPORAL_SERVER_DIGEST "temporalio/server:$(value TEMPORAL_SERVER_VERSION)"
pin TEMPORAL_ADMIN_DIGEST "temporalio/admin-tools:$(value TEMPORAL_SERVER_VERSION)"
pin TEMPORAL_UI_DIGEST "temporalio/ui:$(value TEMPORAL_UI_VERSION)"
pin POSTGRES_DIGEST "postgres:$(value POSTGRES_VERSION)"
