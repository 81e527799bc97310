#include "services/studio/social/social_events.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/json/value.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/studio/social/account_store.h"
#include "services/studio/social/platforms/answer.h"
#include "services/studio/social/post_check.h"
#include "services/studio/social/publication_changes.h"
#include "services/studio/social/social_store.h"
#include "services/studio/social/threads.h"

namespace selfology::social {

using identity::OwnerOf;

absl::Status SocialEvents::TakePost(const events::v1::ContentPublicationRequested& event,
                                    events::Handling& handling) const {
  postgres::Transaction& tx = handling.tx();
  const absl::Time publish_at = timestamps::FromProto(event.publish_at());
  ASSIGN_OR_RETURN(const std::optional<store::AccountRow> account,
                   store::FindAccount(tx, OwnerOf(event), event.account_id()));
  store::PublicationRow row = {.user_id = event.user_id(),
                               .account_id = event.account_id(),
                               .platform = event.platform(),
                               .post_id = event.post_id(),
                               .text = event.text(),
                               .state = std::string(store::kPending),
                               .created_at = clock_(),
                               .publish_at = publish_at,
                               .media = store::PackMedia(event.media()),
                               .team_id = event.team_id()};
  const Following following = {event.thread(), event.first_comment()};
  if (!account.has_value()) {
    row.state = store::kRefused;
    row.reason = "the account is not connected any more";
  } else {
    row.platform = account->platform;
    const PostCheck check = CheckPost(static_cast<v1::Platform>(account->platform),
                                      ToCheck(event.text(), event.media_size(), following),
                                      static_cast<int>(account->max_text));
    if (!check.issues.empty()) {
      row.state = store::kRefused;
      row.reason = absl::StrJoin(check.issues, "; ");
    }
  }
  ASSIGN_OR_RETURN(
      const std::optional<store::PublicationRow> added,
      AddThread(tx, row,
                absl::StrCat("post:", event.post_id(), ":", absl::ToUnixMicros(publish_at)),
                following));
  if (!added.has_value() || added->state != store::kRefused) return absl::OkStatus();
  return TellRefused(tx, *added);
}

absl::Status SocialEvents::DisbandTeam(const events::v1::TeamDeleted& event,
                                       events::Handling& handling) const {
  ASSIGN_OR_RETURN(const std::vector<store::AccountRow> accounts,
                   store::ListAccounts(handling.tx(), {.team_id = event.team_id()}));
  for (const store::AccountRow& account : accounts) {
    RETURN_IF_ERROR(ForgetAccount(handling.tx(), account).status());
  }
  return absl::OkStatus();
}

absl::Status SocialEvents::TakeWebhook(const events::v1::WebhookReceived& event,
                                       events::Handling& handling) const {
  if (event.provider() != "facebook") return absl::OkStatus();
  // {"object": "page", "entry": [{"id": "17", "changes": [...]}]}; none where it is too long.
  std::vector<std::string> pages;
  const absl::StatusOr<nlohmann::json> body = json::ParseValue(event.body());
  if (body.ok() && body->is_object()) {
    const auto entries = body->find("entry");
    if (entries != body->end() && entries->is_array()) {
      for (const nlohmann::json& entry : *entries) {
        const std::string page = TextAt(entry, "id");
        if (!page.empty()) pages.push_back(page);
      }
    }
    if (pages.empty()) return absl::OkStatus();
  }
  store::HearSoon(handling.tx(), v1::PLATFORM_FACEBOOK, event.user_id(), pages, clock_());
  return absl::OkStatus();
}

}  // namespace selfology::social
