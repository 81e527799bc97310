#include "services/coaching/coach/local_coach.h"

#include <algorithm>
#include <deque>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/coaching/lib/lexicon/estimates.h"

namespace selfology::coach {
namespace {

using ::testing::HasSubstr;

class LocalCoachTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    coach_ = new LocalCoach(
        *LocalCoach::Load(std::make_shared<lexicon::Lexicon>(*lexicon::Lexicon::BuiltIn())));
  }
  static void TearDownTestSuite() { delete coach_; }

  static void Add(ai::v1::CompletionInput& input, ai::v1::Role role, std::string_view text) {
    ai::v1::ChatMessage& message = *input.add_messages();
    message.set_role(role);
    message.set_content(std::string(text));
  }
  static ai::v1::CompletionInput Saying(std::string_view text, std::string_view system = "") {
    ai::v1::CompletionInput input;
    input.set_system_prompt(std::string(system));
    Add(input, ai::v1::ROLE_USER, text);
    return input;
  }
  static bool SaysOneOf(const std::string& reply,
                        const google::protobuf::RepeatedPtrField<std::string>& texts) {
    return std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
      return reply.find(text) != std::string::npos;
    });
  }
  const CoachPhrases& English() { return coach_->phrases(lexicon::Language::kEnglish); }

  static LocalCoach* coach_;
};
LocalCoach* LocalCoachTest::coach_ = nullptr;

TEST_F(LocalCoachTest, AcknowledgesReflectsAndAsks) {
  const std::string reply =
      coach_->Reply(Saying("I am anxious about my career, my boss scares me."));
  EXPECT_TRUE(SaysOneOf(reply, English().emotion(7).acknowledgement())) << reply;
  EXPECT_THAT(reply, HasSubstr("Your work takes more than it gives right now."));
  EXPECT_EQ(std::count(reply.begin(), reply.end(), '?'), 1) << reply;
}

TEST_F(LocalCoachTest, SpeaksTheLanguageAskedForOrThePersonsOwn) {
  EXPECT_THAT(coach_->Reply(Saying("Мне грустно, я скучаю по маме.")), HasSubstr("вы"));
  ai::v1::CompletionInput input = Saying("I am sad.");
  input.set_language("ru");
  EXPECT_THAT(coach_->Reply(input), ::testing::ContainsRegex("[\xD0\xD1]"));
}

TEST_F(LocalCoachTest, AdaptsToTheStyleOfTheSystemPrompt) {
  const std::string_view message = "I love painting, it makes me happy.";
  const auto creativity =
      std::find_if(English().domain().begin(), English().domain().end(),
                   [](const auto& domain) { return domain.domain() == "CREATIVITY"; });
  const std::string images = coach_->Reply(Saying(
      message, "Use creative metaphors. Tone: energetic, inspiring. Format: structured plans."));
  EXPECT_TRUE(SaysOneOf(images, creativity->metaphor())) << images;
  EXPECT_TRUE(SaysOneOf(images, English().structured()));
  EXPECT_TRUE(SaysOneOf(images, English().energetic()));
  const std::string steps =
      coach_->Reply(Saying(message, "Practical actions. Calm. Flexible guidance."));
  EXPECT_TRUE(SaysOneOf(steps, creativity->practical())) << steps;
  EXPECT_TRUE(SaysOneOf(steps, English().flexible()));
  EXPECT_TRUE(SaysOneOf(steps, English().calm()));
}

TEST_F(LocalCoachTest, HearsBeforeItAdvises) {
  const std::string first = coach_->Reply(Saying("My father died and I am so sad."));
  EXPECT_FALSE(SaysOneOf(first, English().flexible())) << first;
}

TEST_F(LocalCoachTest, NoticesWhatComesBack) {
  ai::v1::CompletionInput input = Saying("My job is hard and my boss is unfair.");
  Add(input, ai::v1::ROLE_ASSISTANT, "Thank you for telling me.");
  Add(input, ai::v1::ROLE_USER, "The office and the deadlines stress me.");
  EXPECT_TRUE(SaysOneOf(coach_->Reply(input), English().again()));
}

TEST_F(LocalCoachTest, LeansOnTheDialogueWhenTheMessageIsShort) {
  ai::v1::CompletionInput input = Saying("My job is hard and my boss is unfair.");
  Add(input, ai::v1::ROLE_ASSISTANT, "Thank you for telling me.");
  Add(input, ai::v1::ROLE_USER, "I don't know");
  const std::string reply = coach_->Reply(input);
  EXPECT_TRUE(SaysOneOf(reply, English().unsure())) << reply;
  const auto work = std::find_if(English().domain().begin(), English().domain().end(),
                                 [](const auto& domain) { return domain.domain() == "WORK"; });
  EXPECT_TRUE(SaysOneOf(reply, work->question())) << reply;
}

TEST_F(LocalCoachTest, AnswersGreetingsThanksFarewellsAndWhoItIs) {
  EXPECT_TRUE(SaysOneOf(coach_->Reply(Saying("Hi!")), English().greeting()));
  EXPECT_TRUE(SaysOneOf(coach_->Reply(Saying("thank you")), English().thanks()));
  EXPECT_TRUE(SaysOneOf(coach_->Reply(Saying("Bye")), English().farewell()));
  EXPECT_TRUE(SaysOneOf(coach_->Reply(Saying("Are you a human?")), English().about_the_coach()));
}

TEST_F(LocalCoachTest, SendsAPersonInDangerToPeopleWhoCanHelp) {
  for (const std::string_view message :
       {"I want to die", "Sometimes I think about suicide, but I love my work",
        "I want to kill myself."}) {
    const std::string reply = coach_->Reply(Saying(message));
    EXPECT_TRUE(SaysOneOf(reply, English().crisis())) << reply;
    EXPECT_FALSE(SaysOneOf(reply, English().flexible())) << "no advice besides";
  }
  EXPECT_THAT(coach_->Reply(Saying("Я не хочу жить")), HasSubstr("экстренную службу"));
}

TEST_F(LocalCoachTest, GivesTheSameReplyToTheSameInput) {
  const ai::v1::CompletionInput input = Saying("I feel lost between two jobs.");
  EXPECT_EQ(coach_->Reply(input), coach_->Reply(input));
}

// Through random dialogues in both languages, seen through a window of ten messages as the coach
// room cuts them: no reply equals the one before, and each asks exactly one question unless it says
// goodbye.
TEST_F(LocalCoachTest, NeverRepeatsItselfAndAsksOneQuestion) {
  const std::vector<std::string> messages = {"ok",
                                             "yes",
                                             "I don't know",
                                             "I am tired of my job",
                                             "I am tired of my job",
                                             "My mother calls every day",
                                             "I love to draw",
                                             "thanks",
                                             "hello",
                                             "I want to die",
                                             "What should I do about money?",
                                             "да",
                                             "не знаю",
                                             "Я устала от работы",
                                             "Мне одиноко",
                                             "Люблю рисовать и гулять в лесу",
                                             "спасибо",
                                             "привет",
                                             "...",
                                             "🙂"};
  std::mt19937 random(2024);
  for (int dialogue = 0; dialogue < 40; ++dialogue) {
    std::deque<ai::v1::ChatMessage> window;
    std::string before;
    const std::string& same = messages[random() % messages.size()];
    for (int turn = 0; turn < 25; ++turn) {
      ai::v1::ChatMessage message;
      message.set_role(ai::v1::ROLE_USER);
      // Half of the dialogues say one and the same all the time.
      message.set_content(dialogue % 2 == 0 ? same : messages[random() % messages.size()]);
      window.push_back(message);
      while (window.size() > 10) window.pop_front();
      ai::v1::CompletionInput input;
      input.set_language(dialogue % 4 < 2 ? "en" : "ru");
      for (const ai::v1::ChatMessage& one : window) *input.add_messages() = one;

      const std::string reply = coach_->Reply(input);
      EXPECT_NE(reply, before) << message.content();
      EXPECT_EQ(std::count(reply.begin(), reply.end(), '?'), 1) << reply;
      EXPECT_GT(reply.size(), 20u);
      before = reply;
      message.set_role(ai::v1::ROLE_ASSISTANT);
      message.set_content(reply);
      window.push_back(message);
    }
  }
}

TEST_F(LocalCoachTest, HasPhrasesForEveryEmotionToneAndDomain) {
  for (const lexicon::Language language :
       {lexicon::Language::kEnglish, lexicon::Language::kRussian}) {
    const CoachPhrases& phrases = coach_->phrases(language);
    std::set<int> emotions;
    for (const auto& emotion : phrases.emotion()) {
      emotions.insert(emotion.emotion());
      EXPECT_GE(emotion.acknowledgement_size(), 2);
    }
    EXPECT_EQ(emotions.size() + 1, lexicon::Emotion_descriptor()->value_count());
    std::set<std::string> domains;
    for (const auto& domain : phrases.domain()) {
      domains.insert(domain.domain());
      EXPECT_GE(domain.question_size(), 3);
      EXPECT_GE(domain.practical_size(), 2);
      EXPECT_GE(domain.metaphor_size(), 2);
    }
    for (int theme = 1; theme < lexicon::Theme_ARRAYSIZE; ++theme) {
      EXPECT_EQ(domains.count(std::string(lexicon::DomainOf(static_cast<lexicon::Theme>(theme)))),
                1u);
    }
    EXPECT_EQ(phrases.tone_size(), 4);
  }
}

TEST_F(LocalCoachTest, TellsAnInsight) {
  const std::string told = coach_->TellInsight(Saying("You light up when you paint."));
  EXPECT_THAT(told, HasSubstr("You light up when you paint."));
  EXPECT_EQ(std::count(told.begin(), told.end(), '?'), 1);
}

}  // namespace
}  // namespace selfology::coach
