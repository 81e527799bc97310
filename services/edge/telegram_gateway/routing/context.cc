#include "services/edge/telegram_gateway/routing/context.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace selfology::telegram_gateway {
namespace {

// As the dialog knows it. One that it did not choose was made of what the message answers.
std::string KeyFor(const store::Reference& about, std::string_view dialog) {
  if (about.dialog != dialog) return "";
  return std::string(absl::StripPrefix(about.key, absl::StrCat(dialog, ":")));
}

}  // namespace

int64_t MessageReferredTo(const Update& update) {
  if (update.kind == UpdateKind::kReaction) return update.message_id;
  return update.replied_to.has_value() ? update.replied_to->message_id : 0;
}

void AddContext(const Update& update, const store::Reference& about, std::string_view dialog,
                v1::DialogUpdate& told) {
  told.set_message_id(update.message_id);
  if (update.gathered.size() > 1) told.set_gathered(static_cast<int32_t>(update.gathered.size()));
  if (told.has_reaction()) told.mutable_reaction()->set_key(KeyFor(about, dialog));
  if (!update.replied_to.has_value()) return;
  v1::RepliedTo& replied_to = *told.mutable_replied_to();
  replied_to.set_message_id(update.replied_to->message_id);
  replied_to.set_key(KeyFor(about, dialog));
  replied_to.set_words(update.replied_to->words);
  replied_to.set_quote(update.replied_to->quote);
}

}  // namespace selfology::telegram_gateway
