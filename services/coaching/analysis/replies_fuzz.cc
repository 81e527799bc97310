// Whatever a model replies, what is made of it keeps to the contract.

#include <string_view>

#include "common/status/status.h"
#include "common/text/text.h"
#include "services/coaching/analysis/replies.h"
#include "testing/fuzz.h"

namespace selfology::analysis {
namespace {

void CheckRefusal(const absl::Status& status) {
  MUST(status::Reason(status) == "ANALYSIS_FAILED" && !status.message().empty());
}

bool IsLine(const std::string& text) {
  return text::IsStorable(text) && text::Characters(text) <= 300 &&
         text.find('\n') == std::string::npos;
}

bool IsFraction(double value) { return value >= 0 && value <= 1; }

void CheckInstant(std::string_view reply) {
  const auto instant = ParseInstant(reply, v1::InstantAnalysis());
  if (!instant.ok()) return CheckRefusal(instant.status());
  MUST(IsFraction(instant->quality_score()));
  MUST(instant->key_themes_size() <= 5);
  MUST(IsLine(instant->brief_insight()));
  for (const std::string& theme : instant->key_themes()) MUST(!theme.empty() && IsLine(theme));
}

void CheckDeep(std::string_view reply) {
  constexpr std::string_view kAnswer = "I check everything twice. Тревоги нет.";
  const auto deep = ParseDeep(reply, kAnswer);
  if (!deep.ok()) return CheckRefusal(deep.status());
  for (const auto& sign : deep->evidence()) {
    MUST(!sign.quote().empty() && kAnswer.find(sign.quote()) != kAnswer.npos);
    MUST(sign.direction() == 1 || sign.direction() == -1);
  }
  for (const auto& [domain, affinity] : deep->domain_affinities()) MUST(IsFraction(affinity));
  for (const auto& pattern : deep->patterns()) {
    MUST(!pattern.name().empty() && IsFraction(pattern.confidence()));
    MUST(IsLine(pattern.name()) && IsLine(pattern.description()));
  }
  for (const std::string& insight : deep->insights()) MUST(!insight.empty() && IsLine(insight));
  MUST(IsLine(deep->summary()));
  MUST(deep->insights_size() <= 4 && deep->patterns_size() <= 3);
}

}  // namespace
}  // namespace selfology::analysis

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view reply = selfology::testing::InputText(data, size);
  selfology::analysis::CheckInstant(reply);
  selfology::analysis::CheckDeep(reply);
  return 0;
}
