#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "tools/telegram_emulator/text.h"

namespace selfology::telegram_emulator {
namespace {

// The entity each allowed tag makes; the ones with "" are decided when they end.
const std::map<std::string_view, std::string_view>& Tags() {
  static const auto& tags = *new std::map<std::string_view, std::string_view>{
      {"b", "bold"},
      {"strong", "bold"},
      {"i", "italic"},
      {"em", "italic"},
      {"u", "underline"},
      {"ins", "underline"},
      {"s", "strikethrough"},
      {"strike", "strikethrough"},
      {"del", "strikethrough"},
      {"tg-spoiler", "spoiler"},
      {"span", "spoiler"},
      {"blockquote", "blockquote"},
      {"code", "code"},
      {"pre", "pre"},
      {"a", "text_link"},
  };
  return tags;
}

// An address a link may have, completed; empty: none.
std::string CheckedUrl(const std::string& url) {
  for (const std::string_view scheme : {"http://", "https://", "tg://", "tg:", "ton://"}) {
    if (absl::StartsWithIgnoreCase(url, scheme)) return url;
  }
  const bool other_scheme = url.find(':') < url.find_first_of("./");
  return other_scheme || url.find('.') == std::string::npos ? "" : absl::StrCat("http://", url);
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  absl::StatusOr<FormattedText> Run() {
    while (pos_ < text_.size()) {
      if (text_[pos_] == '<') {
        const bool closing = Peek(1) == '/';
        RETURN_IF_ERROR(closing ? EndTag() : StartTag());
      } else {
        result_.text += TakeCharacter();
      }
    }
    if (!open_.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "Can't find end tag corresponding to start tag \"", open_.back().name, "\""));
    }
    if (!IsUtf8(result_.text)) {
      return absl::InvalidArgumentError(
          "Text contains invalid Unicode characters after decoding HTML entities, check for "
          "unmatched surrogate code units");
    }
    return std::move(result_);
  }

 private:
  struct Tag {
    std::string name;
    size_t text_begin = 0;  // Bytes.
    int offset = 0;         // UTF-16 units.
    std::map<std::string, std::string> attributes = {};

    std::string Attribute(const std::string& name) const {
      const auto found = attributes.find(name);
      return found == attributes.end() ? "" : found->second;
    }
  };

  char Peek(size_t ahead = 0) const {
    return pos_ + ahead < text_.size() ? text_[pos_ + ahead] : '\0';
  }
  bool AtEnd() const { return pos_ >= text_.size(); }
  void SkipSpaces() {
    while (!AtEnd() && absl::ascii_isspace(Peek())) ++pos_;
  }
  std::string_view TakeWhile(auto wanted) {
    const size_t begin = pos_;
    while (!AtEnd() && wanted(Peek())) ++pos_;
    return text_.substr(begin, pos_ - begin);
  }

  // One byte, or what an HTML entity such as "&lt;" stands for. An unknown one stays as it is
  // written.
  std::string TakeCharacter() {
    std::string character;
    if (Peek() == '&') {
      const auto [code, length] = HtmlEntity(text_.substr(pos_));
      if (code != 0) {
        AppendUtf8(character, code);
        pos_ += length;
        return character;
      }
    }
    character.push_back(text_[pos_++]);
    return character;
  }

  static std::pair<char32_t, size_t> HtmlEntity(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, char32_t>, 4> kNamed = {
        {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}}};
    size_t end = 1;
    char32_t code = 0;
    if (text.substr(1, 1) == "#") {
      const bool hex = text.substr(2, 1) == "x";
      end = hex ? 3 : 2;
      constexpr size_t kLongest = 10;
      for (; end < text.size() && end < kLongest; ++end) {
        const char c = text[end];
        if (hex ? !absl::ascii_isxdigit(c) : !absl::ascii_isdigit(c)) break;
        const int digit = absl::ascii_isdigit(c) ? c - '0' : absl::ascii_tolower(c) - 'a' + 10;
        code = code * (hex ? 16 : 10) + digit;
      }
      if (code > 0x10FFFF) return {0, 0};
    } else {
      while (end < text.size() && absl::ascii_isalpha(text[end])) ++end;
      for (const auto& [name, character] : kNamed) {
        if (text.substr(1, end - 1) == name) code = character;
      }
    }
    return {code, end < text.size() && text[end] == ';' ? end + 1 : end};
  }

  absl::Status StartTag() {
    const size_t begin = pos_++;
    const auto error = [begin](const auto&... words) {
      return absl::InvalidArgumentError(absl::StrCat(words..., " at byte offset ", begin));
    };
    Tag tag;
    tag.name = absl::AsciiStrToLower(
        TakeWhile([](char c) { return c != '>' && !absl::ascii_isspace(c); }));
    if (AtEnd()) return error("Unclosed start tag");
    if (!Tags().contains(tag.name)) return error("Unsupported start tag \"", tag.name, "\"");
    while (true) {
      SkipSpaces();
      if (AtEnd()) return error("Unclosed start tag \"", tag.name, "\"");
      if (Peek() == '>') break;
      const std::string name(TakeWhile([](char c) {
        return !absl::ascii_isspace(c) &&
               std::string_view("=>/\"'").find(c) == std::string_view::npos;
      }));
      if (name.empty()) return error("Empty attribute name in the tag \"", tag.name, "\"");
      SkipSpaces();
      std::string value;
      if (Peek() == '=') {
        ++pos_;
        SkipSpaces();
        ASSIGN_OR_RETURN(value, AttributeValue());
        if (AtEnd()) return error("Unclosed start tag");
      }
      tag.attributes[name] = value;
    }
    ++pos_;
    if (tag.name == "span" && tag.Attribute("class") != "tg-spoiler") {
      return error("Tag \"span\" must have class \"tg-spoiler\"");
    }
    tag.text_begin = result_.text.size();
    tag.offset = Utf16Units(result_.text);
    open_.push_back(std::move(tag));
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> AttributeValue() {
    std::string value;
    const char quote = Peek();
    if (quote == '"' || quote == '\'') {
      ++pos_;
      while (!AtEnd() && Peek() != quote) value += TakeCharacter();
      if (!AtEnd()) ++pos_;
      return value;
    }
    const size_t begin = pos_;
    value = absl::AsciiStrToLower(
        TakeWhile([](char c) { return absl::ascii_isalnum(c) || c == '.' || c == '-'; }));
    if (!absl::ascii_isspace(Peek()) && Peek() != '>') {
      return absl::InvalidArgumentError(
          absl::StrCat("Unexpected end of name token at byte offset ", begin));
    }
    return value;
  }

  absl::Status EndTag() {
    const size_t begin = pos_;
    if (open_.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("Unexpected end tag at byte offset ", begin));
    }
    pos_ += 2;
    const std::string name = absl::AsciiStrToLower(
        TakeWhile([](char c) { return c != '>' && !absl::ascii_isspace(c); }));
    SkipSpaces();
    if (Peek() != '>') {
      return absl::InvalidArgumentError(absl::StrCat("Unclosed end tag at byte offset ", begin));
    }
    ++pos_;
    const Tag tag = std::move(open_.back());
    open_.pop_back();
    if (!name.empty() && name != tag.name) {
      return absl::InvalidArgumentError(absl::StrCat("Unmatched end tag at byte offset ", begin,
                                                     ", expected \"</", tag.name, ">\", found \"</",
                                                     name, ">\""));
    }
    AddEntity(tag);
    return absl::OkStatus();
  }

  void AddEntity(const Tag& tag) {
    std::vector<Entity>& entities = result_.entities;
    const int length = Utf16Units(result_.text) - tag.offset;
    if (length == 0) return;
    Entity entity{.type = std::string(Tags().at(tag.name)), .offset = tag.offset, .length = length};
    const std::string language_class = tag.Attribute("class");
    constexpr std::string_view kLanguage = "language-";
    if (tag.name == "code" && language_class.starts_with(kLanguage)) {
      entity.language = language_class.substr(kLanguage.size());
    } else if (tag.name == "blockquote" && tag.attributes.contains("expandable")) {
      entity.type = "expandable_blockquote";
    } else if (tag.name == "a") {
      entity.url = tag.Attribute("href");
      if (entity.url.empty()) entity.url = result_.text.substr(tag.text_begin);
      entity.url = CheckedUrl(entity.url);
      // Telegram drops the link and keeps the text.
      if (entity.url.empty()) return;
    } else if (tag.name == "pre" && !entities.empty() && entities.back().type == "code" &&
               entities.back().offset == entity.offset && entities.back().length == length) {
      // <pre><code class="language-x"> is one entity.
      entities.back().type = "pre";
      return;
    }
    entities.push_back(std::move(entity));
  }

  const std::string_view text_;
  size_t pos_ = 0;
  FormattedText result_;
  std::vector<Tag> open_;
};

}  // namespace

absl::StatusOr<FormattedText> ParseHtml(std::string_view text) {
  ASSIGN_OR_RETURN(FormattedText parsed, Parser(text).Run());
  // Only a pre has a language.
  for (Entity& entity : parsed.entities) {
    if (entity.type == "code") entity.language.clear();
  }
  return parsed;
}

}  // namespace selfology::telegram_emulator
