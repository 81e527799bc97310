#include "services/coaching/coach/understanding/listener.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::coach {
namespace {

using language::Language;

const Listener& TheListener() {
  static const auto& listener = *new Listener(*Listener::Load());
  return listener;
}

Turn Hear(std::vector<Said> dialogue, const Known& known = {}) {
  return TheListener().Listen(dialogue, "", known);
}
Turn Hear(std::string_view text) { return Hear({{.by_person = true, .text = std::string(text)}}); }

TEST(ListenerTest, UnderstandsWhatIsWanted) {
  for (const auto& [text, intent] : std::initializer_list<std::pair<const char*, Intent>>{
           {"What do you know about me?", ABOUT_ME},
           {"что ты обо мне помнишь?", ABOUT_ME},
           {"Remember that I can't stand mornings", REMEMBER},
           {"запомни, что у меня аллергия на орехи", REMEMBER},
           {"forget what I said about Lena", FORGET},
           {"забудь про Лену", FORGET},
           {"what did I tell you about my heart?", RECALL},
           {"who did I say was coming?", RECALL},
           {"что я маме обещала?", RECALL},
           {"make me a plan for this week", MAKE_PLAN},
           {"составь мне план на неделю", MAKE_PLAN},
           {"what's my plan?", SHOW_PLAN},
           {"какой у меня план?", SHOW_PLAN},
           {"should I stay or should I go?", DECIDE},
           {"не могу выбрать, остаться или уехать", DECIDE},
           {"draft the two sentences I'd send to him", DRAFT},
           {"как сказать начальнику, что я ухожу?", DRAFT},
           {"that's not what I meant", REPAIR},
           {"You missunderstood me", REPAIR},
           {"я не об этом", REPAIR},
           {"yes please", YES},
           {"ага", YES},
           {"nope", NO},
           {"why?", WHY},
           {"зачем ты спрашиваешь?", WHY},
           {"I don't know", DONT_KNOW},
           {"не знаю", DONT_KNOW},
           {"my grandma died yesterday", GRIEF},
           {"вчера умер мой дедушка", GRIEF},
           {"you are useless", INSULT},
           {"ты тупой бот", INSULT},
           {"thanks a lot", THANKS},
           {"спасибо", THANKS},
           {"good night", GOODBYE},
           {"ладно, пока", GOODBYE},
           {"how are you?", SMALL_TALK},
           {"как дела?", SMALL_TALK},
           {"are you a real person?", WHO_ARE_YOU},
           {"ты бот?", WHO_ARE_YOU},
           {"can we speak Russian?", SPEAK_RUSSIAN},
           {"давай по-английски", SPEAK_ENGLISH},
           {"I want to humiliate him in front of everyone", REVENGE},
           {"хочу ему отомстить", REVENGE},
           {"I got the job!!!", JOY},
           {"я сдала экзамен!", JOY},
           {"I just need to vent", JUST_LISTEN},
           {"дай просто выговориться", JUST_LISTEN},
           {"What should I do about my boss?", ADVICE},
           {"What should I do?", KNOWLEDGE},
           {"Что мне делать?", KNOWLEDGE},
           {"How can I stop procrastinating?", KNOWLEDGE},
           {"how do I say no to my boss?", KNOWLEDGE},
           {"Как перестать откладывать дела?", KNOWLEDGE},
           {"how do you know that?", KNOWLEDGE},
           {"But why should I trust you?", KNOWLEDGE},
           {"can you help me?", KNOWLEDGE},
           {"are you a therapist?", KNOWLEDGE},
           {"I shouted at him. Is it my fault?", KNOWLEDGE},
           {"can I talk to a human?", KNOWLEDGE},
           {"what can I do about it?", KNOWLEDGE},
           {"will it get better?", KNOWLEDGE},
           {"откуда ты это знаешь?", KNOWLEDGE},
           {"почему я должна тебе доверять?", KNOWLEDGE},
           {"ты можешь мне помочь?", KNOWLEDGE},
           {"вы психолог?", KNOWLEDGE},
           {"Накричала на него. Это я виновата?", KNOWLEDGE},
           {"можно поговорить с живым человеком?", KNOWLEDGE},
           {"что мне с этим делать?", KNOWLEDGE},
           {"станет ли легче?", KNOWLEDGE},
           {"He asked me how I know that", TELL},
           {"Она спросила, откуда я это знаю", TELL},
           {"как подготовиться к собеседованию?", KNOWLEDGE},
           {"He said I'm useless", TELL},
           {"он сказал, что я тупая", TELL},
           {"My phone died on the way", TELL},
           {"I check every invoice three times", TELL}}) {
    EXPECT_EQ(Hear(text).intent, intent) << text << ": " << Intent_Name(Hear(text).intent);
  }
}

TEST(ListenerTest, FollowsTheLanguageOfThePerson) {
  EXPECT_EQ(Hear("Мне грустно").language, Language::kRussian);
  EXPECT_EQ(TheListener().LanguageOf({{{true, "I am sad today"}}}, "ru"), Language::kEnglish);
  EXPECT_EQ(TheListener().LanguageOf({{{true, "👍"}}}, "ru"), Language::kRussian);
  const std::vector<Said> borrowed = {{true, "Мне сегодня грустно"}, {true, "ok"}};
  EXPECT_EQ(TheListener().LanguageOf(borrowed, ""), Language::kRussian);
  std::vector<Said> asked = {{true, "I am sad today"}, {true, "can we speak Russian?"}};
  EXPECT_EQ(TheListener().LanguageOf(asked, ""), Language::kRussian);
  asked.push_back({true, "It is a long story"});
  EXPECT_EQ(TheListener().LanguageOf(asked, ""), Language::kRussian) << "as they asked";
  asked.push_back({true, "And it goes on in English"});
  EXPECT_EQ(TheListener().LanguageOf(asked, ""), Language::kEnglish) << "as they do";
}

TEST(ListenerTest, AddressesThePersonAsTheyDo) {
  EXPECT_FALSE(Hear("Мне сегодня грустно").informal);
  EXPECT_TRUE(Hear("Ты меня понимаешь?").informal);
  EXPECT_FALSE(Hear("Он сказал: ты мне больше не нужна").informal) << "somebody else's word";
  Known formal;
  formal.informal = false;
  EXPECT_FALSE(Hear({{true, "Ты меня понимаешь?"}}, formal).informal) << "as they chose";
  EXPECT_TRUE(Hear({{true, "Давай на ты"}}, formal).informal);
}

TEST(ListenerTest, TakesTheAnswerToWhatThePlanIsFor) {
  const std::string asked = TheListener().speech(Language::kEnglish).replies("ask_goal")[0];
  const Turn turn = Hear({{true, "make a plan"}, {false, asked}, {true, "finish my CV"}});
  EXPECT_EQ(turn.intent, MAKE_PLAN);
  EXPECT_EQ(turn.goal, "finish your CV");
  EXPECT_EQ(Hear({{true, "make a plan"}, {false, asked}, {true, "who are you?"}}).intent,
            WHO_ARE_YOU);
}

TEST(ListenerTest, TakesTheGoalOfThePlanFromMessageAndMemory) {
  EXPECT_EQ(Hear("make a plan to run a marathon").goal, "run a marathon");
  EXPECT_EQ(Hear("give me a plan for this week").goal, "");
  Known known;
  known.memory.emplace_back().set_kind(v1::MEMORY_KIND_GOAL);
  known.memory.back().set_text("learn to swim");
  EXPECT_EQ(Hear({{true, "give me a plan for this week"}}, known).goal, "learn to swim");
}

TEST(ListenerTest, DoneMeansWhatWasAskedAfter) {
  EXPECT_EQ(Hear("done").intent, TELL) << "of nothing";
  Known known;
  known.plan.emplace().set_goal("run");
  known.plan->add_steps()->set_number(1);
  EXPECT_EQ(Hear({{true, "done"}}, known).intent, STEP_DONE);
  known.memory.emplace_back().set_kind(v1::MEMORY_KIND_PROMISE);
  known.memory.back().set_text("I promised mum to call");
  const Turn turn =
      Hear({{true, "Mum is fine"},
            {false, "By the way, you told me: “I promised mum to call”. Is that done?"},
            {true, "yes"}},
           known);
  EXPECT_EQ(turn.intent, STEP_DONE);
  EXPECT_EQ(turn.promise, "I promised mum to call");
}

}  // namespace
}  // namespace selfology::coach
