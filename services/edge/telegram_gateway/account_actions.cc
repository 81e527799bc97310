#include "services/edge/telegram_gateway/account_actions.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/events/erasure.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "services/edge/telegram_gateway/gateway_store.h"
#include "services/edge/telegram_gateway/texts.h"

namespace selfology::telegram_gateway {
namespace {

// One owner's part of erasing; the contracts call 5 s typical.
constexpr absl::Duration kErase = absl::Seconds(10);

// False: this owner could not do it.
template <typename Request, typename Client>
bool EraseIn(const Turn& turn, std::string_view owner, const Client& client) {
  Request request;
  request.set_user_id(turn.user_id);
  // Longer than an ordinary update may take: half an erasure helps nobody.
  const Call call = Call::Background(kErase, turn.call.trace());
  const auto response =
      Patiently(call, [&](const Call& once) { return client.DeleteUserData(once, request); });
  if (response.ok()) return true;
  observe::Error("data could not be erased", {{"owner", owner}, {"status", response.status()}});
  return false;
}

}  // namespace

absl::StatusOr<int64_t> EraseUser(const Call& call, postgres::Database& database,
                                  Conversations& conversations, int64_t user_id) {
  ASSIGN_OR_RETURN(const int64_t rows, database.Write(call, [&](postgres::Transaction& tx) {
    events::BeginErasure(tx, user_id);
    return store::DeleteUser(tx, user_id);
  }));
  return rows + conversations.Erase(call, user_id);
}

Reaction AccountActions::Profile(const Turn& turn) {
  profile::v1::GetProfileRequest request;
  request.set_user_id(turn.user_id);
  const auto response = Patiently(
      turn.call, [&](const Call& once) { return peers_.profile.GetProfile(once, request); });
  if (absl::IsNotFound(response.status())) return Reply(turn, Text::kNoProfileYet);
  if (!response.ok()) return Reply(texts::Failure(turn.language, response.status()));
  return Reply(texts::Profile(turn.language, response->profile()));
}

Reaction AccountActions::SetLanguage(const Turn& turn, std::string_view tag, bool in_place) {
  ButtonLabels choices;
  for (const Language language : kLanguages) {
    choices.emplace_back(Phrase(language, Text::kLanguageName),
                         absl::StrCat("language:", TagOf(language)));
  }
  const Reaction choose =
      Reply(std::string(Phrase(turn.language, Text::kChooseLanguage)), {Row(choices)});
  if (tag.empty()) return choose;

  session::v1::SetLanguageRequest request;
  request.set_user_id(turn.user_id);
  request.set_language(std::string(tag));
  const auto response = Patiently(
      turn.call, [&](const Call& once) { return peers_.session.SetLanguage(once, request); });
  if (absl::IsInvalidArgument(response.status())) return choose;
  if (!response.ok()) return Reply(texts::Failure(turn.language, response.status()));
  const std::string chosen = response->onboarding().language();
  conversations_.Change(turn.call, turn.user_id, [&](Conversation& c) { c.language = chosen; });
  const std::string confirmation(Phrase(LanguageOf(chosen), Text::kLanguageChosen));
  if (in_place) return Reaction{.in_place = confirmation};
  return Reply(confirmation);
}

Reaction AccountActions::WarnBeforeDelete(const Turn& turn) {
  return Reply(std::string(Phrase(turn.language, Text::kDeleteWarning)),
               {Row({{Phrase(turn.language, Text::kButtonDeleteAll), "delete:yes"},
                     {Phrase(turn.language, Text::kButtonKeep), "delete:no"}})});
}

Reaction AccountActions::Delete(const Turn& turn, bool confirmed) {
  if (!confirmed) {
    return Reaction{.in_place = std::string(Phrase(turn.language, Text::kDeleteCancelled))};
  }
  // In the direction of the events: who is erased later takes nothing any more that an earlier one
  // still made (common/events/erasure.h).
  bool done = EraseIn<session::v1::DeleteUserDataRequest>(turn, "session", peers_.session);
  done &= EraseIn<analysis::v1::DeleteUserDataRequest>(turn, "analysis", peers_.analysis);
  done &= EraseIn<profile::v1::DeleteUserDataRequest>(turn, "profile", peers_.profile);
  done &= EraseIn<trait::v1::DeleteUserDataRequest>(turn, "trait", peers_.trait);
  done &= EraseIn<question::v1::DeleteUserDataRequest>(turn, "question", peers_.question);
  done &= EraseIn<coach::v1::DeleteUserDataRequest>(turn, "coach", peers_.coach);
  const auto own = EraseUser(Call::Background(kErase, turn.call.trace()), database_, conversations_,
                             turn.user_id);
  done &= own.ok();
  const Text text = done ? Text::kDeleted : Text::kDeleteIncomplete;
  return Reaction{.in_place = std::string(Phrase(turn.language, text))};
}

}  // namespace selfology::telegram_gateway
