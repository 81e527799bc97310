#include "services/edge/webhook/inbound/rule.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace selfology::webhook {

namespace {

constexpr std::array<std::string_view, 7> kRoots = {"provider", "endpoint", "kind", "event_kind",
                                                    "header",   "query",    "body"};
constexpr std::pair<std::string_view, Operator> kOperators[] = {
    {"==", Operator::kEqual},           {"!=", Operator::kNotEqual},
    {"<=", Operator::kLessOrEqual},     {"<", Operator::kLess},
    {">=", Operator::kGreaterOrEqual},  {">", Operator::kGreater},
    {"contains", Operator::kContains},  {"starts_with", Operator::kStartsWith},
    {"ends_with", Operator::kEndsWith}, {"in", Operator::kIn},
};
constexpr size_t kMaxBytes = 4096;
constexpr int kMaxTests = 64;
constexpr int kMaxDepth = 32;
constexpr size_t kMaxFound = 10'000;  // Elements that "[*]" looks at.

bool IsNameStart(char c) { return absl::ascii_isalpha(c) || c == '_'; }
bool IsNameLetter(char c) { return absl::ascii_isalnum(c) || c == '_' || c == '-'; }

bool IsName(std::string_view text) {
  return !text.empty() && IsNameStart(text.front()) &&
         std::all_of(text.begin(), text.end(), IsNameLetter);
}

std::string_view WordOf(Operator op) {
  for (const auto& [word, value] : kOperators) {
    if (value == op) return word;
  }
  return "";
}

std::string Quoted(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool Less(const Json& a, const Json& b) {
  const bool comparable = (a.is_number() && b.is_number()) || (a.is_string() && b.is_string());
  return comparable && a < b;
}

bool ValueHolds(const Json& value, Operator op, const Json& literal) {
  switch (op) {
    case Operator::kExists:
      return true;
    case Operator::kEqual:
    case Operator::kNotEqual:  // Turned round by whoever asks.
    case Operator::kIn:
      return value == literal;
    case Operator::kLess:
      return Less(value, literal);
    case Operator::kLessOrEqual:
      return Less(value, literal) || value == literal;
    case Operator::kGreater:
      return Less(literal, value);
    case Operator::kGreaterOrEqual:
      return Less(literal, value) || value == literal;
    case Operator::kContains:
      if (value.is_array()) return std::find(value.begin(), value.end(), literal) != value.end();
      return value.is_string() && literal.is_string() &&
             absl::StrContains(value.get_ref<const std::string&>(),
                               literal.get_ref<const std::string&>());
    case Operator::kStartsWith:
      return value.is_string() && literal.is_string() &&
             absl::StartsWith(value.get_ref<const std::string&>(),
                              literal.get_ref<const std::string&>());
    case Operator::kEndsWith:
      return value.is_string() && literal.is_string() &&
             absl::EndsWith(value.get_ref<const std::string&>(),
                            literal.get_ref<const std::string&>());
  }
  return false;
}

}  // namespace

// Recursive descent over the text; errors name the byte, from 1.
class RuleParser {
 public:
  explicit RuleParser(std::string_view text) : text_(text) {}

  using Node = Rule::Node;
  using NodePtr = std::shared_ptr<const Node>;

  absl::StatusOr<NodePtr> All() {
    if (text_.size() > kMaxBytes) return Wrong("is longer than 4096 bytes");
    Space();
    if (at_ == text_.size()) return std::make_shared<const Node>();
    ASSIGN_OR_RETURN(NodePtr node, Either(0));
    Space();
    if (at_ != text_.size()) return Wrong("expected \"and\", \"or\" or the end");
    return node;
  }

  absl::StatusOr<Path> OnlyPath() {
    if (text_.size() > kMaxBytes) return Wrong("is longer than 4096 bytes");
    Space();
    ASSIGN_OR_RETURN(Path path, TakePath());
    Space();
    if (at_ != text_.size()) return Wrong("expected the end of the path");
    return path;
  }

 private:
  absl::Status Wrong(std::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat("byte ", at_ + 1, ": ", what));
  }
  void Space() {
    while (at_ < text_.size() && absl::ascii_isspace(text_[at_])) ++at_;
  }
  bool Take(std::string_view sign) {
    Space();
    if (!absl::StartsWith(text_.substr(at_), sign)) return false;
    at_ += sign.size();
    return true;
  }
  // A word that does not go on.
  bool TakeWord(std::string_view word) {
    Space();
    const std::string_view rest = text_.substr(at_);
    if (!absl::StartsWith(rest, word)) return false;
    if (rest.size() > word.size() && IsNameLetter(rest[word.size()])) return false;
    at_ += word.size();
    return true;
  }

  absl::StatusOr<NodePtr> Joined(int depth, std::string_view word, Node::Kind kind,
                                 absl::StatusOr<NodePtr> (RuleParser::*part)(int)) {
    ASSIGN_OR_RETURN(NodePtr first, (this->*part)(depth));
    std::vector<NodePtr> parts = {std::move(first)};
    while (TakeWord(word)) {
      ASSIGN_OR_RETURN(NodePtr next, (this->*part)(depth));
      parts.push_back(std::move(next));
    }
    if (parts.size() == 1) return parts.front();
    return std::make_shared<const Node>(Node{.kind = kind, .parts = std::move(parts)});
  }
  absl::StatusOr<NodePtr> Either(int depth) {
    return Joined(depth, "or", Node::Kind::kOr, &RuleParser::Both);
  }
  absl::StatusOr<NodePtr> Both(int depth) {
    return Joined(depth, "and", Node::Kind::kAnd, &RuleParser::One);
  }
  absl::StatusOr<NodePtr> One(int depth) {
    if (depth > kMaxDepth) return Wrong("is nested more than 32 deep");
    if (TakeWord("not")) {
      ASSIGN_OR_RETURN(NodePtr part, One(depth + 1));
      return std::make_shared<const Node>(Node{.kind = Node::Kind::kNot, .parts = {part}});
    }
    if (Take("(")) {
      ASSIGN_OR_RETURN(NodePtr node, Either(depth + 1));
      if (!Take(")")) return Wrong("expected \")\"");
      return node;
    }
    return Test();
  }

  absl::StatusOr<NodePtr> Test() {
    if (++tests_ > kMaxTests) return Wrong("has more than 64 tests");
    Node node{.kind = Node::Kind::kTest};
    ASSIGN_OR_RETURN(node.path, TakePath());
    node.op = TakeOperator();
    if (node.op == Operator::kIn) {
      if (!Take("(")) return Wrong("expected \"(\" after \"in\"");
      do {
        ASSIGN_OR_RETURN(node.literals.emplace_back(), Literal());
      } while (Take(","));
      if (!Take(")")) return Wrong("expected \",\" or \")\"");
    } else if (node.op != Operator::kExists) {
      ASSIGN_OR_RETURN(node.literals.emplace_back(), Literal());
    }
    return std::make_shared<const Node>(std::move(node));
  }

  Operator TakeOperator() {
    for (const auto& [word, op] : kOperators) {
      if (absl::ascii_isalpha(word.front()) ? TakeWord(word) : Take(word)) return op;
    }
    return Operator::kExists;
  }

  absl::StatusOr<Path> TakePath() {
    Space();
    const std::string root = Name();
    if (std::find(kRoots.begin(), kRoots.end(), root) == kRoots.end()) {
      at_ -= root.size();
      return Wrong(
          "expected provider, endpoint, kind, event_kind, header, query, body, \"not\" or \"(\"");
    }
    Path path;
    path.steps_.emplace_back(root);
    while (at_ < text_.size() && (text_[at_] == '.' || text_[at_] == '[')) {
      RETURN_IF_ERROR(TakeStep(path.steps_));
    }
    if (root == "header" && path.steps_.size() > 1) {
      if (auto* name = std::get_if<std::string>(&path.steps_[1])) absl::AsciiStrToLower(name);
    }
    return path;
  }

  absl::Status TakeStep(std::vector<Path::Step>& steps) {
    if (text_[at_++] == '.') {
      std::string name = Name();
      if (name.empty()) return Wrong("expected a name after \".\"");
      steps.emplace_back(std::move(name));
      return absl::OkStatus();
    }
    if (Take("*")) {
      steps.emplace_back(Path::Every{});
    } else if (Space(); at_ < text_.size() && text_[at_] == '"') {
      ASSIGN_OR_RETURN(const Json name, Quoted());
      steps.emplace_back(name.get<std::string>());
    } else {
      size_t end = at_;
      while (end < text_.size() && absl::ascii_isdigit(text_[end])) ++end;
      uint32_t index = 0;
      if (!absl::SimpleAtoi(text_.substr(at_, end - at_), &index)) {
        return Wrong("expected a number, a text in quotes or * after \"[\"");
      }
      at_ = end;
      steps.emplace_back(size_t{index});
    }
    if (!Take("]")) return Wrong("expected \"]\"");
    return absl::OkStatus();
  }

  std::string Name() {
    const size_t begin = at_;
    if (at_ < text_.size() && IsNameStart(text_[at_])) {
      while (at_ < text_.size() && IsNameLetter(text_[at_])) ++at_;
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  absl::StatusOr<Json> Quoted() {
    size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != '"') end += text_[end] == '\\' ? 2 : 1;
    if (end >= text_.size()) return Wrong("the text has no end");
    Json value = Json::parse(text_.substr(at_, end + 1 - at_), nullptr, false);
    if (!value.is_string()) return Wrong("the text has an escape that JSON does not have");
    at_ = end + 1;
    return value;
  }

  absl::StatusOr<Json> Literal() {
    Space();
    if (at_ < text_.size() && text_[at_] == '"') return Quoted();
    if (TakeWord("true")) return Json(true);
    if (TakeWord("false")) return Json(false);
    if (TakeWord("null")) return Json(nullptr);
    size_t end = at_;
    while (end < text_.size() && (absl::ascii_isalnum(text_[end]) || text_[end] == '-' ||
                                  text_[end] == '+' || text_[end] == '.')) {
      ++end;
    }
    Json number = Json::parse(text_.substr(at_, end - at_), nullptr, false);
    if (!number.is_number())
      return Wrong("expected a text in quotes, a number, true, false or null");
    at_ = end;
    return number;
  }

  const std::string_view text_;
  size_t at_ = 0;
  int tests_ = 0;
};

absl::StatusOr<Path> Path::Parse(std::string_view text) { return RuleParser(text).OnlyPath(); }

std::vector<const Json*> Path::Find(const Json& facts) const {
  std::vector<const Json*> found = {&facts};
  for (const Step& step : steps_) {
    std::vector<const Json*> next;
    for (const Json* const value : found) {
      if (const auto* name = std::get_if<std::string>(&step)) {
        if (!value->is_object()) continue;
        if (const auto member = value->find(*name); member != value->end())
          next.push_back(&*member);
      } else if (const auto* index = std::get_if<size_t>(&step)) {
        if (value->is_array() && *index < value->size()) next.push_back(&(*value)[*index]);
      } else if (value->is_array()) {
        for (const Json& element : *value) {
          if (next.size() < kMaxFound) next.push_back(&element);
        }
      }
    }
    found = std::move(next);
  }
  return found;
}

std::string Path::Text(const Json& facts) const {
  const std::vector<const Json*> found = Find(facts);
  if (found.empty() || found.front()->is_null()) return "";
  return found.front()->is_string() ? found.front()->get<std::string>() : Quoted(*found.front());
}

std::string Path::ToString() const {
  std::string text;
  for (size_t i = 0; i < steps_.size(); ++i) {
    if (const auto* name = std::get_if<std::string>(&steps_[i])) {
      if (IsName(*name)) {
        absl::StrAppend(&text, i == 0 ? "" : ".", *name);
      } else {
        absl::StrAppend(&text, "[", Quoted(Json(*name)), "]");
      }
    } else if (const auto* index = std::get_if<size_t>(&steps_[i])) {
      absl::StrAppend(&text, "[", *index, "]");
    } else {
      absl::StrAppend(&text, "[*]");
    }
  }
  return text;
}

absl::StatusOr<Rule> Rule::Parse(std::string_view text) {
  Rule rule;
  ASSIGN_OR_RETURN(rule.root_, RuleParser(text).All());
  return rule;
}

bool Rule::Matches(const Json& facts) const { return Holds(*root_, facts); }

bool Rule::TestHolds(const Node& node, const Json& facts) {
  const std::vector<const Json*> found = node.path.Find(facts);
  if (node.op == Operator::kExists) return !found.empty();
  const bool any = std::any_of(found.begin(), found.end(), [&](const Json* value) {
    return std::any_of(node.literals.begin(), node.literals.end(),
                       [&](const Json& literal) { return ValueHolds(*value, node.op, literal); });
  });
  return node.op == Operator::kNotEqual ? !any : any;
}

bool Rule::Holds(const Node& node, const Json& facts) {
  const auto holds = [&](const std::shared_ptr<const Node>& part) { return Holds(*part, facts); };
  switch (node.kind) {
    case Node::Kind::kAlways:
      return true;
    case Node::Kind::kAnd:
      return std::all_of(node.parts.begin(), node.parts.end(), holds);
    case Node::Kind::kOr:
      return std::any_of(node.parts.begin(), node.parts.end(), holds);
    case Node::Kind::kNot:
      return !Holds(*node.parts.front(), facts);
    case Node::Kind::kTest:
      return TestHolds(node, facts);
  }
  return false;
}

std::string Rule::ToString() const { return Print(*root_); }

std::string Rule::Print(const Node& node) {
  std::string text;
  switch (node.kind) {
    case Node::Kind::kAlways:
      return "";
    case Node::Kind::kNot:
      return absl::StrCat("not ", Print(*node.parts.front()));
    case Node::Kind::kAnd:
    case Node::Kind::kOr:
      for (const auto& part : node.parts) {
        absl::StrAppend(&text,
                        text.empty()                    ? "("
                        : node.kind == Node::Kind::kAnd ? " and "
                                                        : " or ",
                        Print(*part));
      }
      return text + ")";
    case Node::Kind::kTest:
      break;
  }
  text = node.path.ToString();
  if (node.op == Operator::kExists) return text;
  absl::StrAppend(&text, " ", WordOf(node.op), " ");
  if (node.op != Operator::kIn) return text + Quoted(node.literals.front());
  for (size_t i = 0; i < node.literals.size(); ++i) {
    absl::StrAppend(&text, i == 0 ? "(" : ", ", Quoted(node.literals[i]));
  }
  return text + ")";
}

}  // namespace selfology::webhook
