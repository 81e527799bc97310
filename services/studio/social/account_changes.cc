#include "services/studio/social/account_changes.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/notification.pb.h"
#include "selfology/events/v1/security.pb.h"
#include "selfology/events/v1/social.pb.h"
#include "services/studio/social/account_store.h"
#include "services/studio/social/limits.h"

namespace selfology::social {
namespace {

using postgres::Transaction;

// A token that is refused so soon after it came is no better when it is renewed.
constexpr absl::Duration kJustRenewed = absl::Minutes(5);

}  // namespace

absl::Status NoteFact(Transaction& tx, int64_t user_id, std::string_view action,
                      std::string_view outcome) {
  events::v1::AuditFactNoted fact;
  fact.set_service("social");
  fact.set_actor_id(user_id);
  fact.set_action(std::string(action));
  fact.set_subject_id(user_id);
  fact.set_outcome(std::string(outcome));
  return events::Publish(tx, fact);
}

absl::Status TokenRefused(Transaction& tx, const store::AccountRow& account,
                          std::string_view reason, absl::Time now) {
  if (account.refresh.has_value() && now - account.token_at > kJustRenewed) {
    return store::RenewSoon(tx, account.id, account.generation, now).status();
  }
  return Break(tx, account, reason);
}

absl::Status Break(Transaction& tx, const store::AccountRow& account, std::string_view reason) {
  ASSIGN_OR_RETURN(const bool is_new,
                   store::SetRefused(tx, account.id, account.generation, reason));
  if (!is_new) return absl::OkStatus();
  const auto platform = static_cast<v1::Platform>(account.platform);
  events::v1::SocialAccountRefused event;
  event.set_user_id(account.user_id);
  event.set_account_id(account.id);
  event.set_platform(platform);
  event.set_reason(std::string(reason));
  RETURN_IF_ERROR(events::Publish(tx, event));
  RETURN_IF_ERROR(NoteFact(tx, account.user_id, "social.account.checked", "refused"));
  events::v1::NotificationRequested told;
  told.set_user_id(account.user_id);
  told.set_kind("connection.failing");
  (*told.mutable_parameters())["provider"] =
      absl::StrCat(NameOf(platform), " (", account.name, ")");
  told.set_deduplication_key(
      absl::StrCat("social.account.refused/", account.id, "/", account.generation));
  return events::Publish(tx, told);
}

}  // namespace selfology::social
