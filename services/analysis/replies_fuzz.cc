// Whatever a model replies, what is made of it keeps to the contract.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/text/text.h"
#include "services/analysis/replies.h"

namespace selfology::analysis {
namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

bool IsFraction(double value) { return value >= 0 && value <= 1; }

void CheckInstant(std::string_view reply) {
  const auto instant = ParseInstant(reply, v1::InstantAnalysis());
  if (!instant.ok()) return;
  Require(IsFraction(instant->quality_score()));
  Require(instant->key_themes_size() <= 5);
  Require(text::IsStorable(instant->brief_insight()));
  Require(text::Characters(instant->brief_insight()) <= 300);
}

void CheckDeep(std::string_view reply) {
  const auto deep = ParseDeep(reply);
  if (!deep.ok()) return;
  for (const auto& [name, trait] : deep->traits()) {
    Require(IsFraction(trait.value()) && IsFraction(trait.confidence()));
  }
  for (const auto& [domain, affinity] : deep->domain_affinities()) Require(IsFraction(affinity));
  for (const auto& pattern : deep->patterns()) {
    Require(!pattern.name().empty() && IsFraction(pattern.confidence()));
  }
  Require(deep->insights_size() <= 4 && deep->patterns_size() <= 3);
}

}  // namespace
}  // namespace selfology::analysis

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view reply(reinterpret_cast<const char*>(data), size);
  selfology::analysis::CheckInstant(reply);
  selfology::analysis::CheckDeep(reply);
  return 0;
}
