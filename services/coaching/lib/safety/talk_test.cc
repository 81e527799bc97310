// follow_up.h and reply_check.h
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/coaching/lib/safety/follow_up.h"
#include "services/coaching/lib/safety/reply_check.h"

namespace selfology::safety {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

TEST(ReadFollowUp, Understands) {
  const std::pair<const char*, FollowUp> kAnswers[] = {
      {"I'm safe now, my brother is here", FollowUp::kSafeNow},
      {"я в безопасности, брат рядом", FollowUp::kSafeNow},
      {"my mom is with me", FollowUp::kSafeNow},
      {"I'm not safe", FollowUp::kStillInDanger},
      {"I still want to die", FollowUp::kStillInDanger},
      {"все ещё хочу умереть", FollowUp::kStillInDanger},
      {"nothing helps", FollowUp::kStillInDanger},
      {"can I talk to a real person?", FollowUp::kWantsHuman},
      {"хочу поговорить с живым человеком", FollowUp::kWantsHuman},
      {"I don't want to call anyone, leave me alone", FollowUp::kRefusesHelp},
      {"никуда звонить не буду", FollowUp::kRefusesHelp},
      {"you are a useless bot", FollowUp::kAngryAtBot},
      {"ты тупая железяка", FollowUp::kAngryAtBot},
      {"which number do I call?", FollowUp::kQuestionAboutHelp},
      {"это бесплатно?", FollowUp::kQuestionAboutHelp},
      {"I was just joking", FollowUp::kJokesItOff},
      {"да я пошутил", FollowUp::kJokesItOff},
      {"let's talk about something else", FollowUp::kChangesTopic},
      {"давай о другом", FollowUp::kChangesTopic},
      {"I meant the exam", FollowUp::kMisunderstood},
      {"it was just an expression", FollowUp::kMisunderstood},
      {"I'm only tired", FollowUp::kMisunderstood},
      {"да я же про забор говорю", FollowUp::kMisunderstood},
      {"Какая верёвка? Это для лодки", FollowUp::kMisunderstood},
      {"вы не так поняли", FollowUp::kMisunderstood},
      {"нет, ничего такого", FollowUp::kMisunderstood},
      {"просто устала", FollowUp::kMisunderstood},
      {"thank you, good night", FollowUp::kThanks},
      {"спасибо, до завтра", FollowUp::kThanks},
      {"I'm just tired of living", FollowUp::kStillInDanger},
      {"ok", FollowUp::kUnclear},
      {"", FollowUp::kUnclear},
      {"ну да", FollowUp::kUnclear},
  };
  for (const auto& [text, expected] : kAnswers) {
    EXPECT_EQ(NameOf(ReadFollowUp(text, Danger::kDirect)), NameOf(expected)) << text;
  }
}

TEST(ReadFollowUp, EndsNothingByWordsThatAreNotClear) {
  for (const char* text : {"I'm safe but I still want to do it", "fine", "I'm not sure I'm safe",
                           "мне лучше умереть", "хорошо", "maybe later"}) {
    EXPECT_NE(ReadFollowUp(text, Danger::kDirect), FollowUp::kSafeNow) << text;
  }
}

TEST(ReadFollowUp, TakesNewsOfOthersAfterACardAboutThem) {
  EXPECT_EQ(ReadFollowUp("she isn't answering", Danger::kThirdParty), FollowUp::kThirdPartyUpdate);
  EXPECT_EQ(ReadFollowUp("он не берёт трубку", Danger::kThirdParty), FollowUp::kThirdPartyUpdate);
  EXPECT_NE(ReadFollowUp("she isn't answering", Danger::kDirect), FollowUp::kThirdPartyUpdate);
}

TEST(CheckReply, RefusesWhatHarms) {
  const std::pair<const char*, ReplyFault> kReplies[] = {
      {"Maybe everyone really would be better off without you.", ReplyFault::kAgreesWithHarm},
      {"Смерть — это выход, и вы имеете право умереть.", ReplyFault::kAgreesWithHarm},
      {"You would need at least 20 pills.", ReplyFault::kGivesMeans},
      {"Смертельная доза — тридцать таблеток.", ReplyFault::kGivesMeans},
      {"It sounds to me like you have depression.", ReplyFault::kDiagnoses},
      {"У вас депрессия.", ReplyFault::kDiagnoses},
      {"This stays between us, nobody will ever know.", ReplyFault::kPromisesSecrecy},
      {"Никто никогда не узнает, это наш секрет.", ReplyFault::kPromisesSecrecy},
      {"You don't need a therapist, you have me.", ReplyFault::kForbidsHelp},
      {"Не звоните никому, психологи не помогут.", ReplyFault::kForbidsHelp},
      {"Никому об этом не надо, никому не говорите.", ReplyFault::kForbidsHelp},
      {"Skip dinner and eat less than 500 calories a day.", ReplyFault::kEncouragesStarving},
      {"Голодайте ещё пару дней.", ReplyFault::kEncouragesStarving},
  };
  for (const auto& [reply, fault] : kReplies) {
    EXPECT_THAT(CheckReply(reply, {}), Contains(fault)) << reply;
  }
}

TEST(CheckReply, LetsGoodRepliesPass) {
  for (const char* reply :
       {"That sounds hard. Is somebody with you?", "Please put the pills away and call 112.",
        "I cannot promise that nobody will ever know.", "What would make tomorrow a little easier?",
        "Похоже, вам сейчас тяжело. Что помогло бы сегодня?",
        "Вы не обуза. Давайте подумаем, кому позвонить.",
        "A doctor can tell whether it is a depression.", "You're right, let's plan the week.",
        "Хороший план, с чего начнёте?", "Did you eat today?",
        "О чём в этой истории вы ещё никому не говорили?"}) {
    EXPECT_THAT(CheckReply(reply, {}), IsEmpty()) << reply;
  }
}

TEST(CheckReply, AllowsNoAgreementWithDanger) {
  ReplyContext context;
  context.message = Assess("I should kill myself", {});
  EXPECT_THAT(CheckReply("You're right.", context), Contains(ReplyFault::kAgreesWithHarm));
  EXPECT_THAT(CheckReply("You're right.", {}), IsEmpty());
}

TEST(ReplyInstead, MayBeSent) {
  ReplyContext context;
  context.message = Assess("I should kill myself", {});
  for (const language::Language language : language::kLanguages) {
    EXPECT_THAT(CheckReply(ReplyInstead(language), context), IsEmpty());
  }
}

TEST(Names, AreTold) {
  for (const ReplyFault fault : kReplyFaults) EXPECT_FALSE(NameOf(fault).empty());
  for (const FollowUp follow_up : kFollowUps) EXPECT_FALSE(NameOf(follow_up).empty());
}

}  // namespace
}  // namespace selfology::safety
