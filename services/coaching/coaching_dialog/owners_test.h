// What the stand-ins for other services (fake_owners_test.h) know and were asked.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/call/call.h"
#include "selfology/coach/v1/coach_service.pb.h"
#include "selfology/notification/v1/preferences.pb.h"
#include "selfology/profile/v1/profile_service.pb.h"
#include "selfology/question/v1/question_service.pb.h"
#include "selfology/session/v1/session_service.pb.h"
#include "selfology/trait/v1/trait_service.pb.h"
#include "selfology/user/v1/linking_service.pb.h"

namespace selfology::coaching_dialog {

// What the stand-ins know and were asked.
class Owners {
 public:
  template <typename F>
  auto Do(F&& f) {
    absl::MutexLock lock(&mutex_);
    return std::forward<F>(f)(*this);
  }

  // Where someone stands; unknown people have not consented.
  session::v1::Onboarding& Of(int64_t user_id) {
    session::v1::Onboarding& onboarding = onboardings[user_id];
    if (onboarding.user_id() == 0) {
      onboarding.set_user_id(user_id);
      onboarding.set_stage(session::v1::ONBOARDING_STAGE_CONSENT_REQUIRED);
      onboarding.set_current_policy_version("2025-10-01");
    }
    return onboarding;
  }

  // What somebody chose; unknown people have the defaults.
  notification::v1::Preferences PreferencesOf(int64_t user_id) {
    if (const auto known = preferences.find(user_id); known != preferences.end()) {
      return known->second;
    }
    notification::v1::Preferences defaults;
    defaults.set_user_id(user_id);
    defaults.set_reminder_minute(19 * 60);
    defaults.set_quiet_from_minute(22 * 60);
    defaults.set_quiet_until_minute(8 * 60);
    defaults.set_days_between_reminders(1);
    return defaults;
  }

  // Fields below only inside of Do, or before the mesh starts.
  std::map<int64_t, session::v1::Onboarding> onboardings;
  std::map<std::string, absl::Status> failures;           // By RPC: "SubmitAnswer"; "Erase.trait".
  std::vector<std::string> calls;                         // Every RPC, in order.
  std::vector<std::string> traces;                        // The trace id of each.
  std::vector<session::v1::SubmitAnswerRequest> answers;  // Each key once.
  std::vector<coach::v1::SendMessageRequest> messages;    // Each key once.
  std::set<std::string> erased;                           // Services.
  std::map<int64_t, profile::v1::Profile> profiles;
  std::map<int64_t, std::vector<trait::v1::TraitEvidence>> evidence;
  std::vector<profile::v1::CorrectTraitRequest> corrections;
  std::map<std::string, question::v1::Question> questions;
  coach::v1::GetMemoryResponse memory;                   // Of everybody.
  std::vector<trait::v1::Statement> statements;          // Those left to rate.
  std::vector<trait::v1::RateStatementRequest> ratings;  // Of each statement the last.
  std::vector<question::v1::SkipQuestionRequest> skipped;
  std::map<int64_t, notification::v1::Preferences> preferences;
  int64_t preference_changes = 0;
  std::string link_code;  // The one that is good.
  std::vector<user::v1::ConfirmLinkRequest> links;
  std::vector<user::v1::ChooseLinkedIdRequest> choices;
  bool choice_required = false;  // Of two accounts that are linked.
  bool day_is_taken = false;     // Another reminder has it.
  bool chat_open = false;
  bool in_crisis = false;

 private:
  absl::Mutex mutex_;
};

// The answer to one RPC: the failure that the test wants, or what `answer` makes of the owners.
template <typename Response>
absl::StatusOr<Response> Answer(Owners& owners, const Call& call, const std::string& rpc,
                                const std::function<absl::StatusOr<Response>(Owners&)>& answer) {
  return owners.Do([&](Owners& o) -> absl::StatusOr<Response> {
    o.calls.push_back(rpc);
    o.traces.push_back(call.trace().trace_id.str());
    if (const auto failure = o.failures.find(rpc); failure != o.failures.end())
      return failure->second;
    return answer(o);
  });
}

// Methods of `Service` that the dialog does not call.
#define NOT_CALLED(Service, Method)                                                              \
  absl::StatusOr<Service::Method##Response> Method(const Call&, const Service::Method##Request&) \
      override {                                                                                 \
    return absl::UnimplementedError(#Method);                                                    \
  }

// Methods of `Service` that have nothing to tell of anybody: for exports.
#define GIVES_NOTHING(Service, Method)                                                           \
  absl::StatusOr<Service::Method##Response> Method(const Call&, const Service::Method##Request&) \
      override {                                                                                 \
    return Service::Method##Response();                                                          \
  }

}  // namespace selfology::coaching_dialog
