// Filter::Parse: recursive descent over words, brackets and quotes.
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "services/growth/task/filter/filter.h"
#include "services/growth/task/tasks/letters.h"

namespace selfology::task {

class FilterParser {
 public:
  explicit FilterParser(std::string_view text) : rest_(text) { Advance(); }

  absl::StatusOr<Filter> Parse() {
    if (token_.kind == Token::kEnd) {
      Add({.kind = Filter::Kind::kAll});
    } else {
      ASSIGN_OR_RETURN(filter_.root_, Or(0));
      if (token_.kind != Token::kEnd) return Error("has a closing bracket too many");
    }
    return std::move(filter_);
  }

 private:
  struct Token {
    enum Kind { kEnd, kOpen, kClose, kWord, kQuoted } kind = kEnd;
    std::string_view text = {};
  };

  static absl::Status Error(std::string_view rule) { return status::InvalidField("filter", rule); }

  void Advance() {
    rest_ = absl::StripLeadingAsciiWhitespace(rest_);
    if (rest_.empty()) {
      token_ = {};
    } else if (rest_[0] == '(' || rest_[0] == ')' || rest_[0] == '|') {
      token_ = {rest_[0] == '('   ? Token::kOpen
                : rest_[0] == ')' ? Token::kClose
                                  : Token::kWord,
                rest_.substr(0, 1)};
      rest_.remove_prefix(1);
    } else if (rest_[0] == '"') {
      const size_t end = rest_.find('"', 1);
      token_ = {Token::kQuoted, rest_.substr(1, end == rest_.npos ? rest_.npos : end - 1)};
      rest_.remove_prefix(end == rest_.npos ? rest_.size() : end + 1);
    } else {
      // Up to white space or a bracket; a quoted part, as in list:"To read", belongs to it.
      size_t end = 0;
      bool in_quotes = false;
      for (; end < rest_.size(); ++end) {
        if (rest_[end] == '"') in_quotes = !in_quotes;
        if (in_quotes) continue;
        if (absl::ascii_isspace(rest_[end]) || rest_[end] == '(' || rest_[end] == ')') break;
      }
      token_ = {Token::kWord, rest_.substr(0, end)};
      rest_.remove_prefix(end);
    }
  }

  bool IsWord(std::string_view a, std::string_view b) const {
    return token_.kind == Token::kWord &&
           (absl::EqualsIgnoreCase(token_.text, a) || token_.text == b);
  }

  int Add(Filter::Node node) {
    filter_.nodes_.push_back(std::move(node));
    return static_cast<int>(filter_.nodes_.size()) - 1;
  }

  absl::StatusOr<int> Or(int depth) {
    if (depth > Filter::kMaxDepth) return Error("is nested too deep");
    Filter::Node node = {.kind = Filter::Kind::kOr};
    while (true) {
      ASSIGN_OR_RETURN(const int part, And(depth));
      node.parts.push_back(part);
      if (!IsWord("or", "|")) break;
      Advance();
    }
    return node.parts.size() == 1 ? node.parts.front() : Add(std::move(node));
  }

  absl::StatusOr<int> And(int depth) {
    Filter::Node node = {.kind = Filter::Kind::kAnd};
    while (true) {
      ASSIGN_OR_RETURN(const int part, Not(depth));
      node.parts.push_back(part);
      if (IsWord("and", "&")) {
        Advance();
      } else if (token_.kind == Token::kEnd || token_.kind == Token::kClose || IsWord("or", "|")) {
        break;
      }
    }
    return node.parts.size() == 1 ? node.parts.front() : Add(std::move(node));
  }

  absl::StatusOr<int> Not(int depth) {
    if (depth > Filter::kMaxDepth) return Error("is nested too deep");
    if (IsWord("not", "!")) {
      Advance();
      ASSIGN_OR_RETURN(const int part, Not(depth + 1));
      return Add({.kind = Filter::Kind::kNot, .parts = {part}});
    }
    if (token_.kind == Token::kWord && token_.text.size() > 1 && token_.text[0] == '!') {
      token_.text.remove_prefix(1);
      ASSIGN_OR_RETURN(const int part, Not(depth + 1));
      return Add({.kind = Filter::Kind::kNot, .parts = {part}});
    }
    if (token_.kind == Token::kOpen) {
      Advance();
      ASSIGN_OR_RETURN(const int part, Or(depth + 1));
      if (token_.kind != Token::kClose) return Error("lacks a closing bracket");
      Advance();
      return part;
    }
    if (token_.kind != Token::kWord && token_.kind != Token::kQuoted) {
      return Error("has nothing where a term must be");
    }
    if (++terms_ > Filter::kMaxTerms) return Error("must have at most 100 terms");
    const Token token = token_;
    Advance();
    if (token.kind == Token::kQuoted) return Word(token.text);
    return Term(token.text);
  }

  int Word(std::string_view text) {
    return Add({.kind = Filter::Kind::kTerm,
                .term = {.field = Filter::Field::kText, .word = FoldCase(text)}});
  }

  absl::StatusOr<int> Term(std::string_view text) {
    if (text.size() > 1 && (text[0] == '+' || text[0] == '-')) {
      const int label =
          Add({.kind = Filter::Kind::kTerm,
               .term = {.field = Filter::Field::kLabel, .word = FoldCase(text.substr(1))}});
      return text[0] == '+' ? label : Add({.kind = Filter::Kind::kNot, .parts = {label}});
    }
    const size_t split = text.find_first_of(":=<>");
    if (split == text.npos || split == 0) return Word(text);
    const std::optional<Filter::Field> field =
        FieldOf(absl::AsciiStrToLower(text.substr(0, split)));
    // "see http://…" is words.
    if (!field.has_value()) return Word(text);
    std::string_view value = text.substr(split + 1);
    Filter::Term term = {.field = *field};
    const bool or_equal = !value.empty() && value[0] == '=';
    if (text[split] == '<') {
      term.comparison = or_equal ? Filter::Comparison::kLessOrEqual : Filter::Comparison::kLess;
    } else if (text[split] == '>') {
      term.comparison = or_equal ? Filter::Comparison::kMoreOrEqual : Filter::Comparison::kMore;
    }
    if (or_equal) value.remove_prefix(1);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    if (value.empty()) return Error(absl::StrCat("lacks a value behind ", Name(*field)));
    term.word = FoldCase(value);
    RETURN_IF_ERROR(ReadValue(term));
    return Add({.kind = Filter::Kind::kTerm, .term = std::move(term)});
  }

  struct NamedField {
    std::string_view name;
    Filter::Field field;
  };
  static constexpr NamedField kFields[] = {
      {"label", Filter::Field::kLabel},     {"is", Filter::Field::kIs},
      {"status", Filter::Field::kIs},       {"list", Filter::Field::kList},
      {"project", Filter::Field::kList},    {"parent", Filter::Field::kParent},
      {"id", Filter::Field::kId},           {"assignee", Filter::Field::kAssignee},
      {"title", Filter::Field::kTitle},     {"notes", Filter::Field::kNotes},
      {"column", Filter::Field::kColumn},   {"priority", Filter::Field::kPriority},
      {"due", Filter::Field::kDue},         {"start", Filter::Field::kStart},
      {"wait", Filter::Field::kWait},       {"created", Filter::Field::kCreated},
      {"updated", Filter::Field::kUpdated}, {"closed", Filter::Field::kClosed},
      {"urgency", Filter::Field::kUrgency}, {"estimate", Filter::Field::kEstimate},
  };
  static std::optional<Filter::Field> FieldOf(std::string_view name) {
    for (const NamedField& named : kFields) {
      if (named.name == name) return named.field;
    }
    return std::nullopt;
  }
  static std::string_view Name(Filter::Field field) {
    for (const NamedField& named : kFields) {
      if (named.field == field) return named.name;
    }
    return "a field";
  }

  absl::Status ReadValue(Filter::Term& term) {
    using Field = Filter::Field;
    const bool is_plain = term.comparison == Filter::Comparison::kIs;
    const auto plain = [&]() -> absl::Status {
      if (is_plain) return absl::OkStatus();
      return Error(absl::StrCat("must have \":\" behind ", Name(term.field)));
    };
    term.is_none = term.word == "none";
    switch (term.field) {
      case Field::kIs: {
        static constexpr std::string_view kStates[] = {
            "open",    "closed",   "completed", "dropped",   "waiting", "active",
            "blocked", "blocking", "overdue",   "recurring", "part",    "assigned"};
        bool is_known = false;
        for (const std::string_view state : kStates) is_known |= term.word == state;
        if (!is_known) return Error("has no such state behind \"is:\"");
        filter_.needs_computed_ |= term.word == "blocked" || term.word == "blocking";
        return plain();
      }
      case Field::kPriority: {
        static constexpr std::string_view kNames[] = {"none", "low", "medium", "high"};
        for (int i = 0; i < 4; ++i) {
          if (term.word == kNames[i]) {
            term.number = i;
            return absl::OkStatus();
          }
        }
        return Error("must have none, low, medium or high behind priority");
      }
      case Field::kUrgency:
        filter_.needs_computed_ = true;
        [[fallthrough]];
      case Field::kEstimate:
        if (!absl::SimpleAtod(term.word, &term.number)) {
          return Error(absl::StrCat("must have a number behind ", Name(term.field)));
        }
        return absl::OkStatus();
      case Field::kParent:
      case Field::kId: {
        int64_t id = 0;
        if (!term.is_none && (!absl::SimpleAtoi(term.word, &id) || id < 0)) {
          return Error(absl::StrCat("must have a number behind ", Name(term.field)));
        }
        term.number = static_cast<double>(id);
        return plain();
      }
      case Field::kList:
      case Field::kAssignee: {
        int64_t id = 0;
        if (absl::SimpleAtoi(term.word, &id)) term.number = static_cast<double>(id);
        if (term.field == Field::kList) term.is_none |= term.word == "inbox" || term.word == "0";
        if (term.field == Field::kAssignee && id <= 0 && !term.is_none && term.word != "me") {
          return Error("must have me, none or a number behind assignee");
        }
        return plain();
      }
      case Field::kDue:
      case Field::kStart:
      case Field::kWait:
      case Field::kCreated:
      case Field::kUpdated:
      case Field::kClosed: {
        term.is_any = term.word == "any";
        if (term.is_none || term.is_any) return plain();
        const std::optional<DateWord> date = ReadDate(term.word);
        if (!date.has_value()) {
          return Error(absl::StrCat("must have a date behind ", Name(term.field)));
        }
        term.date = *date;
        return absl::OkStatus();
      }
      case Field::kText:
      case Field::kLabel:
      case Field::kTitle:
      case Field::kNotes:
      case Field::kColumn:
        return plain();
    }
    return absl::OkStatus();
  }

  std::string_view rest_;
  Token token_;
  Filter filter_;
  int terms_ = 0;
};

absl::StatusOr<Filter> Filter::Parse(std::string_view text) {
  if (text::Characters(text) > kMaxCharacters) {
    return status::InvalidField("filter", "must be at most 1000 characters");
  }
  return FilterParser(text).Parse();
}

}  // namespace selfology::task
