#include "services/edge/telegram_gateway/routing/groups.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/language/language.h"
#include "common/status/status_macros.h"
#include "services/edge/telegram_gateway/delivery/outgoing.h"
#include "services/edge/telegram_gateway/gateway_store.h"
#include "services/edge/telegram_gateway/held_store.h"
#include "services/edge/telegram_gateway/routing/frame_texts.h"

namespace selfology::telegram_gateway {

using postgres::Transaction;

absl::StatusOr<v1::UpdateOutcome> Groups::Handle(const Call& call, const Update& update,
                                                 bool is_held) {
  const int64_t bot_id = telegram_.bot_id();
  const Outgoing sentence{
      .user_id = update.chat_id,
      .key = absl::StrCat("update:", update.update_id, ":0"),
      .body =
          Html(kReply, std::string(frame::OnlyInPrivate(language::LanguageOf(update.language)))),
      .traceparent = call.trace().Format()};
  ASSIGN_OR_RETURN(
      const bool is_new, database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<bool> {
        if (is_held) {
          RETURN_IF_ERROR(store::RemoveHeld(tx, bot_id, update.update_id, update.chat_id).status());
        }
        const absl::Time now = clock_();
        // It is the mark: an update that comes again finds the group known.
        ASSIGN_OR_RETURN(const bool is_new, store::NoteGroup(tx, bot_id, update.chat_id, now));
        if (is_new) store::Enqueue(tx, bot_id, sentence, now);
        return is_new;
      }));
  if (!is_new) return v1::UPDATE_OUTCOME_IGNORED;
  delivery_.Wake(update.chat_id);
  return v1::UPDATE_OUTCOME_HANDLED;
}

}  // namespace selfology::telegram_gateway
