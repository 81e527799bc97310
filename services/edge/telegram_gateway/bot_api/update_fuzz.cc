// Whatever Telegram, or somebody in its place, sends: an update with a number and with texts that
// can be sent on, or an error that says what is wrong and quotes nothing.

#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/status/status.h"
#include "common/text/text.h"
#include "services/edge/telegram_gateway/bot_api/bot_api.h"
#include "services/edge/telegram_gateway/bot_api/lenient_json.h"
#include "services/edge/telegram_gateway/bot_api/update.h"
#include "services/edge/telegram_gateway/routing/route.h"
#include "testing/fuzz.h"

namespace selfology::telegram_gateway {
namespace {

// As every field of a request must be.
bool IsText(const std::string& text) {
  return Json::parse(Dump(Json(text))).get<std::string>() == text && text::IsStorable(text);
}

bool Same(const Update& a, const Update& b) {
  return a.update_id == b.update_id && a.kind == b.kind && a.user_id == b.user_id &&
         a.chat_id == b.chat_id && a.from_bot == b.from_bot && a.private_chat == b.private_chat &&
         a.language == b.language && a.content == b.content && a.text == b.text &&
         a.caption == b.caption && a.callback_id == b.callback_id && a.message_id == b.message_id &&
         a.blocked == b.blocked && a.group == b.group && a.channel == b.channel &&
         a.files.size() == b.files.size() && a.emoji.size() == b.emoji.size() &&
         a.media_group_id == b.media_group_id &&
         a.replied_to.has_value() == b.replied_to.has_value() && a.gathered == b.gathered &&
         a.gathered_for == b.gathered_for;
}

void CheckFiles(const Update& update) {
  for (const File& file : update.files) {
    MUST(IsText(file.file_id) && !file.file_id.empty() && IsText(file.unique_id));
    MUST(IsText(file.file_name) && IsText(file.mime_type) && IsText(file.emoji));
    MUST(file.size >= 0 && file.width >= 0 && file.height >= 0);
    MUST(file.duration >= absl::ZeroDuration());
  }
  for (const CountedEmoji& emoji : update.emoji) MUST(IsText(emoji.emoji) && emoji.count >= 0);
  if (update.replied_to.has_value()) {
    MUST(update.replied_to->message_id > 0);
    MUST(IsText(update.replied_to->words) && IsText(update.replied_to->quote));
  }
}

void CheckAct(const Update& update) {
  const Act act = ActOf(update, "selfology_bot");
  if (const auto* ignored = std::get_if<Ignored>(&act)) {
    MUST(!ignored->why.empty());
    return;
  }
  if (std::holds_alternative<InChannel>(act)) {
    MUST(update.chat_id < 0);
    return;
  }
  // Somebody is to be answered: there is somebody.
  MUST(update.user_id > 0 && !update.from_bot);
  if (const auto* words = std::get_if<Words>(&act)) MUST(!text::Trim(words->text).empty());
}

void CheckUpdate(const Update& update) {
  MUST(update.update_id > 0 && update.user_id >= 0 && update.message_id >= 0);
  MUST(IsText(update.text) && IsText(update.caption));
  MUST(IsText(update.language) && IsText(update.callback_id));
  MUST(IsText(update.media_group_id) && IsText(update.author_signature));
  MUST(OrderingKeyOf(update) == update.user_id || OrderingKeyOf(update) < 0);
  CheckFiles(update);
  CheckAct(update);
}

void CheckUpdate(std::string_view json) {
  const auto update = ParseUpdate(json);
  if (!update.ok()) {
    MUST(absl::IsInvalidArgument(update.status()) && !update.status().message().empty());
    return;
  }
  CheckUpdate(*update);
  const auto again = ParseUpdate(Dump(ParseLeniently(json)));
  MUST(again.ok() && Same(*again, *update));
  // As it is kept.
  MUST(IsText(update->json));
  const auto kept = ParseKeptUpdate(update->json);
  MUST(kept.ok() && kept->gathered.empty() && Same(*kept, *update));
}

void CheckKeptUpdate(std::string_view json) {
  const auto update = ParseKeptUpdate(json);
  if (!update.ok()) return;
  CheckUpdate(*update);
  const auto again = ParseKeptUpdate(update->json);
  MUST(again.ok() && Same(*again, *update));
}

void CheckResponse(std::string_view body) {
  const auto updates = ParseUpdates(body);
  if (updates.ok()) {
    for (const Update& update : *updates) CheckUpdate(update);
  } else {
    MUST(!updates.status().message().empty());
  }
  if (const auto id = FindUpdateId(body)) MUST(*id > 0);
}

void CheckAnswer(int http_status, std::string_view body) {
  const absl::Status refusal = ReadAnswer(http_status, body).status();
  if (refusal.ok()) return;
  MUST(refusal.message().size() <= 100);
  if (const auto wait = status::RetryAfter(refusal)) {
    MUST(*wait >= absl::Seconds(1) && *wait <= absl::Hours(24));
  }
  MUST(!status::ErrorJson(refusal, "").empty());
}

}  // namespace
}  // namespace selfology::telegram_gateway

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace selfology::telegram_gateway;  // NOLINT
  const std::string_view body = selfology::testing::InputText(data, size);
  CheckUpdate(body);
  CheckKeptUpdate(body);
  CheckResponse(body);
  for (const int http_status : {200, 400, 429, 502}) CheckAnswer(http_status, body);
  return 0;
}
