#!/bin/bash
# Profiles in Qdrant: tests/peers/qdrant_journey.sh HOST:PORT QDRANT_URL
set -u
address=$1 points=$2/collections/user_profiles_512d/points
ann=777000101 bea=777000102 carl=777000103

call() { grpcurl -plaintext -max-time 30 -d "$2" "$address" "selfology.profile.v1.ProfileService/$1" 2>&1; }

# check NAME WORDS OUTPUT: whether the words are in the output.
check() {
  case $3 in
    *"$2"*) echo "ok qdrant: $1" ;;
    *)
      echo "not ok qdrant: $1"
      echo "$1: \"$2\" is not in: $3" >&2
      ;;
  esac
}

# profile USER OPENNESS CONSCIENTIOUSNESS
profile() {
  call UpdateProfile "{\"profile\": {\"user_id\": $1, \"big_five\": {
      \"openness\": {\"value\": $2, \"confidence\": 0.9},
      \"conscientiousness\": {\"value\": $3, \"confidence\": 0.9}}},
    \"allow_missing\": true, \"idempotency_key\": \"qdrant\"}"
}
check "a profile is made" '"version": "1"' "$(profile $ann 0.9 0.1)"
check "and another like it" '"version": "1"' "$(profile $bea 0.9 0.1)"
check "and one unlike it" '"version": "1"' "$(profile $carl 0.1 0.9)"

end=$((SECONDS + 60))
until [ $SECONDS -gt $end ] || { curl -sf "$points/$ann" && curl -sf "$points/$bea" && curl -sf "$points/$carl"; } >/dev/null
do :; done
point=$(curl -s "$points/$ann")
check "a point has whose it is" "\"user_id\": $ann" "$point"
check "a point has a summary" '"profile_summary": "high openness' "$point"
check "a point has the time" "\"created_at\": \"$(date -u +%Y-)" "$point"

alike=$(call SearchSimilarProfiles "{\"user_id\": $ann, \"limit\": 1}")
check "the most alike is found" "\"user_id\": \"$bea\"" "$alike"
check "with its summary" '"profile_summary": "high openness' "$alike"

call DeleteUserData "{\"user_id\": $bea}" >/dev/null
end=$((SECONDS + 60))
until [ $SECONDS -gt $end ] || [ "$(curl -s -o /dev/null -w '%{http_code}' "$points/$bea")" = 404 ]; do :; done
check "who is erased is gone" "does not exist" "$(curl -s "$points/$bea")"
alike=$(call SearchSimilarProfiles "{\"user_id\": $ann, \"limit\": 10}")
check "and the others are not" "\"user_id\": \"$carl\"" "$alike"
