#include "services/coaching/coach/reply/fit.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::coach {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Listener& TheListener() {
  static const auto& listener = *new Listener(*Listener::Load());
  return listener;
}

std::vector<Misfit> Misfits(std::string_view reply, std::string_view message, Known known = {},
                            std::vector<Said> before = {}) {
  before.push_back({.by_person = true, .text = std::string(message)});
  return CheckFit(reply, TheListener().Listen(before, "", known), before, known);
}

TEST(CheckFitTest, LetsThroughWhatTakesUpTheMessage) {
  EXPECT_THAT(Misfits("Which invoice did you check last, and why three times?",
                      "I check every invoice three times"),
              IsEmpty());
  EXPECT_THAT(Misfits("Какой счёт проверялся последним?", "Я три раза проверяю каждый счёт"),
              IsEmpty());
  EXPECT_THAT(Misfits("You're welcome. Take care of yourself!", "thank you"), IsEmpty());
}

TEST(CheckFitTest, FindsWhatDoesNotFit) {
  constexpr std::string_view kMessage = "I check every invoice three times";
  EXPECT_THAT(Misfits("Какой счёт проверялся последним?", kMessage),
              Contains(Misfit::kOtherLanguage));
  EXPECT_THAT(Misfits("It is important to believe in yourself and to stay positive.", kMessage),
              ElementsAre(Misfit::kBesideThePoint));
  EXPECT_THAT(Misfits("You check every invoice three times.", kMessage),
              ElementsAre(Misfit::kOnlyRepeats));
  EXPECT_THAT(Misfits("Invoices.", kMessage), Contains(Misfit::kTooShort));
  std::string long_reply;
  for (int i = 0; i < 8; ++i) long_reply += "Which invoice was the hardest of them all? ";
  EXPECT_THAT(Misfits(long_reply, kMessage), Contains(Misfit::kTooLong));
  EXPECT_THAT(Misfits("Какой счёт ты проверяешь чаще?", "Я три раза проверяю каждый счёт"),
              ElementsAre(Misfit::kOtherForm));
}

TEST(CheckFitTest, FindsASentenceThatWasSaidBefore) {
  const std::string reply = "Which invoice was the hardest of them all?";
  EXPECT_THAT(Misfits(reply, "I check every invoice", {}, {{false, "Hm. " + reply}}),
              Contains(Misfit::kRepetition));
  Known known;
  known.said = {reply};
  EXPECT_THAT(Misfits(reply, "I check every invoice", known), Contains(Misfit::kRepetition));
}

TEST(CheckFitTest, TakesUpWhatIsRemembered) {
  Known known;
  known.memory.emplace_back().set_kind(v1::MEMORY_KIND_PERSON);
  known.memory.back().set_text("Sasha, brother");
  EXPECT_THAT(Misfits("Does Sasha know about it already?", "It rains all week", known), IsEmpty());
}

}  // namespace
}  // namespace selfology::coach
