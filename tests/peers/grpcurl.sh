#!/bin/bash
# grpcurl, which knows nothing but what reflection tells it, against every service: tests/peers/grpcurl.sh HOST:PORT
set -u
address=$1
user=777000777

call() { grpcurl -plaintext -max-time 30 -d "$2" "$address" "$1" 2>&1; }

# check NAME WORDS OUTPUT: whether the words are in the output.
check() {
  case $3 in
    *"$2"*) echo "ok grpcurl: $1" ;;
    *)
      echo "not ok grpcurl: $1"
      echo "$1: \"$2\" is not in: $3" >&2
      ;;
  esac
}

listed=$(grpcurl -plaintext -max-time 30 "$address" list 2>&1)
# All that the contracts hold: "ai.v1.AiService", ...
contracts=$(cd "$(dirname "$0")/../../proto/selfology" && grep -H '^service ' */v1/*.proto |
  sed 's#^\([^/]*\)/v1/.*:service \([A-Za-z]*\).*#\1.v1.\2#')
for service in $contracts; do
  check "lists $service" "selfology.$service" "$listed"
  check "describes $service" "service ${service##*.}" \
    "$(grpcurl -plaintext -max-time 30 "$address" describe "selfology.$service" 2>&1)"
  check "health of $service" '"SERVING"' "$(call grpc.health.v1.Health/Check "{\"service\": \"selfology.$service\"}")"
done
check "lists health" grpc.health.v1.Health "$listed"
check "lists channelz" grpc.channelz "$listed"
check "health of all" '"SERVING"' "$(call grpc.health.v1.Health/Check '{}')"

check ai '"models"' "$(call selfology.ai.v1.AiService/ListModels '{}')"
for task in TASK_COACH_REPLY TASK_SUMMARY; do
  check "local model of $task" '"text"' "$(call selfology.ai.v1.LocalModelService/CompleteLocally \
    "{\"input\": {\"task\": \"$task\", \"max_tokens\": 200,
      \"messages\": [{\"role\": \"ROLE_USER\", \"content\": \"Hi\"}]}}")"
done
check "local vectors" '"embeddings"' "$(call selfology.ai.v1.LocalModelService/EmbedLocally \
  '{"texts": ["Hi"], "dimensions": 8}')"
check analysis brief_insight "$(call selfology.analysis.v1.AnalysisService/AnalyzeInstant \
  '{"answer_text": "I love to paint and to learn new things.", "language": "en"}')"
check coaching_dialog '"titles"' \
  "$(call selfology.telegram.v1.DialogService/DescribeDialog '{"dialog": "coaching_dialog"}')"
check coach CONSENT_REQUIRED "$(call selfology.coach.v1.CoachService/StartConversation \
  "{\"user_id\": $user, \"idempotency_key\": \"peers\"}")"
check profile '"version": "1"' "$(call selfology.profile.v1.ProfileService/UpdateProfile \
  "{\"profile\": {\"user_id\": $user, \"big_five\": {\"openness\": {\"value\": 0.8, \"confidence\": 0.5}}},
    \"allow_missing\": true, \"idempotency_key\": \"peers\"}")"
check question IDENTITY "$(call selfology.question.v1.QuestionService/ListDomains '{}')"
check outbox_relay published_total "$(call selfology.relay.v1.OutboxRelayService/GetStatus '{}')"
check realtime profile.created "$(call selfology.realtime.v1.RealtimeService/ListEvents \
  "{\"user_id\": $user, \"wait_seconds\": 25}")"
check session ONBOARDING_STAGE_CONSENT_REQUIRED \
  "$(call selfology.session.v1.SessionService/GetOnboarding "{\"user_id\": $user}")"
check telegram_gateway username "$(call selfology.telegram.v1.TelegramGatewayService/GetBotInfo '{}')"
check trait '"analysis_period_days": 7' \
  "$(call selfology.trait.v1.TraitService/GetTraitEvolution "{\"user_id\": $user, \"period_days\": 7}")"

check "an error has its code" NotFound "$(call selfology.profile.v1.ProfileService/GetProfile '{"user_id": 1}')"
check "an error has its reason" PROFILE_NOT_FOUND \
  "$(call selfology.profile.v1.ProfileService/GetProfile '{"user_id": 1}')"
check "a bad request names the field" user_id "$(call selfology.trait.v1.TraitService/ListTraitHistory '{}')"
