#include "tools/telegram_emulator/text.h"

#include <algorithm>
#include <cstdint>
#include <tuple>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace selfology::telegram_emulator {
namespace {

bool IsContinuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

bool IsWord(unsigned char byte) { return absl::ascii_isalnum(byte) || byte == '_' || byte >= 0x80; }

size_t WordLength(std::string_view text, bool ascii_only) {
  size_t length = 0;
  while (length < text.size() && IsWord(text[length]) &&
         !(ascii_only && static_cast<unsigned char>(text[length]) >= 0x80)) {
    ++length;
  }
  return length;
}

// Next to these a "/word" is part of a path or a tag.
bool IsBesideNoCommand(char c) { return c == '/' || c == '<' || c == '>'; }

// How many bytes of a text that begins at a word's border an entity takes; 0: none begins here.
size_t CommandLength(std::string_view text) {
  constexpr size_t kLongest = 64;
  const size_t name = WordLength(text.substr(1), /*ascii_only=*/true);
  if (name == 0 || name > kLongest) return 0;
  size_t length = 1 + name;
  if (length < text.size() && text[length] == '@') {
    const size_t bot = WordLength(text.substr(length + 1), /*ascii_only=*/true);
    if (bot >= 3) length += 1 + bot;
  }
  const bool cut_off =
      length < text.size() && (IsWord(text[length]) || IsBesideNoCommand(text[length]));
  return cut_off ? 0 : length;
}

size_t MentionLength(std::string_view text) {
  const size_t name = WordLength(text.substr(1), /*ascii_only=*/true);
  return name >= 4 && name <= 32 ? 1 + name : 0;
}

size_t HashtagLength(std::string_view text) {
  const size_t name = WordLength(text.substr(1), /*ascii_only=*/false);
  const std::string_view tag = text.substr(1, name);
  const bool only_digits = std::all_of(tag.begin(), tag.end(), absl::ascii_isdigit);
  return only_digits ? 0 : 1 + name;
}

size_t UrlLength(std::string_view text) {
  if (!absl::StartsWithIgnoreCase(text, "http://") &&
      !absl::StartsWithIgnoreCase(text, "https://")) {
    return 0;
  }
  size_t length = text.find_first_of(" \t\r\n<>\"");
  if (length == std::string_view::npos) length = text.size();
  // A sentence's own punctuation is no part of the address.
  while (length > 0 &&
         std::string_view(".,:;!?)]'").find(text[length - 1]) != std::string_view::npos) {
    --length;
  }
  return length > text.find("//") + 2 ? length : 0;
}

std::pair<const char*, size_t> EntityAt(std::string_view text) {
  switch (text[0]) {
    case '/':
      return {"bot_command", CommandLength(text)};
    case '@':
      return {"mention", MentionLength(text)};
    case '#':
      return {"hashtag", HashtagLength(text)};
    case 'h':
    case 'H':
      return {"url", UrlLength(text)};
    default:
      return {"", 0};
  }
}

bool Overlaps(const std::vector<Entity>& entities, int offset, int length) {
  return std::any_of(entities.begin(), entities.end(), [&](const Entity& entity) {
    return entity.offset < offset + length && offset < entity.offset + entity.length;
  });
}

// Takes white space off both ends and shifts or cuts the entities.
void Trim(FormattedText& text) {
  const std::string_view whole = text.text;
  const std::string_view right = absl::StripTrailingAsciiWhitespace(whole);
  const std::string_view inner = absl::StripLeadingAsciiWhitespace(right);
  const int cut = static_cast<int>(right.size() - inner.size());  // ASCII: bytes are UTF-16 units.
  const int end = Utf16Units(inner);
  std::vector<Entity> kept;
  for (Entity entity : text.entities) {
    const int from = std::max(entity.offset - cut, 0);
    const int to = std::min(entity.offset + entity.length - cut, end);
    if (to <= from) continue;
    entity.offset = from;
    entity.length = to - from;
    kept.push_back(entity);
  }
  text.entities = std::move(kept);
  text.text = std::string(inner);
}

absl::StatusOr<FormattedText> Parse(std::string_view text, std::string_view parse_mode) {
  const std::string mode = absl::AsciiStrToLower(parse_mode);
  if (mode.empty() || mode == "none") return FormattedText{std::string(text), {}};
  absl::StatusOr<FormattedText> parsed = absl::InvalidArgumentError("unsupported parse_mode");
  if (mode == "html") {
    parsed = ParseHtml(text);
  } else if (mode == "markdownv2") {
    parsed = ParseMarkdown(text, Markdown::kV2);
  } else if (mode == "markdown") {
    parsed = ParseMarkdown(text, Markdown::kLegacy);
  } else {
    return parsed;
  }
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("can't parse entities: ", parsed.status().message()));
  }
  return parsed;
}

absl::StatusOr<FormattedText> Finish(FormattedText text) {
  Trim(text);
  if (text.text.empty()) return absl::InvalidArgumentError("text must be non-empty");
  FindEntities(text);
  return text;
}

}  // namespace

absl::StatusOr<FormattedText> Format(std::string_view text, std::string_view parse_mode) {
  if (text.empty()) return absl::InvalidArgumentError("message text is empty");
  if (!IsUtf8(text)) return absl::InvalidArgumentError("strings must be encoded in UTF-8");
  if (text.size() > kMaxRawTextBytes) return absl::InvalidArgumentError("text is too long");
  ASSIGN_OR_RETURN(FormattedText parsed, Parse(text, parse_mode));
  ASSIGN_OR_RETURN(parsed, Finish(std::move(parsed)));
  if (CodePoints(parsed.text) > kMaxTextLength) {
    return absl::InvalidArgumentError("message is too long");
  }
  return parsed;
}

absl::StatusOr<FormattedText> PlainText(std::string_view text) { return Format(text, ""); }

void FindEntities(FormattedText& text) {
  const std::string_view all = text.text;
  const std::vector<Entity> given = text.entities;
  int offset = 0;
  bool at_border = true;
  for (size_t i = 0; i < all.size();) {
    size_t length = 0;
    if (at_border) {
      const auto [type, found] = EntityAt(all.substr(i));
      const int units = Utf16Units(all.substr(i, found));
      if (found > 0 && !Overlaps(given, offset, units)) {
        text.entities.push_back({.type = type, .offset = offset, .length = units});
        length = found;
      }
    }
    if (length == 0) {
      length = 1;
      while (i + length < all.size() && IsContinuation(all[i + length])) ++length;
    }
    offset += Utf16Units(all.substr(i, length));
    i += length;
    const unsigned char last = all[i - 1];
    const char next = i < all.size() ? all[i] : ' ';
    at_border = !IsWord(last) && last != '@' && last != '#' &&
                (next == '/' ? !IsBesideNoCommand(all[i - 1]) : last != '/');
  }
  const auto order = [](const Entity& entity) {
    return std::make_tuple(entity.offset, -entity.length, std::string_view(entity.type));
  };
  std::sort(text.entities.begin(), text.entities.end(),
            [&](const Entity& a, const Entity& b) { return order(a) < order(b); });
}

bool IsUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const unsigned char first = text[i];
    const size_t size = first < 0x80   ? 1
                        : first < 0xC2 ? 0
                        : first < 0xE0 ? 2
                        : first < 0xF0 ? 3
                        : first < 0xF5 ? 4
                                       : 0;
    if (size == 0 || i + size > text.size()) return false;
    char32_t code = size == 1 ? first : first & (0x7F >> size);
    for (size_t j = 1; j < size; ++j) {
      if (!IsContinuation(text[i + j])) return false;
      code = (code << 6) | (text[i + j] & 0x3F);
    }
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
    if (surrogate || overlong || code > 0x10FFFF) return false;
    i += size;
  }
  return true;
}

int CodePoints(std::string_view utf8) {
  return static_cast<int>(
      std::count_if(utf8.begin(), utf8.end(), [](char byte) { return !IsContinuation(byte); }));
}

int Utf16Units(std::string_view utf8) {
  int units = 0;
  for (const unsigned char byte : utf8) {
    if (!IsContinuation(byte)) units += byte >= 0xF0 ? 2 : 1;  // Four bytes: a surrogate pair.
  }
  return units;
}

void AppendUtf8(std::string& out, char32_t code_point) {
  const auto add = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  const auto more = [&](int shift) { add(0x80 | ((code_point >> shift) & 0x3F)); };
  if (code_point < 0x80) {
    add(code_point);
  } else if (code_point < 0x800) {
    add(0xC0 | (code_point >> 6));
    more(0);
  } else if (code_point < 0x10000) {
    add(0xE0 | (code_point >> 12));
    more(6);
    more(0);
  } else {
    add(0xF0 | (code_point >> 18));
    more(12);
    more(6);
    more(0);
  }
}

Json EntitiesToJson(const std::vector<Entity>& entities) {
  Json array = Json::array();
  for (const Entity& entity : entities) {
    Json json = {{"type", entity.type}, {"offset", entity.offset}, {"length", entity.length}};
    if (!entity.url.empty()) json["url"] = entity.url;
    if (!entity.language.empty()) json["language"] = entity.language;
    array.push_back(std::move(json));
  }
  return array;
}

std::vector<Entity> EntitiesFromJson(const Json& json) {
  std::vector<Entity> entities;
  if (!json.is_array()) return entities;
  for (const Json& entity : json) {
    entities.push_back({.type = StringOr(entity, "type"),
                        .offset = static_cast<int>(IntOr(entity, "offset")),
                        .length = static_cast<int>(IntOr(entity, "length")),
                        .url = StringOr(entity, "url"),
                        .language = StringOr(entity, "language")});
  }
  return entities;
}

}  // namespace selfology::telegram_emulator
