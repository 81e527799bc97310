#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "tools/telegram_emulator/text.h"

namespace selfology::telegram_emulator {
namespace {

struct Delimiter {
  std::string_view mark;
  std::string_view type;
  std::string_view name;  // In Telegram's errors.
};

// The longer marks first: "__" is not two "_".
constexpr Delimiter kV2[] = {
    {"```", "pre", "Pre"},        {"__", "underline", "Underline"},
    {"||", "spoiler", "Spoiler"}, {"*", "bold", "Bold"},
    {"_", "italic", "Italic"},    {"~", "strikethrough", "Strikethrough"},
    {"`", "code", "Code"},
};
constexpr Delimiter kLegacy[] = {
    {"```", "pre", "Pre"},
    {"*", "bold", "Bold"},
    {"_", "italic", "Italic"},
    {"`", "code", "Code"},
};
constexpr Delimiter kLink = {"[", "text_link", "TextUrl"};

// Must be escaped wherever they mean nothing.
constexpr std::string_view kReserved = "_*[]()~`>#+-=|{}.!";

// Block quotations and custom emoji are not told apart from text here.
class Parser {
 public:
  Parser(std::string_view text, Markdown dialect) : text_(text), v2_(dialect == Markdown::kV2) {}

  absl::StatusOr<FormattedText> Run() {
    while (pos_ < text_.size()) RETURN_IF_ERROR(Step());
    if (!open_.empty()) return Unclosed(open_.back());
    return std::move(result_);
  }

 private:
  struct Open {
    Delimiter delimiter;
    size_t position = 0;    // Of the mark, in bytes.
    size_t text_begin = 0;  // In the result, in bytes.
    int offset = 0;         // UTF-16 units.
    std::string language = {};
  };

  std::string_view Rest() const { return text_.substr(pos_); }
  bool InCode() const {
    return !open_.empty() &&
           (open_.back().delimiter.type == "code" || open_.back().delimiter.type == "pre");
  }

  absl::Status Unclosed(const Open& open) const {
    if (!v2_) {
      return absl::InvalidArgumentError(
          absl::StrCat("Can't find end of the entity starting at byte offset ", open.position));
    }
    return absl::InvalidArgumentError(absl::StrCat("Can't find end of ", open.delimiter.name,
                                                   " entity at byte offset ", open.position));
  }

  absl::Status Step() {
    const char c = text_[pos_];
    if (c == '\\' && pos_ + 1 < text_.size() && absl::ascii_isprint(text_[pos_ + 1])) {
      result_.text += text_[pos_ + 1];
      pos_ += 2;
      return absl::OkStatus();
    }
    if (!open_.empty() && Rest().starts_with(EndMark(open_.back()))) return Close();
    if (InCode()) return Plain();
    if (const std::optional<Delimiter> delimiter = DelimiterHere(); delimiter.has_value()) {
      // The old dialect does not nest.
      if (!v2_ && !open_.empty()) return Plain();
      Begin(*delimiter);
      return absl::OkStatus();
    }
    if (c == '>' && (result_.text.empty() || result_.text.back() == '\n')) return Plain();
    if (v2_ && kReserved.find(c) != std::string_view::npos) {
      return absl::InvalidArgumentError(
          absl::StrCat("Character '", std::string(1, c),
                       "' is reserved and must be escaped with the preceding '\\'"));
    }
    return Plain();
  }

  absl::Status Plain() {
    result_.text += text_[pos_++];
    return absl::OkStatus();
  }

  static std::string_view EndMark(const Open& open) {
    return open.delimiter.type == "text_link" ? std::string_view("]") : open.delimiter.mark;
  }

  std::optional<Delimiter> DelimiterHere() const {
    if (Rest().starts_with(kLink.mark)) return kLink;
    const auto find = [this](const auto& table) -> std::optional<Delimiter> {
      for (const Delimiter& delimiter : table) {
        if (Rest().starts_with(delimiter.mark)) return delimiter;
      }
      return std::nullopt;
    };
    return v2_ ? find(kV2) : find(kLegacy);
  }

  void Begin(const Delimiter& delimiter) {
    Open open{.delimiter = delimiter,
              .position = pos_,
              .text_begin = result_.text.size(),
              .offset = Utf16Units(result_.text)};
    pos_ += delimiter.mark.size();
    if (delimiter.type == "pre") {
      const size_t line_end = Rest().find('\n');
      const std::string_view first_line = Rest().substr(0, line_end);
      if (line_end != std::string_view::npos &&
          first_line.find_first_of(" `\t") == std::string_view::npos) {
        open.language = std::string(first_line);
        pos_ += line_end + 1;
      }
    }
    open_.push_back(std::move(open));
  }

  absl::Status Close() {
    Open open = std::move(open_.back());
    open_.pop_back();
    pos_ += EndMark(open).size();
    Entity entity{.type = std::string(open.delimiter.type),
                  .offset = open.offset,
                  .length = Utf16Units(result_.text) - open.offset,
                  .language = std::move(open.language)};
    if (entity.type == "text_link") {
      ASSIGN_OR_RETURN(entity.url, Url());
      if (entity.url.empty()) entity.url = result_.text.substr(open.text_begin);
    }
    if (entity.length > 0) result_.entities.push_back(std::move(entity));
    return absl::OkStatus();
  }

  // "(address)" after a link's text; "" when there is none.
  absl::StatusOr<std::string> Url() {
    std::string url;
    if (!Rest().starts_with("(")) return url;
    const size_t begin = ++pos_;
    while (pos_ < text_.size() && text_[pos_] != ')') {
      if (text_[pos_] == '\\' && pos_ + 1 < text_.size()) ++pos_;
      url += text_[pos_++];
    }
    if (pos_ >= text_.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("Can't find end of a URL at byte offset ", begin));
    }
    ++pos_;
    return url;
  }

  const std::string_view text_;
  const bool v2_;
  size_t pos_ = 0;
  FormattedText result_;
  std::vector<Open> open_;
};

}  // namespace

absl::StatusOr<FormattedText> ParseMarkdown(std::string_view text, Markdown dialect) {
  return Parser(text, dialect).Run();
}

}  // namespace selfology::telegram_emulator
