// What the content service does when posts are due, and when social tells what became of them.
#pragma once

#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/events/handling.h"
#include "common/postgres/database.h"
#include "selfology/events/v1/social.pb.h"
#include "selfology/events/v1/user.pb.h"

namespace selfology::content {

class ContentEvents {
 public:
  using Clock = std::function<absl::Time()>;
  ContentEvents(postgres::Database& database, Clock clock)
      : database_(database), clock_(std::move(clock)) {}

  // Hands posts that are due to social; how many. A post, its state and its events commit together.
  absl::StatusOr<int64_t> HandOver(const Call& call) const;

  absl::Status NotePublished(const events::v1::SocialPostPublished& event,
                             events::Handling& handling) const;
  absl::Status NoteRefused(const events::v1::SocialPostRefused& event,
                           events::Handling& handling) const;
  absl::Status NoteRemoved(const events::v1::SocialPostRemoved& event,
                           events::Handling& handling) const;
  // What stands is published, and what is missing is said.
  absl::Status NoteThreadStopped(const events::v1::SocialThreadStopped& event,
                                 events::Handling& handling) const;
  absl::Status NoteNumbers(const events::v1::SocialPostMeasured& event,
                           events::Handling& handling) const;
  absl::Status DisbandTeam(const events::v1::TeamDeleted& event, events::Handling& handling) const;

 private:
  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::content
