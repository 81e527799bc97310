// Sessions over the real thing, with people who go through them.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "selfology/session/v1/session_service_client.h"
#include "services/coaching/session/module.h"
#include "services/coaching/session/session_service.h"
#include "testing/mesh_test.h"
#include "testing/proto_matchers.h"

namespace selfology::session {

using events::v1::ConsentDeclined;
using events::v1::QuestionSelected;
using events::v1::SessionCompleted;
using events::v1::SessionCreated;
using events::v1::SessionPaused;
using events::v1::SessionResumed;
using events::v1::SessionTimeout;
using events::v1::UserAnswerSubmitted;
using events::v1::UserOnboardingInitiated;

class SessionTest : public testing::MeshTest {
 protected:
  static constexpr int64_t kUser = 123456;

  void SetUp() override {
    StartMesh(testing::Modules(MakeModule()),
              [this](service::Settings& settings) { settings.clock = clock(); });
    sessions_.emplace(Peer("session"));
  }

  // Runs ahead of the real clock by what the test adds.
  SessionService::Clock clock() {
    return [this] { return absl::Now() + absl::Seconds(ahead_seconds_.load()); };
  }
  void Pass(absl::Duration time) { ahead_seconds_ += absl::ToInt64Seconds(time); }

  // The service without the mesh around it, for its timers.
  SessionService Service() {
    return SessionService(DatabaseAs("selfology_session"), clock(), Policy());
  }

  template <typename Request>
  static Request For(int64_t user) {
    Request request;
    request.set_user_id(user);
    return request;
  }

  absl::StatusOr<v1::Onboarding> Consent(int64_t user, bool granted = true,
                                         std::string language = "en") {
    auto request = For<v1::RecordConsentRequest>(user);
    request.set_granted(granted);
    request.set_policy_version(Policy().consent_version);
    request.set_language(std::move(language));
    const auto response = sessions_->RecordConsent(Deadline(), request);
    if (!response.ok()) return response.status();
    return response->onboarding();
  }

  absl::StatusOr<v1::StartOnboardingResponse> Start(int64_t user, std::string key,
                                                    bool restart = false) {
    auto request = For<v1::StartOnboardingRequest>(user);
    request.set_idempotency_key(std::move(key));
    request.set_restart(restart);
    return sessions_->StartOnboarding(Deadline(), request);
  }

  v1::OnboardingStage Stage(int64_t user) {
    return sessions_->GetOnboarding(Deadline(), For<v1::GetOnboardingRequest>(user))
        ->onboarding()
        .stage();
  }

  // With consent, and a session that has begun.
  v1::Session Onboarded(int64_t user, std::string language = "en") {
    EXPECT_TRUE(Consent(user, true, std::move(language)).ok());
    AwaitPublished<SessionCreated>(
        1, [user](const SessionCreated& event) { return event.user_id() == user; });
    return Open(user).value();
  }

  absl::StatusOr<v1::Session> Open(int64_t user) {
    const auto response =
        sessions_->GetActiveSession(Deadline(), For<v1::GetActiveSessionRequest>(user));
    if (!response.ok()) return response.status();
    return response->session();
  }

  // As the question service would.
  void PublishQuestion(const v1::Session& session, std::string id, int number) {
    auto event = For<QuestionSelected>(session.user_id());
    event.set_session_id(session.session_id());
    event.set_question_id(id);
    event.set_question_text(absl::StrCat("What about ", id, "?"));
    event.set_domain("IDENTITY");
    event.set_depth_level(question::v1::DEPTH_LEVEL_CONSCIOUS);
    event.set_question_number(number);
    Publish(event);
  }

  // Publishes it and waits until it is noted.
  void Ask(const v1::Session& session, std::string id, int number) {
    PublishQuestion(session, id, number);
    Await("the question to be noted",
          [&] { return Open(session.user_id())->current_question_id() == id; });
  }

  absl::StatusOr<v1::SubmitAnswerResponse> Answer(int64_t user, std::string question_id,
                                                  std::string text, std::string key) {
    auto request = For<v1::SubmitAnswerRequest>(user);
    request.set_idempotency_key(std::move(key));
    request.set_question_id(std::move(question_id));
    request.set_answer_text(std::move(text));
    return sessions_->SubmitAnswer(Deadline(), request);
  }

  // Asks and answers until the session has so many answers.
  void AnswerUpTo(const v1::Session& session, int answers) {
    for (int number = session.answers_given() + 1; number <= answers; ++number) {
      const std::string question = absl::StrCat("q_", number);
      Ask(session, question, number);
      ASSERT_TRUE(Answer(session.user_id(), question, "Painting.", question).ok());
    }
  }

  std::optional<v1::SessionServiceClient> sessions_;

 private:
  std::atomic<int64_t> ahead_seconds_ = 0;
};

// Runs `work(i)` on so many threads at once.
template <typename Work>
void AtOnce(int threads, const Work& work) {
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i) running.emplace_back([&work, i] { work(i); });
  for (std::thread& thread : running) thread.join();
}

template <typename T>
std::string ReasonOf(const absl::StatusOr<T>& result) {
  return status::Reason(result.status());
}

template <typename T>
std::string FieldOf(const absl::StatusOr<T>& result) {
  const auto violations = status::Violations(result.status());
  return violations.empty() ? "" : violations.front().field;
}

}  // namespace selfology::session
