#include "tools/telegram_emulator/reactions.h"

#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/str_cat.h"

namespace selfology::telegram_emulator {
namespace {

constexpr std::array<std::string_view, 73> kEmojis = {
    "❤",  "👍",         "👎", "🔥", "🥰",          "👏", "😁", "🤔", "🤯", "😱",
    "🤬", "😢",         "🎉", "🤩", "🤮",          "💩", "🙏", "👌", "🕊", "🤡",
    "🥱", "🥴",         "😍", "🐳", "❤‍🔥",  "🌚", "🌭", "💯", "🤣", "⚡",
    "🍌", "🏆",         "💔", "🤨", "😐",          "🍓", "🍾", "💋", "🖕", "😈",
    "😴", "😭",         "🤓", "👻", "👨‍💻", "👀", "🎃", "🙈", "😇", "😨",
    "🤝", "✍",          "🤗", "🫡", "🎅",          "🎄", "☃",  "💅", "🤪", "🗿",
    "🆒", "💘",         "🙉", "🦄", "😘",          "💊", "🙊", "😎", "👾", "🤷‍♂",
    "🤷", "🤷‍♀", "😡"};

absl::Status Bad(const auto&... words) {
  return absl::InvalidArgumentError(absl::StrCat(words...));
}

}  // namespace

absl::Status CheckReactions(const Reactions& reactions) {
  for (const std::string& emoji : reactions) {
    if (std::find(kEmojis.begin(), kEmojis.end(), emoji) == kEmojis.end()) {
      return Bad("REACTION_INVALID");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Reactions> ParseReactions(std::string_view json) {
  Reactions reactions;
  if (json.empty()) return reactions;
  const absl::StatusOr<Json> types = ParseJson(json);
  if (!types.ok()) return Bad("can't parse reaction types JSON object");
  if (!types->is_array()) return Bad("expected an Array of ReactionType");
  constexpr std::string_view kContext = "can't parse ReactionType: ";
  for (const Json& type : *types) {
    if (!type.is_object()) return Bad(kContext, "expected an Object");
    if (!type.contains("type")) return Bad(kContext, "Can't find field \"type\"");
    const std::string name = StringOr(type, "type");
    if (name != "emoji" && name != "custom_emoji") {
      return Bad(kContext, "invalid reaction type specified");
    }
    const char* const field = name == "emoji" ? "emoji" : "custom_emoji_id";
    if (!type.contains(field)) return Bad(kContext, "Can't find field \"", field, "\"");
    // Custom ones are for chats that allow them, which none here does.
    reactions.push_back(name == "emoji" ? StringOr(type, "emoji") : "");
  }
  return reactions;
}

Json CountsJson(const std::map<int64_t, Reactions>& reactions) {
  std::map<std::string, int> counts;
  for (const auto& [who, emojis] : reactions) {
    for (const std::string& emoji : emojis) ++counts[emoji];
  }
  Json array = Json::array();
  for (const auto& [emoji, count] : counts) {
    array.push_back({{"type", {{"type", "emoji"}, {"emoji", emoji}}}, {"total_count", count}});
  }
  return array;
}

}  // namespace selfology::telegram_emulator
