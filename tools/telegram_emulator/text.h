// Message texts as Telegram has them: plain text and entities, which say what part of it is bold, a
// link, a command.
//
//   absl::StatusOr<FormattedText> text = Format("<b>Hello</b> &amp; welcome", "HTML");
//   text->text;          // "Hello & welcome"
//   text->entities[0];   // {"bold", offset 0, length 5}
//
// Offsets and lengths count UTF-16 code units; a text's own length counts Unicode code points, at
// most 4,096 after parsing. Errors are INVALID_ARGUMENT with Telegram's own words, without the
// "Bad Request: " before them. Threads: pure functions.
// Sources: https://core.telegram.org/bots/api#formatting-options, #messageentity and the behaviour
// of the published Bot API server.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/telegram_emulator/json.h"

namespace selfology::telegram_emulator {

// https://core.telegram.org/bots/api#sendmessage
inline constexpr int kMaxTextLength = 4096;
// The Bot API server refuses longer ones unparsed.
inline constexpr int kMaxRawTextBytes = 1 << 15;

struct Entity {
  std::string type;  // "bold", "bot_command", "text_link"...
  int offset = 0;
  int length = 0;
  std::string url = {};       // Of a text_link.
  std::string language = {};  // Of a pre.

  friend bool operator==(const Entity&, const Entity&) = default;
};

struct FormattedText {
  std::string text = {};
  std::vector<Entity> entities = {};

  friend bool operator==(const FormattedText&, const FormattedText&) = default;
};

// parse_mode: "HTML", "MarkdownV2", "Markdown" in any case, or "" for text as it is.
absl::StatusOr<FormattedText> Format(std::string_view text, std::string_view parse_mode);

// The parsers behind Format, which also checks lengths, trims and finds commands and links.
absl::StatusOr<FormattedText> ParseHtml(std::string_view text);
enum class Markdown { kLegacy, kV2 };
absl::StatusOr<FormattedText> ParseMarkdown(std::string_view text, Markdown dialect);

// What a person writes: trimmed, with its commands, links, mentions and hashtags found.
absl::StatusOr<FormattedText> PlainText(std::string_view text);

// Adds bot_command, url, mention and hashtag entities where no other entity is.
void FindEntities(FormattedText& text);

bool IsUtf8(std::string_view text);
int CodePoints(std::string_view utf8);
int Utf16Units(std::string_view utf8);
void AppendUtf8(std::string& out, char32_t code_point);

Json EntitiesToJson(const std::vector<Entity>& entities);
std::vector<Entity> EntitiesFromJson(const Json& json);

}  // namespace selfology::telegram_emulator
