#!/bin/sh
# Creates the namespace and CalmOps' search attributes on the server at TEMPORAL_ADDRESS, once it is
# healthy. Safe to run again: what is there is left as it is.
set -eu

: "${TEMPORAL_ADDRESS:?the address of the Temporal server, such as temporal:7233}"
namespace=${TEMPORAL_NAMESPACE:-default}
retention=${RETENTION:-30d}
attempts=60

# A new cluster, and each new namespace on it, needs some seconds until every part knows of it.
persist() {
  attempt=1
  until "$@"; do
    if [ "$attempt" -ge "$attempts" ]; then
      echo "bootstrap: gave up after $attempts attempts: $*" >&2
      exit 1
    fi
    attempt=$((attempt + 1))
    sleep 2
  done
}

namespace_exists() {
  temporal operator namespace describe --namespace "$namespace" >/dev/null 2>&1
}

create_namespace() {
  namespace_exists ||
    temporal operator namespace create --namespace "$namespace" --retention "$retention"
}

create_attribute() {
  temporal operator search-attribute create --namespace "$namespace" --name "$1" --type "$2"
}

persist temporal operator cluster health
persist create_namespace
persist create_attribute CalmopsPipeline Keyword
persist create_attribute CalmopsFile Keyword
persist create_attribute CalmopsStage Keyword
persist create_attribute CalmopsAction Keyword
persist create_attribute CalmopsOutcome Keyword
persist create_attribute CalmopsBreaker Keyword
persist create_attribute CalmopsDriftScore Double
echo "bootstrap: namespace '$namespace' at $TEMPORAL_ADDRESS is ready"
