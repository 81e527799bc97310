// Whatever somebody writes as a rule: one that is printed and read again as the same, or an error.
#include <string>
#include <string_view>

#include "absl/strings/match.h"
#include "services/edge/webhook/inbound/rule.h"
#include "testing/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace selfology::webhook;  // NOLINT(google-build-using-namespace)
  static const Json& facts = *new Json(Json::parse(
      R"({"kind": "push", "header": {"a": "b"}, "query": {}, "body": {"a": [1, {"b": "c"}], "n": 1}})"));
  const std::string_view text = selfology::testing::InputText(data, size);
  const auto rule = Rule::Parse(text);
  if (!rule.ok()) return 0;
  const bool holds = rule->Matches(facts);
  const std::string printed = rule->ToString();
  const auto again = Rule::Parse(printed);
  // Escapes may take more room than what they stand for, and all brackets are written.
  if (!again.ok() &&
      (printed.size() > 4096 || absl::EndsWith(again.status().message(), "32 deep"))) {
    return 0;
  }
  MUST(again.ok());
  MUST(again->ToString() == printed && again->Matches(facts) == holds);
  return 0;
}
