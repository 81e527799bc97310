// Analysis over the real thing, with an AI and a session room that do what the test says.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/ai/v1/ai_service_client.h"
#include "selfology/analysis/v1/analysis_service_client.h"
#include "selfology/events/v1/analysis.pb.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "selfology/events/v1/system.pb.h"
#include "selfology/session/v1/session_service_client.h"
#include "services/coaching/analysis/catch_up.h"
#include "services/coaching/analysis/fake_peers_test.h"
#include "services/coaching/analysis/settings.h"
#include "services/coaching/lib/lexicon/lexicon.h"
#include "testing/mesh_test.h"
#include "testing/proto_matchers.h"
#include "testing/serving_module.h"

namespace selfology::analysis {

using events::v1::AnswerAnalyzedDeep;
using events::v1::AnswerAnalyzedInstant;
using events::v1::InsightGenerated;
using events::v1::TraitExtracted;
using events::v1::UserAnswerSubmitted;

class AnalysisTest : public testing::MeshTest {
 protected:
  static constexpr int64_t kUser = 123456;
  static constexpr char kText[] = "I feel most alive when creating art and helping others grow.";

  // The AI may take its time unless a test is about that.
  void SetUp() override { Start(absl::Seconds(20)); }
  void TearDown() override { ai_->Release(); }

  void Start(absl::Duration instant_budget) {
    StopMesh();
    StartMesh(testing::Modules(MakeModule(instant_budget), testing::ServingModule("ai", ai_),
                               testing::ServingModule("session", sessions_)),
              [this](service::Settings& settings) { settings.clock = clock(); });
    analysis_.emplace(Peer("analysis"));
  }

  std::function<absl::Time()> clock() {
    return [this] { return absl::Now() + absl::Seconds(ahead_seconds_.load()); };
  }
  void Pass(absl::Duration time) { ahead_seconds_ += absl::ToInt64Seconds(time); }

  static session::v1::Answer AnAnswer(int64_t answer_id, std::string text = kText) {
    session::v1::Answer answer;
    answer.set_answer_id(answer_id);
    answer.set_user_id(kUser);
    answer.set_session_id(1);
    answer.set_question_id(absl::StrCat("q_identity_", answer_id));
    answer.set_question_text("What makes you feel most alive?");
    answer.set_domain("IDENTITY");
    answer.set_depth_level(question::v1::DEPTH_LEVEL_CONSCIOUS);
    answer.set_answer_text(std::move(text));
    answer.set_language("en");
    *answer.mutable_created_at() = timestamps::ToProto(absl::Now());
    return answer;
  }
  // In which the AI's pattern "creating" shows, each time in other words.
  static session::v1::Answer OfCreating(int64_t answer_id) {
    return AnAnswer(answer_id,
                    absl::StrCat("I spent day ", answer_id, " creating masks with my neighbours."));
  }
  static UserAnswerSubmitted Submitted(const session::v1::Answer& answer) {
    UserAnswerSubmitted event;
    event.set_user_id(answer.user_id());
    event.set_session_id(answer.session_id());
    event.set_question_id(answer.question_id());
    event.set_question_text(answer.question_text());
    event.set_domain(answer.domain());
    event.set_depth_level(answer.depth_level());
    event.set_answer_text(answer.answer_text());
    event.set_answer_id(answer.answer_id());
    event.set_language(answer.language());
    return event;
  }
  // The session room stores it and tells of it.
  void Submit(const session::v1::Answer& answer) {
    sessions_->Add(answer);
    Publish(Submitted(answer));
  }
  void AwaitBothPhases(size_t answers) {
    AwaitHandled("analysis_worker", answers);
    AwaitHandled("analysis_worker.deep", answers);
  }

  template <typename Request>
  static Request For(int64_t answer_id) {
    Request request;
    request.set_user_id(kUser);
    request.set_answer_id(answer_id);
    return request;
  }
  v1::Analysis Get(int64_t answer_id) {
    const auto response =
        analysis_->GetAnalysis(Deadline(), For<v1::GetAnalysisRequest>(answer_id));
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->analysis() : v1::Analysis();
  }

  // The timer, run by the test.
  absl::Status CatchUpNow() {
    auto analyst = std::make_shared<Analyst>(
        ai::v1::AiServiceClient(Peer("ai")),
        std::make_shared<lexicon::Lexicon>(*lexicon::Lexicon::BuiltIn()),
        std::make_shared<trait_evidence::SignRules>(*trait_evidence::SignRules::BuiltIn()),
        Analyst::Options());
    return CatchUp(DatabaseAs("selfology_analysis"), analyst,
                   session::v1::SessionServiceClient(Peer("session")), clock())
        .Run(Deadline());
  }

  std::shared_ptr<FakeAi> ai_ = std::make_shared<FakeAi>();
  std::shared_ptr<FakeSessions> sessions_ = std::make_shared<FakeSessions>();
  std::optional<v1::AnalysisServiceClient> analysis_;
  std::atomic<int64_t> ahead_seconds_ = 0;
};

}  // namespace selfology::analysis
