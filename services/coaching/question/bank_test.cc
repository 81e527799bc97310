#include "services/coaching/question/bank.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/coaching/question/smart_mix.h"
#include "testing/proto_matchers.h"

namespace selfology::question {
namespace {

using testing::EqualsProto;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ShippedBankTest : public ::testing::Test {
 protected:
  const Bank bank_ = ShippedBank().value();
};

TEST_F(ShippedBankTest, EveryQuestionHasItsNameAndSpeaksBothLanguages) {
  EXPECT_GE(bank_.questions().size(), 240);
  std::set<std::string> ids;
  for (const v1::Question& question : bank_.questions()) {
    EXPECT_TRUE(ids.insert(question.question_id()).second) << question.question_id();
    EXPECT_THAT(question.translations(), SizeIs(2));
    EXPECT_GE(question.version(), 1);
    EXPECT_TRUE(absl::StartsWith(
        question.question_id(), absl::StrCat("q_", absl::AsciiStrToLower(question.domain()), "_")));
    if (!question.retired()) EXPECT_THAT(question.guidance(), SizeIs(2)) << question.question_id();
  }
}

using Cell = std::pair<v1::DepthLevel, v1::EnergyDynamics>;

// The cells that suit a step of the journey: heavy ones only, or all others.
std::set<Cell> Suiting(int answers_given, bool heavy) {
  Situation situation;
  situation.answers_given = answers_given;
  situation.heavy_welcome = heavy;
  std::set<Cell> suiting;
  for (int depth = v1::DEPTH_LEVEL_SURFACE; depth <= v1::DEPTH_LEVEL_CORE; ++depth) {
    for (int energy = v1::ENERGY_DYNAMICS_OPENING; energy <= v1::ENERGY_DYNAMICS_HEALING;
         ++energy) {
      if ((energy == v1::ENERGY_DYNAMICS_HEAVY) != heavy) continue;
      v1::Question question;
      question.set_depth_level(static_cast<v1::DepthLevel>(depth));
      question.set_energy_dynamics(static_cast<v1::EnergyDynamics>(energy));
      if (Suits(question, situation)) {
        suiting.insert({question.depth_level(), question.energy_dynamics()});
      }
    }
  }
  return suiting;
}

constexpr int kSteps = 10;

TEST_F(ShippedBankTest, NoDomainRunsDryAtAnyStepOfTheJourney) {
  for (int answers = 0; answers < kSteps; ++answers) {
    const std::set<Cell> suiting = Suiting(answers, /*heavy=*/false);
    std::map<std::string, int> due;
    for (const v1::Question& question : bank_.questions()) {
      if (!question.retired() && question.depth_level() == DepthDue(answers) &&
          suiting.contains({question.depth_level(), question.energy_dynamics()})) {
        ++due[question.domain()];
      }
    }
    for (const v1::Domain& domain : bank_.Domains()) {
      EXPECT_GE(due[domain.domain()], 3) << domain.domain() << " after " << answers << " answers";
    }
  }
}

TEST_F(ShippedBankTest, EveryDepthAndEnergyThatSmartMixAsksForIsThere) {
  std::set<Cell> wanted;
  for (int answers = 0; answers < kSteps; ++answers) {
    for (const bool heavy : {false, true}) wanted.merge(Suiting(answers, heavy));
  }
  EXPECT_THAT(wanted, SizeIs(24)) << "all but what would be heavy at the surface";
  std::map<Cell, int> counts;
  for (const v1::Question& question : bank_.questions()) {
    if (!question.retired()) ++counts[{question.depth_level(), question.energy_dynamics()}];
  }
  for (const Cell& cell : wanted) {
    EXPECT_GE(counts[cell], 3) << v1::DepthLevel_Name(cell.first) << " "
                               << v1::EnergyDynamics_Name(cell.second);
  }
}

TEST_F(ShippedBankTest, EveryDomainHasSomethingForTheWholeWayDown) {
  EXPECT_THAT(bank_.Domains(), SizeIs(12));
  std::map<std::string, std::set<v1::DepthLevel>> depths;
  std::map<std::string, std::set<v1::EnergyDynamics>> energies;
  for (const v1::Question& question : bank_.questions()) {
    depths[question.domain()].insert(question.depth_level());
    energies[question.domain()].insert(question.energy_dynamics());
  }
  for (const v1::Domain& domain : bank_.Domains()) {
    EXPECT_GE(domain.question_count(), 20) << domain.domain();
    EXPECT_THAT(depths[domain.domain()], SizeIs(5)) << domain.domain();
    EXPECT_THAT(energies[domain.domain()], SizeIs(5)) << domain.domain();
  }
}

TEST_F(ShippedBankTest, HasTheQuestionOfTheRequirements) {
  const v1::Question* question = bank_.Find("q_identity_001");
  ASSERT_NE(question, nullptr);
  EXPECT_EQ(InLanguage(*question, "").question_text(), "What makes you feel most alive?");
  EXPECT_EQ(question->domain(), "IDENTITY");
  EXPECT_EQ(question->depth_level(), v1::DEPTH_LEVEL_CONSCIOUS);
  EXPECT_EQ(question->energy_dynamics(), v1::ENERGY_DYNAMICS_OPENING);
}

v1::Question Named(std::string id, std::string domain = "WORK", bool retired = false) {
  v1::Question question;
  question.set_question_id(std::move(id));
  question.set_domain(std::move(domain));
  question.set_retired(retired);
  return question;
}

TEST(BankTest, FindsByIdAndCountsDomains) {
  const Bank bank({Named("q_c"), Named("q_a", "PAST"), Named("q_b", "PAST", /*retired=*/true)});
  EXPECT_EQ(bank.questions().front().question_id(), "q_a");
  EXPECT_THAT(*bank.Find("q_c"), EqualsProto(Named("q_c")));
  EXPECT_EQ(bank.Find("q_"), nullptr);
  EXPECT_EQ(bank.Find("q_d"), nullptr);
  ASSERT_THAT(bank.Domains(), SizeIs(2));
  EXPECT_EQ(bank.Domains()[0].domain(), "PAST");
  EXPECT_EQ(bank.Domains()[0].question_count(), 1);
  EXPECT_THAT(Bank({}).Domains(), IsEmpty());
}

TEST(BankTest, AShippedQuestionIsOutvotedByAnotherOfTheSameVersion) {
  v1::Question question = Named("q_a");
  question.set_version(2);
  v1::Question other = question;
  other.mutable_create_time()->set_seconds(1);
  EXPECT_THAT(Outvoted(Bank({question}), Bank({other})), IsEmpty());
  other.set_domain("PAST");
  EXPECT_THAT(Outvoted(Bank({question}), Bank({other})), ::testing::ElementsAre("q_a"));
  other.set_version(3);
  EXPECT_THAT(Outvoted(Bank({question}), Bank({other})), IsEmpty()) << "an operator's change";
}

TEST(InLanguageTest, TheNearestThereIs) {
  v1::Question question;
  (*question.mutable_translations())["en"] = "Hello?";
  (*question.mutable_translations())["ru"] = "Привет?";
  (*question.mutable_translations())["pt-BR"] = "Olá?";
  const auto language = [&](std::string_view wanted) {
    return InLanguage(question, wanted).language();
  };
  EXPECT_EQ(InLanguage(question, "ru").question_text(), "Привет?");
  EXPECT_EQ(language("ru-RU"), "ru");
  EXPECT_EQ(language("RU"), "ru");
  EXPECT_EQ(language("pt-BR"), "pt-BR");
  EXPECT_EQ(language("PT_br"), "pt-BR");
  EXPECT_EQ(language("pt-BR-x-carioca"), "pt-BR");
  EXPECT_EQ(language("de"), "en");
  EXPECT_EQ(language(""), "en");
  EXPECT_TRUE(Speaks(question, "ru-RU"));
  EXPECT_FALSE(Speaks(question, "de"));
  question.mutable_translations()->erase("en");
  EXPECT_EQ(language("de"), "pt-BR");
  question.clear_translations();
  EXPECT_EQ(language("de"), "");
}

TEST(InLanguageTest, WhatGoesWithItComesInTheSameLanguage) {
  v1::Question question;
  (*question.mutable_translations())["en"] = "Hello?";
  (*question.mutable_translations())["ru"] = "Привет?";
  v1::Guidance& guidance = (*question.mutable_guidance())["ru"];
  guidance.set_why("Чтобы начать.");
  guidance.add_follow_ups("А потом?");
  const v1::Question russian = InLanguage(question, "ru");
  EXPECT_EQ(russian.why(), "Чтобы начать.");
  EXPECT_THAT(russian.follow_ups(), ::testing::ElementsAre("А потом?"));
  const v1::Question english = InLanguage(russian, "en");
  EXPECT_EQ(english.why(), "") << "there is none, and Russian would be wrong";
  EXPECT_THAT(english.follow_ups(), IsEmpty());
}

}  // namespace
}  // namespace selfology::question
