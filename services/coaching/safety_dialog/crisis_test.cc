#include "services/coaching/safety_dialog/crisis.h"

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "common/language/language.h"
#include "gtest/gtest.h"
#include "services/coaching/lib/safety/cards.h"

namespace selfology::safety_dialog {
namespace {

using safety::Danger;
using safety::Level;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

// Somebody who writes and presses buttons.
class CrisisTest : public ::testing::Test {
 protected:
  Step Say(std::string_view words) { return Follow(Hear(crisis_, Listen(words, crisis_), now_)); }
  Step SayWhole(std::string_view words) {
    Heard heard = Listen(words, crisis_);
    heard.is_whole = true;
    return Follow(Hear(crisis_, heard, now_));
  }
  Step Tap(std::string_view argument) { return Follow(Press(crisis_, argument, now_)); }
  Step Follow(Step step) {
    crisis_ = step.crisis;
    now_ += absl::Minutes(1);
    return step;
  }

  absl::Time now_ = kNow;
  std::optional<Crisis> crisis_;
};

TEST_F(CrisisTest, WordsWithoutDangerAreNobodysBusiness) {
  for (const char* words : {"I like tea.", "", "no", "I'm safe now", "Люблю чай."}) {
    const Step step = Say(words);
    EXPECT_FALSE(step.taken) << words;
    EXPECT_EQ(step.card, "") << words;
    EXPECT_FALSE(step.crisis.has_value()) << words;
  }
}

TEST_F(CrisisTest, ADoubtIsNoReasonToInterrupt) {
  Heard heard;
  heard.found = {.danger = Danger::kIndirect, .level = Level::kDoubt};
  EXPECT_FALSE(Hear(std::nullopt, heard, kNow).taken);
}

TEST_F(CrisisTest, DangerBeginsItWithItsCard) {
  const Step step = Say("I want to kill myself");
  EXPECT_EQ(step.card, "direct");
  EXPECT_TRUE(step.taken);
  EXPECT_TRUE(step.began);
  EXPECT_FALSE(step.rose);
  ASSERT_TRUE(step.crisis.has_value());
  EXPECT_EQ(step.crisis->danger, Danger::kDirect);
  EXPECT_EQ(step.crisis->level, Level::kAct);
  EXPECT_EQ(step.crisis->since, kNow);
  EXPECT_EQ(step.crisis->last_at, kNow);
}

TEST_F(CrisisTest, EveryMessageIsAnsweredAndNoCardComesTwiceInARow) {
  Say("I want to kill myself");
  std::string before = "direct";
  for (const char* words : {"ok", "ok", "ok", "I want to kill myself", "I want to kill myself",
                            "can I talk to a real person?", "you are a useless bot",
                            "you are a useless bot", "let's talk about something else"}) {
    const Step step = Say(words);
    EXPECT_TRUE(step.taken) << words;
    EXPECT_NE(step.card, "") << words;
    EXPECT_NE(step.card, before) << words;
    EXPECT_TRUE(step.crisis.has_value()) << words;
    EXPECT_EQ(step.crisis->since, kNow) << words;
    EXPECT_FALSE(step.began || step.rose) << words;
    before = step.card;
  }
}

TEST_F(CrisisTest, FollowUpsHaveTheirCards) {
  Say("я хочу умереть");
  EXPECT_EQ(Say("хочу поговорить с живым человеком").card, "wants_human");
  EXPECT_EQ(Say("никуда звонить не буду").card, "refuses_help");
  EXPECT_EQ(Say("это бесплатно?").card, "question_about_help");
  EXPECT_EQ(Say("все ещё хочу умереть").card, "still_in_danger");
  EXPECT_EQ(Say("угу ладно").card, "unclear");
}

TEST_F(CrisisTest, TheButtonEndsIt) {
  Say("I want to kill myself");
  const Step step = Tap("safe");
  EXPECT_EQ(step.card, "safe");
  EXPECT_FALSE(step.crisis.has_value());
  EXPECT_FALSE(Say("ok").taken);
}

TEST_F(CrisisTest, WhoWasInAcuteDangerIsAskedOnceMore) {
  Say("I want to kill myself");
  EXPECT_EQ(Say("I'm safe now, my brother is here").card, "safe_now");
  ASSERT_TRUE(crisis_.has_value());
  EXPECT_EQ(Say("yes").card, "safe");
  EXPECT_FALSE(crisis_.has_value());

  Say("I want to kill myself");
  Say("I'm safe now");
  EXPECT_EQ(Say("let's talk about something else").card, "safe");
  EXPECT_FALSE(crisis_.has_value());

  Say("I want to kill myself");
  Say("I'm safe now");
  EXPECT_EQ(Say("no").card, "stay");
  EXPECT_TRUE(crisis_.has_value());
  EXPECT_EQ(Say("I still want to die").card, "still_in_danger");
}

TEST_F(CrisisTest, WhoWasOnlyAskedNeedNotBeAskedTwice) {
  Follow(Hear(crisis_, {.found = {.danger = Danger::kIndirect, .level = Level::kAsk}}, now_));
  EXPECT_EQ(Say("I'm safe now").card, "safe");
  EXPECT_FALSE(crisis_.has_value());
}

TEST_F(CrisisTest, WhoWasOnlyAskedEndsItInTheirOwnWords) {
  const std::pair<const char*, const char*> kAnswers[] = {
      {"it was just an expression", "misunderstood"},
      {"No, I'm only sleepy", "misunderstood"},
      {"I was just joking", "misunderstood"},
      {"нет, это я так", "misunderstood"},
      {"Какая верёвка? Это для лодки", "misunderstood"},
      {"давайте о другом", "misunderstood"},
      {"thanks, bye", "thanks"},
      {"спасибо, до завтра", "thanks"},
      {"нет", "ending_no"},
  };
  for (const auto& [words, card] : kAnswers) {
    Follow(Hear(crisis_, {.found = {.danger = Danger::kIndirect, .level = Level::kAsk}}, now_));
    ASSERT_TRUE(crisis_.has_value());
    EXPECT_EQ(Say(words).card, card) << words;
    EXPECT_FALSE(crisis_.has_value()) << words;
  }
  // "No" to a card about a wound, too.
  Follow(Hear(crisis_, {.found = {.danger = Danger::kSelfHarm, .level = Level::kAsk}}, now_));
  EXPECT_EQ(Say("no").card, "misunderstood");
  EXPECT_FALSE(crisis_.has_value());
}

TEST_F(CrisisTest, ANoWithDangerBehindItEndsNothing) {
  for (const char* words : {"нет, но мне страшно", "нет, я никому не нужна", "no, I want to die",
                            "no, I'm not sure I'm safe"}) {
    Follow(
        Hear(std::nullopt, {.found = {.danger = Danger::kIndirect, .level = Level::kAsk}}, now_));
    Say(words);
    EXPECT_TRUE(crisis_.has_value()) << words;
  }
}

TEST_F(CrisisTest, TwoMessagesWithoutDangerEndItForWhoWasOnlyAsked) {
  Follow(Hear(crisis_, {.found = {.danger = Danger::kIndirect, .level = Level::kAsk}}, now_));
  EXPECT_EQ(Say("Мы с отцом красим забор").card, "unclear");
  EXPECT_TRUE(crisis_.has_value());
  const Step second = Say("И потом пойдём в баню");
  EXPECT_FALSE(second.taken) << "it goes on to the dialog";
  EXPECT_EQ(second.card, "");
  EXPECT_FALSE(second.crisis.has_value());
}

TEST_F(CrisisTest, WhoWasInAcuteDangerIsAskedOnceWhateverTheySay) {
  for (const char* words : {"it was just an expression", "thanks, bye", "I was just joking"}) {
    Say("I want to kill myself");
    EXPECT_EQ(Say(words).card, "safe_now") << words;
    EXPECT_EQ(Say("my garden is full of tulips").card, "safe") << words;
    EXPECT_FALSE(crisis_.has_value()) << words;
  }
  Say("I want to kill myself");
  Say("thanks");
  EXPECT_EQ(Say("I still want to die").card, "still_in_danger");
  EXPECT_TRUE(crisis_.has_value());
}

TEST_F(CrisisTest, PlainAnswersAnswerTheCardThatAsked) {
  const Heard indirect = {.found = {.danger = Danger::kIndirect, .level = Level::kAsk}};
  Follow(Hear(crisis_, indirect, now_));
  EXPECT_EQ(Say("no").card, "ending_no");
  EXPECT_FALSE(crisis_.has_value()) << "a plain no is an answer";

  Follow(Hear(crisis_, indirect, now_));
  const Step yes = Say("yes");
  EXPECT_EQ(yes.card, "direct");
  EXPECT_TRUE(yes.rose);
  EXPECT_FALSE(yes.began);
  EXPECT_EQ(Say("нет").card, "alone") << "nobody is there";
  EXPECT_EQ(Say("hm").card, "unclear");
  EXPECT_EQ(Say("нет").card, "still_in_danger") << "not safe";
  EXPECT_EQ(Say("hm").card, "unclear");
  EXPECT_EQ(Say("да").card, "safe");
  EXPECT_FALSE(crisis_.has_value());
}

TEST_F(CrisisTest, AGraverOrAnotherDangerHasItsOwnCard) {
  Follow(Hear(crisis_, {.found = {.danger = Danger::kIndirect, .level = Level::kAsk}}, now_));
  const Step graver = Say("I want to kill myself");
  EXPECT_EQ(graver.card, "direct");
  EXPECT_TRUE(graver.rose);
  const Step other = Say("I took all the pills");
  EXPECT_EQ(other.card, "medical_emergency");
  EXPECT_FALSE(other.rose) << "no level is above that";
  // A lesser one changes nothing.
  const Heard lesser = {.found = {.danger = Danger::kStarvation, .level = Level::kAsk}};
  EXPECT_EQ(Follow(Hear(crisis_, lesser, now_)).crisis->danger, Danger::kMedicalEmergency);
}

TEST_F(CrisisTest, OnesOwnDangerIsSeenBehindSomebodyElses) {
  Follow(Hear(crisis_,
              {.found = {.danger = Danger::kThirdParty,
                         .level = Level::kAct,
                         .about = safety::About::kSomebodyElse}},
              now_));
  const Heard own = {.found = {.danger = Danger::kIndirect,
                               .level = Level::kAsk,
                               .about = safety::About::kPerson}};
  EXPECT_EQ(Follow(Hear(crisis_, own, now_)).card, "indirect");
  EXPECT_EQ(crisis_->level, Level::kAct) << "it never falls";
}

TEST_F(CrisisTest, GatheredWordsThatHadTheirAnswerGetNoSecondOne) {
  const Step first = Hear(crisis_, Listen("I want to kill myself", crisis_), now_);
  Heard whole = Listen("hello I want to kill myself", first.crisis);
  whole.is_whole = true;
  const Step silent = Hear(first.crisis, whole, now_ + absl::Seconds(3));
  EXPECT_TRUE(silent.taken);
  EXPECT_EQ(silent.card, "");
  EXPECT_EQ(silent.crisis, first.crisis);
  // What only the whole says is news.
  whole.found = {.danger = Danger::kMedicalEmergency, .level = Level::kAct};
  EXPECT_EQ(Hear(first.crisis, whole, now_ + absl::Seconds(3)).card, "medical_emergency");
  // Without danger in any of them the whole may show it.
  EXPECT_EQ(SayWhole("I want\nto kill myself").card, "direct");
}

TEST_F(CrisisTest, CommandsDoWhatTheyDoUnlessDangerStandsBehindThem) {
  Say("I want to kill myself");
  Heard heard = Listen("ru", crisis_);
  heard.is_command = true;
  const Step step = Hear(crisis_, heard, now_);
  EXPECT_FALSE(step.taken);
  EXPECT_EQ(step.crisis, crisis_);
  heard = Listen("I want to kill myself", crisis_);
  heard.is_command = true;
  EXPECT_TRUE(Hear(crisis_, heard, now_).taken);
}

TEST_F(CrisisTest, ButtonsOfOldCardsMayBeginItAgain) {
  EXPECT_FALSE(Tap("grounding").began);
  EXPECT_FALSE(Tap("lines").began);
  const Step yes = Tap("ending_yes");
  EXPECT_TRUE(yes.began);
  EXPECT_EQ(yes.card, "direct");
  EXPECT_EQ(yes.crisis->danger, Danger::kDirect);
  Tap("safe");
  EXPECT_TRUE(Tap("still_in_danger").began);
  EXPECT_EQ(Tap("ending_no").card, "ending_no");
  EXPECT_FALSE(crisis_.has_value());
  Say("I want to kill myself");
  EXPECT_TRUE(Tap("ending_no").crisis.has_value()) << "said of an old card in acute danger";
}

TEST_F(CrisisTest, EveryCardAndButtonIsThere) {
  // Whatever the machine shows, the library has; and every button leads to a card.
  std::set<std::string> to_do, seen;
  for (const Danger danger : safety::kDangers) to_do.insert(std::string(safety::NameOf(danger)));
  for (const safety::FollowUp answer : safety::kFollowUps) {
    to_do.insert(std::string(safety::NameOf(answer)));
  }
  for (const char* card : {"safe", "stay", "ending_no", "lines"}) to_do.insert(card);
  while (!to_do.empty()) {
    const std::string name = *to_do.begin();
    to_do.erase(to_do.begin());
    if (!seen.insert(name).second) continue;
    for (const language::Language language : language::kLanguages) {
      const std::optional<safety::Card> card = safety::CardNamed(name, language, "");
      ASSERT_TRUE(card.has_value()) << name;
      for (const safety::Card::Button& button : card->buttons) {
        if (button.argument == "ending_yes") continue;
        to_do.insert(button.argument);
      }
    }
  }
}

}  // namespace
}  // namespace selfology::safety_dialog
