#!/bin/bash
# Something that happens to a person, by gRPC: change_profile.sh HOST:PORT PERSON NUMBER
set -eu
exec grpcurl -plaintext -d "{\"profile\": {\"user_id\": $2, \"domain_affinities\": {\"WORK\": 0.$3}}, \"allow_missing\": true,
  \"idempotency_key\": \"affinity $3\"}" "$1" selfology.profile.v1.ProfileService/UpdateProfile >/dev/null
