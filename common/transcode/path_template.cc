#include "common/transcode/path_template.h"

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status_macros.h"

namespace selfology::transcode {
namespace {

using Kind = PathTemplate::Kind;

bool IsLiteral(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (!absl::ascii_isalnum(c) && !absl::StrContains("-._~@!$'()+,;", c)) return false;
  }
  return true;
}

bool IsFieldPath(std::string_view text) {
  for (const absl::string_view name : absl::StrSplit(text, '.')) {
    if (name.empty()) return false;
    for (const char c : name) {
      if (!absl::ascii_isalnum(c) && c != '_') return false;
    }
  }
  return true;
}

absl::Status Malformed(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("the route \"", text, "\" ", why));
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), rest_(text) {}

  absl::StatusOr<PathTemplate> Parse() {
    if (!absl::StartsWith(rest_, "/")) return Malformed(text_, "does not begin with a slash");
    TakeVerb();
    if (rest_.size() > 1 && absl::EndsWith(rest_, "/")) rest_.remove_suffix(1);
    rest_.remove_prefix(1);
    while (!rest_.empty()) {
      RETURN_IF_ERROR(ParseSegment());
      if (rest_.empty()) break;
      if (rest_.front() != '/' || rest_.size() == 1) return Malformed(text_, "is malformed");
      rest_.remove_prefix(1);
    }
    for (size_t i = 0; i + 1 < result_.segments.size(); ++i) {
      if (result_.segments[i].kind == Kind::kMany) return Malformed(text_, "goes on after **");
    }
    return std::move(result_);
  }

 private:
  // The last segment's, behind what a variable may contain.
  void TakeVerb() {
    const size_t closing = rest_.rfind('}');
    const size_t from = closing == std::string_view::npos ? rest_.rfind('/') : closing;
    const size_t colon = rest_.find(':', from);
    if (colon == std::string_view::npos) return;
    result_.verb = std::string(rest_.substr(colon + 1));
    rest_ = rest_.substr(0, colon);
    has_verb_ = true;
  }

  absl::Status ParseSegment() {
    if (has_verb_ && !IsLiteral(result_.verb)) return Malformed(text_, "has a malformed verb");
    if (rest_.front() != '{') return ParsePlain(rest_.substr(0, rest_.find('/')));
    const size_t closing = rest_.find('}');
    if (closing == std::string_view::npos) return Malformed(text_, "has an unclosed {");
    const std::string_view inside = rest_.substr(1, closing - 1);
    rest_.remove_prefix(closing + 1);
    const size_t equals = inside.find('=');
    const std::string_view field = inside.substr(0, equals);
    if (!IsFieldPath(field)) return Malformed(text_, "has a malformed variable");
    for (const PathTemplate::Variable& variable : result_.variables) {
      if (variable.field == field) return Malformed(text_, "has a variable twice");
    }
    const size_t begin = result_.segments.size();
    const std::string_view pattern =
        equals == std::string_view::npos ? "*" : inside.substr(equals + 1);
    for (const absl::string_view segment : absl::StrSplit(pattern, '/')) {
      RETURN_IF_ERROR(Add({segment.data(), segment.size()}));
    }
    result_.variables.push_back({std::string(field), begin, result_.segments.size()});
    return absl::OkStatus();
  }

  absl::Status ParsePlain(std::string_view segment) {
    RETURN_IF_ERROR(Add(segment));
    rest_.remove_prefix(segment.size());
    return absl::OkStatus();
  }

  absl::Status Add(std::string_view segment) {
    if (segment == "*") {
      result_.segments.push_back({Kind::kOne});
    } else if (segment == "**") {
      result_.segments.push_back({Kind::kMany});
    } else if (IsLiteral(segment)) {
      result_.segments.push_back({Kind::kLiteral, std::string(segment)});
    } else {
      return Malformed(text_, "has a malformed segment");
    }
    return absl::OkStatus();
  }

  const std::string_view text_;
  std::string_view rest_;
  bool has_verb_ = false;
  PathTemplate result_;
};

}  // namespace

bool PathTemplate::IsOneSegment(const Variable& variable) const {
  return variable.end == variable.begin + 1 && segments[variable.begin].kind == Kind::kOne;
}

std::string PathTemplate::Shape() const {
  std::string shape;
  for (const Segment& segment : segments) {
    absl::StrAppend(&shape, "/",
                    segment.kind == Kind::kLiteral ? segment.literal
                    : segment.kind == Kind::kOne   ? "*"
                                                   : "**");
  }
  if (!verb.empty()) absl::StrAppend(&shape, ":", verb);
  return shape;
}

absl::StatusOr<PathTemplate> ParsePathTemplate(std::string_view text) {
  return Parser(text).Parse();
}

}  // namespace selfology::transcode
