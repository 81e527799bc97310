// Every reason of selfology.mesh.v1.ErrorCode is raised here over gRPC, with its gRPC code, or is
// listed as reserved: who adds a reason adds a line.
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/identity/caller.h"
#include "common/identity/roles.h"
#include "common/rpc/channel.h"
#include "common/status/status.h"
#include "gtest/gtest.h"
#include "selfology/ai/v1/ai_service_client.h"
#include "selfology/analysis/v1/analysis_service_client.h"
#include "selfology/coach/v1/coach_service_client.h"
#include "selfology/mesh/v1/dead_letter_service_client.h"
#include "selfology/mesh/v1/error.pb.h"
#include "selfology/profile/v1/profile_service_client.h"
#include "selfology/question/v1/question_service_client.h"
#include "selfology/relay/v1/outbox_relay_service_client.h"
#include "selfology/security/v1/access_service_client.h"
#include "selfology/security/v1/api_key_service_client.h"
#include "selfology/security/v1/token_service_client.h"
#include "selfology/security/v1/verification_service_client.h"
#include "selfology/session/v1/session_service_client.h"
#include "selfology/telegram/v1/telegram_gateway_service_client.h"
#include "selfology/trait/v1/trait_service_client.h"
#include "tests/errors/task_cases_test.h"
#include "tests/errors/user_cases_test.h"
#include "tests/errors/whole_mesh_test.h"

namespace selfology {
namespace {

constexpr std::string_view kPrefix = "ERROR_CODE_";

// What is never raised, and why.
const std::map<std::string, std::string, std::less<>>& Reserved() {
  static const auto& reserved = *new std::map<std::string, std::string, std::less<>>{
      {"UNSPECIFIED", "the zero value, never sent"},
      {"INSIGHT_NOT_FOUND", "no RPC reads one insight: they are only listed"},
  };
  return reserved;
}

constexpr int64_t kStranger = 77;     // Of whom nothing is known.
constexpr int64_t kPerson = 123'456;  // Who has agreed.
constexpr int64_t kAsked = 123'457;   // Who is asked everything.
constexpr int64_t kAllBits = -1;      // Ten bytes on the wire.
constexpr char kToken[] = "kPerson's";
constexpr char kEvent[] = "01890000-0000-7000-8000-000000000001";

class ErrorsTest : public WholeMeshTest {
 protected:
  struct Case {
    std::string reason;
    std::function<absl::Status()> raise;
  };

  // All of it works while access is enforced, too.
  void Adjust(service::Settings& settings) override {
    settings.enforce_access = true;
    settings.authenticate = [](const Call&, std::string_view authorization)
        -> absl::StatusOr<std::shared_ptr<const identity::Caller>> {
      if (authorization != absl::StrCat("Bearer ", kToken)) {
        return status::Error(mesh::v1::ERROR_CODE_UNAUTHENTICATED, "another token");
      }
      return std::make_shared<const identity::Caller>(
          identity::Caller{.kind = identity::Caller::Kind::kPerson,
                           .user_id = kPerson,
                           .permissions = identity::PatternsOf({})});
    };
  }

  void SetUp() override {
    absl::SetFlag(&FLAGS_user_oidc_providers, service::Secret{provider_.Setting()});
    WholeMeshTest::SetUp();
    if (HasFatalFailure()) return;
    const std::shared_ptr<rpc::Channel> service = Peer()->As({.service = "errors_test"});
    ai_.emplace(service);
    analyses_.emplace(service);
    coach_.emplace(service);
    dead_letters_.emplace(service);
    profiles_.emplace(service);
    questions_.emplace(service);
    relay_.emplace(service);
    sessions_.emplace(service);
    access_.emplace(service);
    api_keys_.emplace(service);
    tokens_.emplace(service);
    verification_.emplace(service);
    telegram_gateway_.emplace(service);
    traits_.emplace(service);
  }

  // A request of one person.
  template <typename Request>
  static Request Of(int64_t user_id) {
    Request request;
    request.set_user_id(user_id);
    return request;
  }

  std::vector<Case> AiCases() {
    // Every task has a local model behind its chain; vectors have none.
    const auto embed = [this](int status) {
      models().RefuseVectors(status);
      ai::v1::EmbedRequest request;
      request.add_texts("Hello");
      absl::Status failure = ai_->Embed(Hurried(), request).status();
      models().RefuseVectors(200);
      return failure;
    };
    return {
        {"AI_API_TIMEOUT", [=] { return embed(408); }},
        {"FALLBACK_CHAIN_EXHAUSTED", [=] { return embed(400); }},
    };
  }

  std::vector<Case> TelegramCases() {
    const auto send = [this](int64_t user_id, std::string key) {
      auto request = Of<telegram::v1::SendMessageRequest>(user_id);
      request.set_message_text("Hello");
      request.set_idempotency_key(std::move(key));
      return telegram_gateway_->SendMessage(Deadline(), request).status();
    };
    return {
        {"USER_UNREACHABLE", [=] { return send(kStranger, "unreachable"); }},
        {"RATE_LIMITED",
         [this, send] {
           const int64_t ann = *telegram().AddUser({.first_name = "Ann", .language_code = "en"});
           telegram().AddFault(
               {.method = "sendMessage", .times = 1, .error_code = 429, .retry_after_s = 30});
           return send(ann, "limited");
         }},
    };
  }

  std::vector<Case> ProfileCases() {
    return {
        {"INVALID_ARGUMENT", [this] { return profiles_->GetProfile(Deadline(), {}).status(); }},
        {"REQUEST_TOO_LARGE",
         [this] {
           profile::v1::BatchGetProfilesRequest request;
           request.mutable_user_ids()->Resize(1 << 19, kAllBits);
           return profiles_->BatchGetProfiles(Deadline(), request).status();
         }},
        {"PROFILE_NOT_FOUND",
         [this] {
           return profiles_->GetProfile(Deadline(), Of<profile::v1::GetProfileRequest>(kStranger))
               .status();
         }},
        {"VERSION_CONFLICT",
         [this] {
           EXPECT_TRUE(UpdateProfile("first", 0).ok());
           return UpdateProfile("second", 7);
         }},
        {"TRAIT_NOT_FOUND",
         [this] {
           EXPECT_TRUE(UpdateProfile("somebody", 0).ok());
           auto request = Of<profile::v1::CorrectTraitRequest>(kPerson);
           request.set_trait_name("charm");
           request.set_fit(profile::v1::TRAIT_FIT_RIGHT);
           return profiles_->CorrectTrait(Deadline(), request).status();
         }},
        {"STATEMENT_NOT_FOUND",
         [this] {
           auto request = Of<trait::v1::RateStatementRequest>(kPerson);
           request.set_statement_id("mini_ipip_21");
           request.set_rating(3);
           return traits_->RateStatement(Deadline(), request).status();
         }},
        // The models make no vectors.
        {"SERVICE_DEGRADED",
         [this] {
           models().RefuseVectors(400);
           absl::Status failure =
               profiles_
                   ->SearchSimilarProfiles(Hurried(),
                                           Of<profile::v1::SearchSimilarProfilesRequest>(kPerson))
                   .status();
           models().RefuseVectors(200);
           return failure;
         }},
    };
  }

  absl::Status UpdateProfile(std::string key, int64_t version) {
    profile::v1::UpdateProfileRequest request;
    request.mutable_profile()->set_user_id(kPerson);
    request.mutable_profile()->set_version(version);
    request.mutable_profile()->mutable_core_dynamics()->set_resilience(0.5);
    request.set_idempotency_key(std::move(key));
    request.set_allow_missing(true);
    return profiles_->UpdateProfile(Hurried(), request).status();
  }

  // Agrees, and gives the session once it has its first question.
  session::v1::Session Begin(int64_t user_id) {
    auto consent = Of<session::v1::RecordConsentRequest>(user_id);
    consent.set_granted(true);
    consent.set_policy_version("2025-10-01");
    consent.set_language("en");
    EXPECT_TRUE(sessions_->RecordConsent(Deadline(), consent).ok());
    session::v1::Session session;
    Await("the first question", [&] {
      const auto open = sessions_->GetActiveSession(
          Deadline(), Of<session::v1::GetActiveSessionRequest>(user_id));
      if (open.ok()) session = open->session();
      return !session.current_question_id().empty();
    });
    return session;
  }

  absl::StatusOr<session::v1::SubmitAnswerResponse> Answer(std::string key,
                                                           std::string question_id) {
    auto request = Of<session::v1::SubmitAnswerRequest>(kPerson);
    request.set_idempotency_key(std::move(key));
    request.set_question_id(std::move(question_id));
    request.set_answer_text("I paint.");
    return sessions_->SubmitAnswer(Deadline(), request);
  }

  std::vector<Case> SessionCases() {
    return {
        {"SESSION_NOT_FOUND",
         [this] {
           return sessions_
               ->PauseSession(Deadline(), Of<session::v1::PauseSessionRequest>(kStranger))
               .status();
         }},
        {"ANSWER_NOT_FOUND",
         [this] {
           auto request = Of<session::v1::GetAnswerRequest>(kStranger);
           request.set_answer_id(1);
           return sessions_->GetAnswer(Deadline(), request).status();
         }},
        {"SESSION_TOO_SHORT",
         [this] {
           session_ = Begin(kPerson);
           auto request = Of<session::v1::CompleteSessionRequest>(kPerson);
           request.set_reason(session::v1::COMPLETION_REASON_REQUESTED);
           return sessions_->CompleteSession(Deadline(), request).status();
         }},
        {"NO_QUESTION_PENDING",
         [this] {
           auto request = Of<question::v1::SkipQuestionRequest>(kPerson);
           request.set_session_id(session_.session_id());
           request.set_question_id("another");
           return questions_->SkipQuestion(Deadline(), request).status();
         }},
        {"ANSWER_ALREADY_SUBMITTED",
         [this] {
           const auto first = Answer("first", session_.current_question_id());
           EXPECT_TRUE(first.ok()) << first.status();
           if (first.ok()) answer_id_ = first->answer().answer_id();
           return Answer("second", session_.current_question_id()).status();
         }},
        {"SESSION_NOT_ACTIVE",
         [this] {
           EXPECT_TRUE(
               sessions_->PauseSession(Deadline(), Of<session::v1::PauseSessionRequest>(kPerson))
                   .ok());
           return Answer("paused", "").status();
         }},
        {"CONSENT_REQUIRED",
         [this] {
           auto refusal = Of<session::v1::RecordConsentRequest>(kPerson);
           refusal.set_policy_version("2025-10-01");
           EXPECT_TRUE(sessions_->RecordConsent(Deadline(), refusal).ok());
           return sessions_
               ->ResumeSession(Deadline(), Of<session::v1::ResumeSessionRequest>(kPerson))
               .status();
         }},
        {"QUESTION_NOT_FOUND",
         [this] {
           question::v1::GetQuestionRequest request;
           request.set_question_id("q_none");
           return questions_->GetQuestion(Deadline(), request).status();
         }},
        {"NO_QUESTIONS_LEFT",
         [this] {
           auto request = Of<question::v1::SelectNextQuestionRequest>(kAsked);
           request.set_session_id(Begin(kAsked).session_id());
           absl::Status status;
           for (int answers = 0; status.ok() && answers < 100; ++answers) {
             request.set_answers_given(answers);
             status = questions_->SelectNextQuestion(Deadline(), request).status();
           }
           return status;
         }},
    };
  }

  std::vector<Case> AnalysisCases() {
    return {
        {"ANALYSIS_NOT_FOUND",
         [this] {
           auto request = Of<analysis::v1::GetAnalysisRequest>(kStranger);
           request.set_answer_id(1);
           return analyses_->GetAnalysis(Deadline(), request).status();
         }},
        {"ANALYSIS_FAILED",
         [this] {
           models().Be(200, R"({"insights": 1})");
           auto request = Of<analysis::v1::ReanalyzeAnswerRequest>(kPerson);
           request.set_answer_id(answer_id_);
           request.set_after_revision(1'000);  // Whatever there is.
           absl::Status status;
           Await("the first analysis, by its event", [&] {
             status = analyses_->ReanalyzeAnswer(Deadline(), request).status();
             return status::Reason(status) != "ANALYSIS_NOT_FOUND";
           });
           return status;
         }},
    };
  }

  std::vector<Case> CoachCases() {
    return {
        {"CONVERSATION_NOT_FOUND",
         [this] {
           return coach_
               ->GetConversation(Deadline(), Of<coach::v1::GetConversationRequest>(kStranger))
               .status();
         }},
        {"CONVERSATION_ENDED",
         [this] {
           auto start = Of<coach::v1::StartConversationRequest>(kAsked);
           start.set_idempotency_key("conversation");
           const auto started = coach_->StartConversation(Deadline(), start);
           if (!started.ok()) return started.status();
           EXPECT_TRUE(
               coach_->EndConversation(Deadline(), Of<coach::v1::EndConversationRequest>(kAsked))
                   .ok());
           auto late = Of<coach::v1::SendMessageRequest>(kAsked);
           late.set_conversation_id(started->conversation().conversation_id());
           late.set_idempotency_key("late");
           late.set_message_text("Anybody?");
           return coach_->SendMessage(Deadline(), late).status();
         }},
        {"MESSAGE_NOT_FOUND",
         [this] {
           auto request = Of<coach::v1::StreamReplyRequest>(kStranger);
           request.set_message_id(1);
           return coach_->StreamReply(Deadline(), request, [](const auto&) { return true; });
         }},
        {"MEMORY_NOT_FOUND",
         [this] {
           auto request = Of<coach::v1::UpdateMemoryRequest>(kStranger);
           request.mutable_item()->set_memory_id(1);
           request.mutable_item()->set_text("Sasha, brother");
           return coach_->UpdateMemory(Deadline(), request).status();
         }},
    };
  }

  std::vector<Case> AccessCases() {
    const auto list = [this](const std::string& bearer) {
      const trait::v1::TraitServiceClient traits(Peer());
      return traits
          .ListTraitHistory(Deadline().WithToken(bearer),
                            Of<trait::v1::ListTraitHistoryRequest>(kStranger))
          .status();
    };
    return {
        {"UNAUTHENTICATED", [=] { return list("a stranger's"); }},
        {"PERMISSION_DENIED", [=] { return list(kToken); }},
    };
  }

  std::vector<Case> SecurityCases() {
    return {
        {"REFRESH_TOKEN_REFUSED",
         [this] {
           security::v1::RefreshTokensRequest request;
           request.set_refresh_token("rt_unknown");
           return tokens_->RefreshTokens(Deadline(), request).status();
         }},
        {"INIT_DATA_REFUSED",
         [this] {
           security::v1::ExchangeTelegramInitDataRequest request;
           request.set_init_data("hash=0");
           return tokens_->ExchangeTelegramInitData(Deadline(), request).status();
         }},
        {"API_KEY_REFUSED",
         [this] {
           security::v1::VerifyApiKeyRequest request;
           request.set_api_key("sk_unknown");
           return verification_->VerifyApiKey(Deadline(), request).status();
         }},
        {"SERVICE_REFUSED",
         [this] {
           security::v1::IssueServiceTokenRequest request;
           request.set_service("nobody");
           request.set_secret("a guess");
           return tokens_->IssueServiceToken(Deadline(), request).status();
         }},
        {"LOGIN_SESSION_NOT_FOUND",
         [this] {
           auto request = Of<security::v1::RevokeSessionRequest>(kStranger);
           request.set_session_id("unknown");
           return tokens_->RevokeSession(Deadline(), request).status();
         }},
        {"API_KEY_NOT_FOUND",
         [this] {
           auto request = Of<security::v1::RevokeApiKeyRequest>(kStranger);
           request.set_key_id("unknown");
           return api_keys_->RevokeApiKey(Deadline(), request).status();
         }},
        {"GRANT_NOT_FOUND",
         [this] {
           security::v1::RevokeAccessRequest request;
           request.set_grant_id(kAllBits & 0x7fffffff);
           return access_->RevokeAccess(Deadline(), request).status();
         }},
    };
  }

  std::vector<Case> EventCases() {
    return {
        {"DEAD_LETTER_NOT_FOUND",
         [this] {
           mesh::v1::GetDeadLetterRequest request;
           request.set_consumer_group("profile_storage");
           request.set_event_id(kEvent);
           return dead_letters_->GetDeadLetter(Deadline(), request).status();
         }},
        {"INVALID_EVENT_PAYLOAD",
         [this] {
           Execute(absl::StrCat(
               "INSERT INTO selfology.dead_letters (consumer_group, event_id, type,"
               " partition_key, occurred_at, traceparent, trace_id, producer, payload, code,"
               " reason, message, attempts, owner)"
               " VALUES ('profile_storage', '",
               kEvent, "', 'trait.extracted', ", kPerson,
               ", now(), '', '', 'analysis', '', 'INTERNAL', 'INTERNAL', '', 1,"
               " 'selfology_profile')"));
           mesh::v1::UpdateDeadLetterRequest request;
           request.set_consumer_group("profile_storage");
           request.set_event_id(kEvent);
           request.set_payload("no protobuf");
           return dead_letters_->UpdateDeadLetter(Deadline(), request).status();
         }},
        {"EVENT_PUBLISH_FAILED",
         [this] {
           relay::v1::ReplayEventsRequest request;
           request.mutable_start_time()->set_seconds(1);
           request.set_dry_run(true);
           absl::Status status;
           // A relay that has noticed by itself is taking over again and says so instead.
           Await("the relay to try", [&] {
             Execute("ALTER TABLE selfology.outbox RENAME TO outbox_away");
             status = relay_->ReplayEvents(Deadline(), request).status();
             Execute("ALTER TABLE selfology.outbox_away RENAME TO outbox");
             return status::Reason(status) == "EVENT_PUBLISH_FAILED";
           });
           return status;
         }},
    };
  }

  std::vector<Case> OutageCases() {
    return {
        {"INTERNAL",
         [this] {
           Execute("ALTER TABLE selfology.trait_history RENAME TO trait_history_away");
           const absl::Status status =
               traits_
                   ->ListTraitHistory(Deadline(), Of<trait::v1::ListTraitHistoryRequest>(kPerson))
                   .status();
           Execute("ALTER TABLE selfology.trait_history_away RENAME TO trait_history");
           return status;
         }},
        {"SERVICE_UNAVAILABLE",
         [this] {
           postgres_gate().Shut(true);
           return traits_
               ->ListTraitHistory(Deadline(), Of<trait::v1::ListTraitHistoryRequest>(kPerson))
               .status();
         }},
        {"PROFILE_UPDATE_FAILED",
         [this] {
           const absl::Status status = UpdateProfile("outage", 0);
           postgres_gate().Shut(false);
           return status;
         }},
    };
  }

  // The failures that stand in files of their own, by service.
  std::vector<Case> OthersCases() {
    std::vector<Case> cases;
    const std::shared_ptr<rpc::Channel> peer = Peer()->As({.service = "errors_test"});
    for (auto& failures : {UserFailures(peer, kPatience), TaskFailures(peer, kPatience)}) {
      for (const auto& [reason, raise] : failures) cases.push_back({reason, raise});
    }
    return cases;
  }

  const RefusingProvider provider_;
  std::optional<ai::v1::AiServiceClient> ai_;
  std::optional<analysis::v1::AnalysisServiceClient> analyses_;
  std::optional<coach::v1::CoachServiceClient> coach_;
  std::optional<mesh::v1::DeadLetterServiceClient> dead_letters_;
  std::optional<profile::v1::ProfileServiceClient> profiles_;
  std::optional<question::v1::QuestionServiceClient> questions_;
  std::optional<relay::v1::OutboxRelayServiceClient> relay_;
  std::optional<security::v1::AccessServiceClient> access_;
  std::optional<security::v1::ApiKeyServiceClient> api_keys_;
  std::optional<security::v1::TokenServiceClient> tokens_;
  std::optional<security::v1::VerificationServiceClient> verification_;
  std::optional<session::v1::SessionServiceClient> sessions_;
  std::optional<telegram::v1::TelegramGatewayServiceClient> telegram_gateway_;
  std::optional<trait::v1::TraitServiceClient> traits_;
  session::v1::Session session_;  // kPerson's.
  int64_t answer_id_ = 0;
};

TEST_F(ErrorsTest, EveryReasonIsRaisedOverGrpcOrIsReserved) {
  const google::protobuf::EnumDescriptor& codes = *mesh::v1::ErrorCode_descriptor();
  std::set<std::string> raised;
  for (const std::vector<Case>& cases :
       {AiCases(), TelegramCases(), ProfileCases(), SessionCases(), AnalysisCases(), CoachCases(),
        AccessCases(), SecurityCases(), EventCases(), OthersCases(), OutageCases()}) {
    for (const auto& [reason, raise] : cases) {
      const absl::Status status = raise();
      EXPECT_EQ(status::Reason(status), reason) << status;
      const auto* const value = codes.FindValueByName(absl::StrCat(kPrefix, reason));
      ASSERT_NE(value, nullptr) << reason << " is not of the contract";
      EXPECT_EQ(static_cast<int>(status.code()),
                static_cast<int>(value->options().GetExtension(mesh::v1::grpc_code)))
          << status;
      raised.insert(reason);
    }
  }
  for (int i = 0; i < codes.value_count(); ++i) {
    const std::string reason(std::string_view(codes.value(i)->name()).substr(kPrefix.size()));
    EXPECT_NE(raised.contains(reason), Reserved().contains(reason))
        << reason << (raised.contains(reason) ? " is reserved and raised" : " is neither");
  }
}

}  // namespace
}  // namespace selfology
