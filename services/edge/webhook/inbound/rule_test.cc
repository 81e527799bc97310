#include "services/edge/webhook/inbound/rule.h"

#include <string>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::webhook {
namespace {

using ::testing::HasSubstr;

const Json& Facts() {
  static const Json& facts = *new Json(Json::parse(R"({
    "provider": "github", "kind": "", "event_kind": "push",
    "header": {"x-github-event": "push"}, "query": {"a": "1"},
    "body": {"ref": "refs/heads/main", "size": 3, "price": 10.5, "private": false, "gone": null,
             "commits": [{"id": "a1", "files": ["x.cc", "y.cc"]}, {"id": "b2", "files": []}],
             "odd key": {"ж": 1}}})"));
  return facts;
}

bool Matches(std::string_view text) {
  const auto rule = Rule::Parse(text);
  EXPECT_TRUE(rule.ok()) << text << ": " << rule.status();
  return rule.ok() && rule->Matches(Facts());
}

TEST(RuleTest, TestsFields) {
  for (const char* holds : {
           "",
           "  ",
           R"(provider == "github")",
           R"(header.X-GitHub-Event == "push")",
           R"(header["X-GITHUB-EVENT"] == "push")",
           R"(body.ref starts_with "refs/heads/" and body.ref ends_with "main")",
           R"(body.ref contains "heads")",
           R"(body.size >= 3 and body.size <= 3 and body.size > 2 and not body.size < 3)",
           R"(body.size == 3.0)",
           R"(body.price > 10 and body.price < 1.1e1)",
           R"(body.private == false and body.gone == null)",
           R"(body.gone)",
           R"(not body.missing)",
           R"(body.missing != "x")",
           R"(body.commits[*].id == "b2")",
           R"(body.commits[0].id == "a1" and not body.commits[0].id == "b2")",
           R"(body.commits[*].files contains "y.cc")",
           R"(event_kind in ("ping", "push"))",
           R"(body["odd key"]["ж"] == 1)",
           R"(query.a == "1" and not query.a == 1)",
           R"(not (kind == "x" or kind == "y"))",
           R"(kind == "x" or provider == "github" and event_kind == "push")",
       }) {
    EXPECT_TRUE(Matches(holds)) << holds;
  }
  for (const char* fails : {
           R"(body.commits[*].id != "b2")",
           R"(body.commits[9])",
           R"(body.ref < 3)",
           R"(body.size contains "3")",
           R"(body.size.deeper == 3)",
           R"(provider == "github" and kind == "x" or kind == "y")",
           R"(event_kind in ("ping"))",
           R"(body.missing < 1 or body.missing >= 1)",
       }) {
    EXPECT_FALSE(Matches(fails)) << fails;
  }
}

TEST(RuleTest, SaysWhereARuleIsWrong) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"bodyy.a == 1", "byte 1"},
      {"body.a == ", "byte 11: expected a text"},
      {"body.a == 'x'", "byte 11"},
      {"body. == 1", "byte 6: expected a name"},
      {"body[ == 1", "byte 7"},
      {"body[0 == 1", "expected \"]\""},
      {"(body.a", "expected \")\""},
      {"body.a body.b", "byte 8"},
      {"body.a == \"x", "no end"},
      {"body.a == \"\\q\"", "escape"},
      {"body.a in 1", "expected \"(\""},
      {"body.a in (1", "expected \",\""},
      {"not", "byte 4"},
      {std::string(4097, ' '), "4096"},
      {std::string(100, '('), "32 deep"},
  };
  for (const auto& [text, message] : wrong) {
    const auto rule = Rule::Parse(text);
    ASSERT_FALSE(rule.ok()) << text;
    EXPECT_THAT(std::string(rule.status().message()), HasSubstr(message)) << text;
  }
  std::string many = "body.a";
  for (int i = 0; i < 64; ++i) many += " or body.a";
  EXPECT_FALSE(Rule::Parse(many).ok());
}

// A random rule out of `depth` levels.
std::string RandomRule(absl::BitGen& random, int depth) {
  static const char* const kTests[] = {
      "body.size == 3", "body.size < 1",  "body.commits[*].id",         "kind == \"\"",
      "body.gone",      "body.none != 1", "query.a in (1, \"1\", null)"};
  if (depth == 0) return kTests[absl::Uniform(random, 0u, std::size(kTests))];
  const std::string left = RandomRule(random, depth - 1);
  switch (absl::Uniform(random, 0, 3)) {
    case 0:
      return absl::StrCat("not (", left, ")");
    case 1:
      return absl::StrCat("(", left, ") and (", RandomRule(random, depth - 1), ")");
    default:
      return absl::StrCat("(", left, ") or (", RandomRule(random, depth - 1), ")");
  }
}

TEST(RuleTest, LawsOfLogicHoldAndPrintingLosesNothing) {
  absl::BitGen random;
  for (int i = 0; i < 500; ++i) {
    const std::string a = RandomRule(random, i % 4), b = RandomRule(random, (i + 1) % 3);
    const bool x = Matches(a), y = Matches(b);
    EXPECT_EQ(Matches(absl::StrCat("not (", a, ")")), !x) << a;
    EXPECT_EQ(Matches(absl::StrCat("(", a, ") and (", b, ")")), x && y);
    EXPECT_EQ(Matches(absl::StrCat("not (not (", a, ") or not (", b, "))")), x && y);  // De Morgan.
    const auto again = Rule::Parse(Rule::Parse(a)->ToString());
    ASSERT_TRUE(again.ok()) << Rule::Parse(a)->ToString();
    EXPECT_EQ(again->Matches(Facts()), x) << a;
    EXPECT_EQ(again->ToString(), Rule::Parse(a)->ToString());
  }
}

TEST(PathTest, GivesTexts) {
  EXPECT_EQ(Path::Parse("body.ref")->Text(Facts()), "refs/heads/main");
  EXPECT_EQ(Path::Parse("body.size")->Text(Facts()), "3");
  EXPECT_EQ(Path::Parse("body.gone")->Text(Facts()), "");
  EXPECT_EQ(Path::Parse("body.none")->Text(Facts()), "");
  EXPECT_EQ(Path::Parse("body.commits[1].files")->Text(Facts()), "[]");
  EXPECT_FALSE(Path::Parse("body.a == 1").ok());
  EXPECT_FALSE(Path::Parse("").ok());
}

}  // namespace
}  // namespace selfology::webhook
