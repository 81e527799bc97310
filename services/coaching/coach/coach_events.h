// What the coach does with events: answers messages, and learns about the person.
//
// No reply is shown, told or stored before services/coaching/lib/safety has found nothing wrong
// with it; another is said instead. Metric: coach_replies_refused_total{reason}.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/events/handling.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "selfology/ai/v1/ai_service_client.h"
#include "selfology/events/v1/analysis.pb.h"
#include "selfology/events/v1/chat.pb.h"
#include "selfology/events/v1/profile.pb.h"
#include "selfology/events/v1/system.pb.h"
#include "services/coaching/coach/growing_reply.h"
#include "services/coaching/lib/safety/reply_check.h"

namespace selfology::coach {

class CoachEvents {
 public:
  // The references must outlive it.
  CoachEvents(postgres::Database& database, ai::v1::AiServiceClient ai, GrowingReplies& growing,
              observe::Metrics& metrics)
      : database_(database), ai_(std::move(ai)), growing_(growing), metrics_(metrics) {}

  // Asks the model, then stores and publishes the reply; without one, an apology, so that a person
  // is never left without a word and their later messages are not held up. Tells an insight when it
  // is time for one.
  absl::Status Reply(const events::v1::UserMessageReceived& event,
                     events::Handling& handling) const;

  absl::Status LearnNewProfile(const events::v1::ProfileCreated& event,
                               events::Handling& handling) const;
  absl::Status LearnUpdatedProfile(const events::v1::ProfileUpdated& event,
                                   events::Handling& handling) const;
  absl::Status NoteAnswer(const events::v1::AnswerAnalyzedDeep& event,
                          events::Handling& handling) const;
  absl::Status KeepInsight(const events::v1::InsightGenerated& event,
                           events::Handling& handling) const;

 private:
  struct Made {
    v1::Message reply;
    bool failed = false;
    bool refused = false;  // What the model said; the reply is another.
  };
  absl::StatusOr<Made> MakeReply(const Call& call, const v1::Message& message,
                                 std::string_view language) const;
  absl::StatusOr<ai::v1::Completion> Complete(const Call& call, int64_t message_id,
                                              const ai::v1::CompletionInput& input,
                                              const safety::ReplyContext& context) const;
  // Whether it may be said; notes why not.
  bool MayBeSaid(std::string_view reply, const safety::ReplyContext& context) const;
  // In the words of the coach; as it is when there is no model. Empty: it may not be said.
  std::string Words(const Call& call, const events::v1::InsightGenerated& insight) const;

  postgres::Database& database_;
  const ai::v1::AiServiceClient ai_;
  GrowingReplies& growing_;
  observe::Metrics& metrics_;
};

}  // namespace selfology::coach
