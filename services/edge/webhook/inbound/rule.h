// The rule language: tests of the fields of an incoming webhook.
//
//   ASSIGN_OR_RETURN(const Rule rule, Rule::Parse(
//       R"(kind == "payment_failed" and body.data.object.amount_due >= 1000)"));
//   rule.Matches(facts);     // facts: {"kind": ..., "header": {...}, "body": {...}, ...}
//
//   rule    = or
//   or      = and { "or" and }
//   and     = not { "and" not }
//   not     = "not" not | "(" or ")" | test
//   test    = path [ operator literal | "in" "(" literal { "," literal } ")" ]
//   operator= "==" "!=" "<" "<=" ">" ">=" "contains" "starts_with" "ends_with"
//   path    = root { "." name | "[" number "]" | "[" text "]" | "[*]" }
//   root    = "provider" "endpoint" "kind" "event_kind" "header" "query" "body"
//   literal = text in double quotes with JSON's escapes | number | "true" | "false" | "null"
//
// A path alone asks whether it finds anything. "[*]" stands for all elements: a test holds if it does
// for one of them; "a != b" is "not a == b". Values of different types are different, and neither is
// less. Texts are compared by their bytes. Names of header fields are in lower case however they are
// written.
//
// Errors: INVALID_ARGUMENT that names the place, by its byte. Limits: 4,096 bytes, 64 tests, 32 deep.
// Threads: values; Matches is const.
#pragma once

#include <cstddef>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace selfology::webhook {

using Json = nlohmann::json;

// A way into facts, such as body.commits[*].id.
class Path {
 public:
  struct Every {
    friend bool operator==(const Every&, const Every&) = default;
  };
  using Step = std::variant<std::string, size_t, Every>;

  static absl::StatusOr<Path> Parse(std::string_view text);

  // All that it finds; pointers into facts.
  std::vector<const Json*> Find(const Json& facts) const;
  // The first that it finds, as text: texts as they are, the rest as JSON. Empty: nothing.
  std::string Text(const Json& facts) const;
  std::string ToString() const;

  friend bool operator==(const Path&, const Path&) = default;

 private:
  friend class RuleParser;
  std::vector<Step> steps_;
};

enum class Operator {
  kExists,
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kContains,
  kStartsWith,
  kEndsWith,
  kIn,
};

class Rule {
 public:
  // Empty text: matches everything.
  static absl::StatusOr<Rule> Parse(std::string_view text);

  bool Matches(const Json& facts) const;
  // Parses to the same rule.
  std::string ToString() const;

 private:
  friend class RuleParser;
  struct Node {
    enum class Kind { kAlways, kAnd, kOr, kNot, kTest } kind = Kind::kAlways;
    std::vector<std::shared_ptr<const Node>> parts = {};
    Path path = {};
    Operator op = Operator::kExists;
    std::vector<Json> literals = {};
  };
  static bool Holds(const Node& node, const Json& facts);
  static bool TestHolds(const Node& node, const Json& facts);
  static std::string Print(const Node& node);

  std::shared_ptr<const Node> root_ = std::make_shared<const Node>();
};

}  // namespace selfology::webhook
