#include "services/edge/telegram_gateway/bot_api/telegram_text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace selfology::telegram_gateway {
namespace {

// https://core.telegram.org/bots/api#html-style
constexpr std::string_view kTags[] = {
    "b",    "strong",     "i", "em",       "u",    "ins", "s",          "strike", "del",
    "span", "tg-spoiler", "a", "tg-emoji", "code", "pre", "blockquote", "tg-time"};

// Bytes of the code point that begins at text[0]; 1 for what is no UTF-8.
size_t CodePointBytes(std::string_view text) {
  const auto first = static_cast<uint8_t>(text[0]);
  const size_t bytes = first < 0x80   ? 1
                       : first < 0xC2 ? 1
                       : first < 0xE0 ? 2
                       : first < 0xF0 ? 3
                                      : 4;
  if (first >= 0xF5 || bytes > text.size()) return 1;
  for (size_t i = 1; i < bytes; ++i) {
    if ((static_cast<uint8_t>(text[i]) & 0xC0) != 0x80) return 1;
  }
  return bytes;
}

int UnitsOf(size_t code_point_bytes) { return code_point_bytes == 4 ? 2 : 1; }

bool IsSpace(char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)); }

// How good it is to cut between text[at - 1] and text[at]; 0: in the middle of a word.
int CutQuality(std::string_view text, size_t at) {
  constexpr int kParagraph = 4, kLine = 3, kSentence = 2, kWord = 1;
  if (at < 2 || !IsSpace(text[at - 1])) return 0;
  if (text[at - 1] == '\n') return text[at - 2] == '\n' ? kParagraph : kLine;
  const std::string_view before = text.substr(0, at - 1);
  const bool sentence =
      before.back() == '.' || before.back() == '!' || before.back() == '?' || before.ends_with("…");
  return sentence ? kSentence : kWord;
}

// How many bytes of a text that does not fit go into the next message.
size_t Cut(std::string_view text, int max_units) {
  int units = 0;
  size_t at = 0;
  size_t best = 0;
  int best_quality = 0;
  while (at < text.size()) {
    const size_t bytes = CodePointBytes(text.substr(at));
    if (units + UnitsOf(bytes) > max_units) break;
    units += UnitsOf(bytes);
    at += bytes;
    const int quality = CutQuality(text, at);
    // A good place early on would make many short messages.
    const bool far_enough = units * 2 >= max_units;
    if (quality > 0 && (far_enough ? quality >= best_quality : best_quality <= 1)) {
      best = at;
      best_quality = far_enough ? quality : 1;
    }
  }
  // The limit may fall just before a space, which is dropped anyway.
  if (at < text.size() && IsSpace(text[at]) && best_quality <= 1) return at;
  return best > 0 ? best : at;
}

struct Range {
  size_t begin;
  size_t end;
};

std::vector<Range> Cuts(std::string_view text, int max_units) {
  std::vector<Range> ranges;
  size_t begin = 0;
  while (true) {
    while (begin < text.size() && IsSpace(text[begin])) ++begin;
    if (begin == text.size()) return ranges;
    const std::string_view rest = text.substr(begin);
    size_t end = begin + (Utf16Units(rest) <= max_units ? rest.size() : Cut(rest, max_units));
    const size_t next = end;
    while (end > begin && IsSpace(text[end - 1])) --end;
    ranges.push_back({begin, end});
    begin = next;
  }
}

struct Tag {
  std::string name;  // "a"
  std::string text;  // "<a href=...>"
};

// HTML as the text people will see, with the way back.
struct Visible {
  std::string text;
  std::vector<size_t> source;  // Where in the HTML each byte of `text` begins; then the end.
};

std::string_view TagAt(std::string_view html) {
  if (html.size() < 3 || html[0] != '<') return "";
  if (html[1] != '/' && !absl::ascii_isalpha(static_cast<unsigned char>(html[1]))) return "";
  const size_t end = html.find('>');
  return end == std::string_view::npos ? "" : html.substr(0, end + 1);
}

std::string_view NameOf(std::string_view tag) {
  tag.remove_prefix(tag[1] == '/' ? 2 : 1);
  return tag.substr(0, tag.find_first_of(" \t\n/>"));
}

// The character reference at the beginning and what stands for it; "" when there is none.
std::string_view ReferenceAt(std::string_view html, std::string& shown) {
  constexpr size_t kLongest = 10;
  const size_t end = html.substr(0, kLongest).find(';');
  if (html[0] != '&' || end == std::string_view::npos || end < 2) return "";
  const std::string_view name = html.substr(1, end - 1);
  uint32_t code = 'x';
  if (name.starts_with("#x")) {
    if (!absl::SimpleHexAtoi(name.substr(2), &code)) return "";
  } else if (name.starts_with("#")) {
    if (!absl::SimpleAtoi(name.substr(1), &code)) return "";
  }
  // Any character of the same length in UTF-16 does for measuring.
  shown = code > 0xFFFF ? "😀" : "x";
  return html.substr(0, end + 1);
}

Visible MakeVisible(std::string_view html) {
  Visible visible;
  for (size_t at = 0; at < html.size();) {
    const std::string_view rest = html.substr(at);
    if (const std::string_view tag = TagAt(rest); !tag.empty()) {
      at += tag.size();
      continue;
    }
    std::string shown(1, rest[0]);
    const std::string_view reference = ReferenceAt(rest, shown);
    visible.text += shown;
    visible.source.insert(visible.source.end(), shown.size(), at);
    at += std::max<size_t>(reference.size(), 1);
  }
  visible.source.push_back(html.size());
  return visible;
}

// What is left of a stretch of HTML without its text.
std::string TagsIn(std::string_view html) {
  std::string tags;
  for (size_t at = 0; at < html.size();) {
    const std::string_view tag = TagAt(html.substr(at));
    tags.append(tag);
    at += std::max<size_t>(tag.size(), 1);
  }
  return tags;
}

// Follows the tags of a stretch of HTML.
void Follow(std::string_view html, std::vector<Tag>& open) {
  for (size_t at = 0; at < html.size();) {
    const std::string_view tag = TagAt(html.substr(at));
    at += std::max<size_t>(tag.size(), 1);
    if (tag.empty()) continue;
    const std::string_view name = NameOf(tag);
    if (tag[1] != '/') {
      open.push_back({std::string(name), std::string(tag)});
    } else if (!open.empty() && open.back().name == name) {
      open.pop_back();
    }
  }
}

}  // namespace

int Utf16Units(std::string_view utf8) {
  int units = 0;
  while (!utf8.empty()) {
    const size_t bytes = CodePointBytes(utf8);
    units += UnitsOf(bytes);
    utf8.remove_prefix(bytes);
  }
  return units;
}

std::vector<std::string> SplitPlain(std::string_view text, int max_units) {
  std::vector<std::string> pieces;
  for (const Range& range : Cuts(text, max_units)) {
    pieces.emplace_back(text.substr(range.begin, range.end - range.begin));
  }
  return pieces;
}

std::vector<std::string> SplitHtml(std::string_view html, int max_units) {
  const Visible visible = MakeVisible(html);
  const std::vector<Range> ranges = Cuts(visible.text, max_units);
  std::vector<std::string> pieces;
  std::vector<Tag> open;
  size_t from = 0;
  for (size_t i = 0; i < ranges.size(); ++i) {
    std::string piece;
    for (const Tag& tag : open) piece.append(tag.text);
    const auto append_tags = [&](std::string_view part) {
      piece.append(TagsIn(part));
      Follow(part, open);
    };
    const size_t begin = visible.source[ranges[i].begin];
    const size_t end = visible.source[ranges[i].end];
    append_tags(html.substr(from, begin - from));
    piece.append(html.substr(begin, end - begin));
    Follow(html.substr(begin, end - begin), open);
    // Those after the text belong to it, as far as the next piece.
    from = i + 1 < ranges.size() ? visible.source[ranges[i + 1].begin] : html.size();
    append_tags(html.substr(end, from - end));
    for (auto tag = open.rbegin(); tag != open.rend(); ++tag) {
      absl::StrAppend(&piece, "</", tag->name, ">");
    }
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

std::string FaultInHtml(std::string_view html) {
  std::vector<std::string> open;
  for (size_t at = 0; at < html.size();) {
    if (html[at] != '<') {
      ++at;
      continue;
    }
    const std::string_view tag = TagAt(html.substr(at));
    if (tag.empty()) return "has a \"<\" that begins no tag";
    at += tag.size();
    std::string name = absl::AsciiStrToLower(NameOf(tag));
    if (std::find(std::begin(kTags), std::end(kTags), name) == std::end(kTags)) {
      return "has a tag that Telegram does not know";
    }
    if (tag[1] != '/') {
      open.push_back(std::move(name));
    } else if (open.empty() || open.back() != name) {
      return "closes a tag that is not the last one opened";
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : "does not close a tag";
}

std::string WithoutTags(std::string_view html) {
  std::string words;
  for (size_t at = 0; at < html.size();) {
    const std::string_view tag = TagAt(html.substr(at));
    if (tag.empty()) {
      if (html[at] == '<') {
        words += "&lt;";
      } else {
        words += html[at];
      }
    }
    at += std::max<size_t>(tag.size(), 1);
  }
  return words;
}

}  // namespace selfology::telegram_gateway
