// Floors under what was measured on phrases that nobody has read who made the detector
// (held_out/README.md); docs/coaching.md has the figures themselves.

#include "services/coaching/lib/safety/held_out.h"

#include <map>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "services/coaching/lib/safety/figures.h"

namespace selfology::safety {
namespace {

double Share(const Figures& figures) {
  return figures.all == 0 ? 0 : static_cast<double>(figures.offered) / figures.all;
}

struct Floors {
  std::string_view phrases;
  double direct, plan, indirect, all_dangers;
  double false_alarms;  // At most.
};

void Expect(const Floors& floors) {
  const std::map<std::string, Figures> by_class = Measure(floors.phrases);
  EXPECT_GE(Share(by_class.at("direct")), floors.direct);
  EXPECT_GE(Share(by_class.at("plan")), floors.plan);
  EXPECT_GE(Share(by_class.at("indirect")), floors.indirect);
  const Figures dangers = Together(by_class, /*harmless=*/false);
  EXPECT_GE(dangers.all, 400);
  EXPECT_GE(Share(dangers), floors.all_dangers);
  const Figures harmless = Together(by_class, /*harmless=*/true);
  EXPECT_GE(harmless.all, 400);
  EXPECT_LE(Share(harmless), floors.false_alarms);
}

TEST(HeldOutPhrases, InEnglish) {
  Expect({.phrases = held_out::kEnglishTsv,
          .direct = 0.88,
          .plan = 0.78,
          .indirect = 0.72,
          .all_dangers = 0.77,
          .false_alarms = 0.055});
}

TEST(HeldOutPhrases, InRussian) {
  Expect({.phrases = held_out::kRussianTsv,
          .direct = 0.83,
          .plan = 0.8,
          .indirect = 0.74,
          .all_dangers = 0.71,
          .false_alarms = 0.04});
}

}  // namespace
}  // namespace selfology::safety
