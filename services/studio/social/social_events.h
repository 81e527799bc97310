// What the social service does when something has happened.
#pragma once

#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/events/handling.h"
#include "selfology/events/v1/content.pb.h"
#include "selfology/events/v1/user.pb.h"
#include "selfology/events/v1/webhook.pb.h"

namespace selfology::social {

class SocialEvents {
 public:
  using Clock = std::function<absl::Time()>;
  explicit SocialEvents(Clock clock) : clock_(std::move(clock)) {}

  // A post is due at an account: it becomes a publication, once for each post, account and time.
  absl::Status TakePost(const events::v1::ContentPublicationRequested& event,
                        events::Handling& handling) const;

  // Its accounts are nobody's any more.
  absl::Status DisbandTeam(const events::v1::TeamDeleted& event, events::Handling& handling) const;
  // A webhook of a platform came in: the accounts that it is about are asked about at once. What it says
  // is not believed, so that nobody else's word becomes a comment, and what comes both ways is one.
  absl::Status TakeWebhook(const events::v1::WebhookReceived& event,
                           events::Handling& handling) const;

 private:
  const Clock clock_;
};

}  // namespace selfology::social
