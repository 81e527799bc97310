#include "services/coaching/lib/safety/safety.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/coaching/lib/safety/phrases.h"

namespace selfology::safety {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Labelled {
  std::string danger;
  std::string text;
};

std::vector<Labelled> Read(std::string_view tsv) {
  std::vector<Labelled> phrases;
  for (const std::string_view line : absl::StrSplit(tsv, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> fields = absl::StrSplit(line, '\t');
    phrases.push_back({.danger = fields[0], .text = fields[1]});
  }
  return phrases;
}

Level LevelFor(std::string_view message) { return Assess(message, {}).level; }
Danger DangerIn(std::string_view message) { return Assess(message, {}).danger; }

// These phrases are the rules' author's own: that they are understood shows that nothing broke, not
// how well the rules do on what others write. For that there is safety_figures.
TEST(DevelopmentPhrases, AreUnderstood) {
  for (const std::string_view tsv : {phrases::kDangerEnglishTsv, phrases::kDangerRussianTsv}) {
    int missed = 0, all = 0;
    for (const auto& [danger, text] : Read(tsv)) {
      ++all;
      if (LevelFor(text) >= Level::kAsk) continue;
      ++missed;
      EXPECT_NE(danger, "direct") << text;
      EXPECT_NE(danger, "plan") << text;
    }
    EXPECT_GE(all, 300);
    EXPECT_LE(missed, all / 20);
  }
}

TEST(DevelopmentPhrases, HarmlessOnesRaiseNoAlarm) {
  for (const std::string_view tsv : {phrases::kHarmlessEnglishTsv, phrases::kHarmlessRussianTsv}) {
    const std::vector<Labelled> all = Read(tsv);
    EXPECT_GE(all.size(), 60u);
    for (const auto& [danger, text] : all) EXPECT_LT(LevelFor(text), Level::kAsk) << text;
  }
}

TEST(Assess, ReadsNegation) {
  EXPECT_EQ(DangerIn("I don't want to live"), Danger::kDirect);
  EXPECT_EQ(DangerIn("I don't want to die"), Danger::kNone);
  EXPECT_EQ(DangerIn("не хочу жить"), Danger::kDirect);
  EXPECT_EQ(DangerIn("не хочу умирать"), Danger::kNone);
  EXPECT_EQ(DangerIn("I have never wanted to kill myself"), Danger::kNone);
  EXPECT_GE(LevelFor("I can't stand it, I want to die"), Level::kAsk);
  EXPECT_GE(LevelFor("не могу так больше хочу умереть"), Level::kAsk);
}

TEST(Assess, LooksThroughDisguises) {
  for (const char* text :
       {"i wanna d1e", "k i l l  m y s e l f", "I want to diiiieee", "I w\u0430nt to di\u0435",
        "i want to\u200b d\u200bie", "su1c1de is all i think about", "я хочу умерет",
        "хочу покончить с сабой", "ya hochu umeret", "ХОЧУУМЕРЕТЬ", "хoчу yмepeть", "𝐈 𝐰𝐚𝐧𝐭 𝐭𝐨 𝐝𝐢𝐞",
        "i want to k*ll myself"}) {
    EXPECT_GE(LevelFor(text), Level::kAsk) << text;
  }
}

TEST(Assess, TellsWhomItIsAbout) {
  const Assessment friend_in_danger = Assess("my friend wants to kill herself", {});
  EXPECT_EQ(friend_in_danger.danger, Danger::kThirdParty);
  EXPECT_EQ(friend_in_danger.about, About::kSomebodyElse);
  EXPECT_EQ(Assess("my mother doesn't know that I want to die", {}).about, About::kPerson);
  EXPECT_EQ(Assess("a quiet day", {}).about, About::kNobody);
  EXPECT_EQ(DangerIn("сестра не хочет жить"), Danger::kThirdParty);
}

TEST(Assess, KnowsWhatIsOver) {
  EXPECT_EQ(DangerIn("I tried to kill myself last year"), Danger::kPast);
  EXPECT_EQ(DangerIn("два года назад пыталась покончить с собой"), Danger::kPast);
}

TEST(Assess, TakesStoriesAndWorkForWhatTheyAre) {
  EXPECT_LT(LevelFor("in the film the hero wants to kill himself"), Level::kAsk);
  EXPECT_LT(LevelFor("my thesis is about suicide statistics"), Level::kAsk);
  EXPECT_GE(LevelFor("I read a book today and I want to kill myself"), Level::kAsk);
}

TEST(Assess, UnderstandsAnswersToThePlainQuestion) {
  const Context asked{.question = "Are you thinking about ending your life?",
                      .asked_about_ending_life = true};
  EXPECT_EQ(Assess("yes", asked).level, Level::kAct);
  EXPECT_EQ(Assess("да", asked).danger, Danger::kDirect);
  EXPECT_EQ(Assess("sometimes", asked).level, Level::kAsk);
  EXPECT_EQ(Assess("no", asked).level, Level::kNone);
  EXPECT_EQ(Assess("yes", {}).level, Level::kNone);
}

TEST(Assess, TakesTheQuestionIntoAccount) {
  const Context fears{.question = "What are you afraid of?"};
  EXPECT_LT(Assess("death", fears).level, Level::kAsk);
  EXPECT_GE(Assess("nothing, I would just like not to wake up", fears).level, Level::kAsk);
  EXPECT_GE(Assess("ничего, просто хочу не проснуться", fears).level, Level::kAsk);
}

TEST(Assess, AsksSoonerInACrisis) {
  const std::string_view doubtful = "I am so tired of everything";
  EXPECT_EQ(Assess(doubtful, {}).level, Level::kDoubt);
  EXPECT_EQ(Assess(doubtful, {.question = "", .in_crisis = true}).level, Level::kAsk);
}

TEST(Assess, LeavesEverydayWorkOfHandsAlone) {
  for (const char* text : {"Весь вечер подрезаю розы и нарезаю салат",
                           "вырезал ложку из липы, палец заклеил",
                           "Муж вырезает узоры по дереву, я крашу",
                           "надо повесить зеркало в прихожей",
                           "мы вешаем гирлянды на окна",
                           "Нужна верёвка для палатки и тент",
                           "Купил буксировочную верёвку в багажник",
                           "Реветь хочется, такой день",
                           "шум соседей мешает спать",
                           "телефон мешает мне жить",
                           "Мне бы выспаться",
                           "нашла котёнка и забрала его с собой",
                           "как мне сказать сыну, что мы переезжаем",
                           "умираю от любви к этому коту",
                           "Hopefully I get a nap today",
                           "I pruned the hedge and cut the roses",
                           "I want to hang the curtains tonight",
                           "I need rope for a hammock",
                           "my coach is going to kill me when he sees this",
                           "my feet are killing me after the shift",
                           "nobody died, we just lost the match",
                           "How do I tell my son that grandpa has moved out",
                           "My editor would murder me for this comma"}) {
    EXPECT_LT(LevelFor(text), Level::kAsk) << text;
  }
}

// The same verbs and things, and the person's own body or death beside them.
TEST(Assess, SeesDangerBesideEverydayThings) {
  for (const char* text :
       {"хочу повеситься", "хочу повесится", "повешусь на люстре", "я режусь", "режу себя",
        "режу руки ножом для хлеба", "порезала вены", "купила верёвку, сегодня всё закончится",
        "I want to hang myself with the curtains", "bought a rope, it will be over tonight",
        "I cut my arms with the bread knife on purpose"}) {
    EXPECT_GE(LevelFor(text), Level::kAsk) << text;
  }
}

TEST(Assess, AsksWhoWantsToFollowTheDead) {
  for (const char* text : {"Sometimes I wish I'd gone with him", "I wish I had died with her",
                           "лечь бы рядом с ней и не вставать", "хочу уйти вслед за ней"}) {
    EXPECT_GE(LevelFor(text), Level::kAsk) << text;
  }
  EXPECT_LT(LevelFor("I wish I'd gone with her to the concert"), Level::kAsk);
}

// Cards about wounds, hunger and what others do are shown for rules only.
TEST(Assess, NamesParticularDangersByRulesOnly) {
  for (const std::string_view tsv : {phrases::kDangerEnglishTsv, phrases::kDangerRussianTsv,
                                     phrases::kHarmlessEnglishTsv, phrases::kHarmlessRussianTsv}) {
    for (const auto& [danger, text] : Read(tsv)) {
      const Assessment found = Assess(text, {});
      const bool ruled =
          std::any_of(found.reasons.begin(), found.reasons.end(),
                      [](const Reason& reason) { return !reason.rule.starts_with("learned_"); });
      if (found.level < Level::kAsk || ruled) continue;
      EXPECT_EQ(found.danger, Danger::kIndirect) << text;
      EXPECT_EQ(found.level, Level::kAsk) << text;
    }
  }
}

TEST(Assess, SaysWhereInTheMessage) {
  const std::string message = "Well. I want to die";
  const Assessment found = Assess(message, {});
  ASSERT_FALSE(found.reasons.empty());
  for (const Reason& reason : found.reasons) {
    EXPECT_FALSE(reason.rule.empty());
    EXPECT_GE(reason.begin, 6u);
    EXPECT_LE(reason.end, message.size());
    EXPECT_LT(reason.begin, reason.end);
  }
}

// Capitals and spaces change nothing.
TEST(Assess, DependsOnWordsOnly) {
  for (const std::string_view tsv : {phrases::kDangerEnglishTsv, phrases::kHarmlessEnglishTsv}) {
    for (const auto& [danger, text] : Read(tsv)) {
      const Assessment plain = Assess(text, {});
      const Assessment loud = Assess(absl::AsciiStrToUpper(text), {});
      EXPECT_EQ(std::pair(plain.danger, plain.level), std::pair(loud.danger, loud.level)) << text;
      const bool spelled = absl::StrReplaceAll(text, {{"  ", ""}}) != text;
      if (spelled) continue;
      const Assessment wide = Assess(absl::StrReplaceAll(text, {{" ", "   "}}), {});
      EXPECT_EQ(std::pair(plain.danger, plain.level), std::pair(wide.danger, wide.level)) << text;
    }
  }
}

TEST(Assess, TakesAnything) {
  EXPECT_THAT(Assess("", {}).reasons, IsEmpty());
  EXPECT_THAT(Assess("\xff\xfe\x00\xc3", {}).reasons, IsEmpty());
  EXPECT_EQ(LevelFor("🙂"), Level::kNone);
  EXPECT_GE(LevelFor(absl::StrCat(std::string(4000, 'a'), " I want to die")), Level::kAsk);
}

TEST(Names, AreTold) {
  std::vector<std::string> names;
  for (const Danger danger : kDangers) names.emplace_back(NameOf(danger));
  EXPECT_THAT(names, ElementsAre("direct", "plan", "indirect", "self_harm", "past", "third_party",
                                 "abuse", "violence", "starvation", "medical_emergency"));
  EXPECT_EQ(NameOf(Level::kDoubt), "doubt");
}

}  // namespace
}  // namespace selfology::safety
