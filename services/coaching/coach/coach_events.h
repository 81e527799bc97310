// What the coach does with events: answers messages, and learns about the person.
//
// No reply is shown, sent or stored before services/coaching/lib/safety has checked it; a blocked
// reply is replaced by a fixed text. If the reply does not fit the turn (reply/fit.h), or all
// models failed, the local coach replies instead. Metrics: coach_replies_refused_total{reason},
// coach_replies_replaced_total{reason}.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/events/handling.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "selfology/ai/v1/ai_service_client.h"
#include "selfology/events/v1/analysis.pb.h"
#include "selfology/events/v1/chat.pb.h"
#include "selfology/events/v1/notification.pb.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "selfology/events/v1/profile.pb.h"
#include "selfology/events/v1/system.pb.h"
#include "services/coaching/coach/growing_reply.h"
#include "services/coaching/coach/local_coach.h"
#include "services/coaching/coach/memory/preparation.h"
#include "services/coaching/lib/safety/reply_check.h"

namespace selfology::coach {

class CoachEvents {
 public:
  // The references must outlive it. reply_timeout: how long a model may take for a reply.
  CoachEvents(postgres::Database& database, ai::v1::AiServiceClient ai, GrowingReplies& growing,
              observe::Metrics& metrics, std::shared_ptr<const LocalCoach> local_coach,
              absl::Duration reply_timeout)
      : database_(database),
        ai_(std::move(ai)),
        growing_(growing),
        metrics_(metrics),
        local_coach_(std::move(local_coach)),
        reply_timeout_(reply_timeout) {}

  // Asks the model, then stores and publishes the reply, with what the message changes in memory
  // and plan; without a model the local coach replies, so that a person is never left without a
  // word and their later messages are not held up. Tells an insight when it is time for one.
  absl::Status Reply(const events::v1::UserMessageReceived& event,
                     events::Handling& handling) const;

  absl::Status LearnNewProfile(const events::v1::ProfileCreated& event,
                               events::Handling& handling) const;
  absl::Status LearnUpdatedProfile(const events::v1::ProfileUpdated& event,
                                   events::Handling& handling) const;
  absl::Status NoteAnswer(const events::v1::AnswerAnalyzedDeep& event,
                          events::Handling& handling) const;
  // Keeps an answer for recall, and remembers what it names.
  absl::Status KeepAnswer(const events::v1::UserAnswerSubmitted& event,
                          events::Handling& handling) const;
  absl::Status LearnPreferences(const events::v1::PreferencesChanged& event,
                                events::Handling& handling) const;
  absl::Status KeepInsight(const events::v1::InsightGenerated& event,
                           events::Handling& handling) const;

 private:
  struct Made {
    v1::Message reply;
    std::string language;  // Of the reply.
    Preparation prepared;
    bool refused = false;  // What the model said; the reply is another.
  };
  absl::StatusOr<Made> MakeReply(const Call& call, const v1::Message& message,
                                 std::string_view language) const;
  absl::StatusOr<ai::v1::Completion> Complete(const Call& call, int64_t message_id,
                                              const ai::v1::CompletionInput& input,
                                              const safety::ReplyContext& context) const;
  // What the model said if it fits, else the local coach's words.
  ai::v1::Completion Fitting(absl::StatusOr<ai::v1::Completion> completion,
                             const ai::v1::CompletionInput& input, const Past& past,
                             const Preparation& prepared) const;
  void NoteReplaced(std::string_view reason) const;
  // Whether it may be said; notes why not.
  bool MayBeSaid(std::string_view reply, const safety::ReplyContext& context) const;
  // In the words of the coach; as it is when there is no model. Empty: it may not be said.
  std::string Words(const Call& call, const events::v1::InsightGenerated& insight) const;

  postgres::Database& database_;
  const ai::v1::AiServiceClient ai_;
  GrowingReplies& growing_;
  observe::Metrics& metrics_;
  const std::shared_ptr<const LocalCoach> local_coach_;
  const absl::Duration reply_timeout_;
};

}  // namespace selfology::coach
