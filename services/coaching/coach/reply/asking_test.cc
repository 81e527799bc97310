#include "services/coaching/coach/reply/asking.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/time/civil_time.h"
#include "gtest/gtest.h"
#include "services/coaching/coach/local_coach.h"
#include "services/coaching/coach/memory/preparation.h"
#include "services/coaching/coach/personalization.h"
#include "services/coaching/coach/understanding/listener.h"

namespace selfology::coach {
namespace {

// Between two questions lie so many replies without one.
constexpr size_t kBetween = 2;

struct Conversation {
  std::string_view language;
  std::vector<std::string_view> messages;
};

// Of people who mostly tell, by the author of the rule.
const std::vector<Conversation>& Conversations() {
  static const auto* const conversations = new std::vector<Conversation>({
      {"en",
       {
           "Long day. The new supervisor moved my desk next to the printer",
           "I know it sounds like nothing but I can't think there",
           "He didn't ask, he just moved it on Friday after I'd left",
           "Everyone else kept their place",
           "I haven't said anything yet",
           "My wife says I should just wear headphones",
           "I've been there eleven years",
           "Maybe it's a sign",
           "Anyway, we had lasagne tonight",
           "My daughter made it, she's nine",
           "She burned the top and called it the crispy edition",
           "I'm going to bed now",
       }},
      {"en",
       {
           "i failed my theory test again",
           "third time",
           "everyone in my year has their licence",
           "i was so sure about the roundabout question",
           "my mum paid for it this time which makes it worse",
           "she didn't even get angry, she just said ok",
           "i'd rather she shouted",
           "i have to tell my boyfriend too, he drives me everywhere",
           "i'll book it again in january",
           "or not, i don't know",
           "whatever. i made pancakes",
           "thanks for listening i guess",
       }},
      {"en",
       {
           "We sold the house today",
           "Thirty-one years, and the key went into an envelope",
           "My husband whistled all the way to the car",
           "I pretended to look for my glasses",
           "The buyers have twins, they ran straight up to the attic",
           "The new flat has a balcony the size of a tea towel",
           "I shall grow tomatoes on it out of spite",
           "My son thinks we are mad to leave the garden",
           "He hasn't mowed it once",
           "It was the right thing, I believe that",
           "I still have the old doorbell in my bag",
           "I unscrewed it at the last minute",
       }},
      {"en",
       {
           "Boss offered me team lead",
           "More money, more meetings",
           "I like writing code, I don't like people asking me when it's done",
           "But if I say no they'll hire someone from outside",
           "And I'd have to report to them",
           "My friend Raj did it and he hates it",
           "He also bought a flat",
           "I have until Monday to answer",
           "I could ask for a trial of three months",
           "That actually sounds ok",
           "I'll write to her tomorrow morning",
           "Thanks, that helped",
       }},
      {"en",
       {
           "hey",
           "nothing much, bored",
           "work was fine",
           "yeah",
           "I started running again, badly",
           "2 km and I nearly threw up",
           "The dog was embarrassed for me",
           "I used to do marathons",
           "That was before the kids",
           "My knee clicks when I go downstairs",
           "I signed up for a 5k in March",
           "We'll see",
       }},
      {"ru",
       {
           "Сегодня соседка сверху опять затопила ванную",
           "Третий раз за год",
           "Она пожилая, ругаться с ней не могу",
           "Муж говорит, пусть платит",
           "А она мне пирожки принесла и плачет",
           "Я сама чуть не заплакала",
           "Потолок теперь как карта мира",
           "Вызвала мастера на четверг",
           "Он сказал, надо менять стояк, а это весь дом",
           "Собрание в чате, сорок мнений",
           "Ладно, пойду спать",
           "Спасибо, что выслушали",
       }},
      {"ru",
       {
           "не сдал сессию",
           "ну один экзамен, матан",
           "препод сказал приходите в сентябре",
           "я весь июнь сидел над конспектами",
           "в группе все сдали кроме меня и Пети",
           "Петя вообще не ходил",
           "маме пока не сказал",
           "она думает что у меня всё отлично",
           "может бросить вообще",
           "хотя программировать мне нравится",
           "завтра поеду на речку с пацанами",
           "ладно, посмотрим",
       }},
      {"ru",
       {
           "Вышла на пенсию, первая неделя",
           "Просыпаюсь в шесть и не знаю, куда идти",
           "Сорок лет в одной школе",
           "Вчера встретила свою ученицу, она теперь хирург",
           "Она меня узнала по голосу",
           "Дочь зовёт к себе, нянчить внука",
           "Я внука люблю, но переезжать не хочу",
           "Здесь у меня сад и подруги",
           "Зять считает, что я упрямая",
           "Может, ездить к ним на месяц весной",
           "Посадила сегодня чеснок",
           "Земля уже холодная",
       }},
      {"ru",
       {
           "Меня повысили!",
           "Теперь я начальник смены",
           "Коллега, с которым вместе начинали, со мной не здоровается",
           "Мы с ним десять лет на одной линии",
           "Он тоже хотел это место",
           "Я бы, наверное, тоже обиделся",
           "Жена купила торт",
           "А я хожу и думаю про Серёгу",
           "Завтра у нас с ним ночная смена вдвоём",
           "Хочу сам к нему подойти",
           "Скажу как есть",
           "Посмотрим, что выйдет",
       }},
      {"ru",
       {
           "Привет",
           "Разбирала сегодня мамины вещи, она переехала в квартиру поменьше",
           "Нашла свои тетради с третьего класса",
           "Там сочинение «Кем я стану»",
           "Я писала, что стану смотрителем зоопарка",
           "А работаю в банке",
           "Не жалею, но смешно",
           "Мама всё хранила, даже зубы",
           "Папка с грамотами за макулатуру",
           "Муж сказал выбросить, а я убрала в шкаф",
           "Выходные были хорошие",
           "Завтра опять отчёт",
       }},
  });
  return *conversations;
}

const LocalCoach& Coach() {
  static const auto* const coach = new LocalCoach(*LocalCoach::Load());
  return *coach;
}

struct Answered {
  Intent intent;
  std::string reply;
};

std::vector<Answered> Talk(const Conversation& conversation) {
  Past past;
  past.today = absl::CivilDay(2026, 11, 30);
  past.language = std::string(conversation.language);
  std::vector<Answered> answered;
  for (const std::string_view message : conversation.messages) {
    past.dialogue.push_back({.by_person = true, .text = std::string(message)});
    const Preparation prepared = Prepare(Coach().listener(), past);
    Context context;
    context.known = prepared.known;
    context.dialogue = past.dialogue;
    context.language = past.language;
    answered.push_back({prepared.turn.intent, Coach().Reply(ReplyInput(context))});
    past.dialogue.push_back({.by_person = false, .text = answered.back().reply});
    past.memory = prepared.known.memory;
    past.plan = prepared.known.plan;
  }
  return answered;
}

bool IsGeneral(const LoadedSpeech& speech, std::string_view reply) {
  return absl::c_any_of(std::vector<std::string_view>{"ask_open", "ask_hard", "ask_others",
                                                      "tell_person", "short", "nothing_said"},
                        [&](std::string_view name) {
                          return absl::c_any_of(speech.replies(name), [&](const std::string& text) {
                            return Asks(text) && WasMadeOf(reply, text);
                          });
                        });
}

TEST(AskingTest, AsksWhoOnlyTellsInEveryThirdReplyAtMost) {
  for (const Conversation& conversation : Conversations()) {
    const std::vector<Answered> answered = Talk(conversation);
    for (size_t i = 0; i < answered.size(); ++i) {
      if (answered[i].intent != TELL || !Asks(answered[i].reply)) continue;
      for (size_t k = i - std::min(i, kBetween); k < i; ++k) {
        EXPECT_FALSE(Asks(answered[k].reply)) << conversation.messages[i] << "\n"
                                              << answered[k].reply << "\n"
                                              << answered[i].reply;
      }
    }
  }
}

TEST(AskingTest, AsksNothingGeneralWithoutCause) {
  int general = 0, replies = 0;
  for (const Conversation& conversation : Conversations()) {
    const LoadedSpeech& speech =
        Coach().listener().speech(conversation.language == "ru" ? language::Language::kRussian
                                                                : language::Language::kEnglish);
    for (const Answered& one : Talk(conversation)) {
      ++replies;
      general += IsGeneral(speech, one.reply);
    }
  }
  EXPECT_GE(replies, 120);
  EXPECT_LE(general, replies / 12);
  // What gives none.
  for (const std::string_view message : {"The bus was on time", "My neighbour has a new car",
                                         "Автобус пришёл вовремя", "Сосед купил машину"}) {
    const std::string_view language = message.front() < 0 ? "ru" : "en";
    for (const Answered& one : Talk({language, {message}})) {
      EXPECT_FALSE(Asks(one.reply)) << message << "\n" << one.reply;
    }
  }
}

TEST(AskingTest, AsksWhoIsInDoubt) {
  for (const std::string_view message : {"I'm not sure whether the new flat is right for us",
                                         "Я не решила, ехать ли туда в мае одной"}) {
    const std::string_view language = message.front() < 0 ? "ru" : "en";
    EXPECT_TRUE(Asks(Talk({language, {message}}).front().reply)) << message;
  }
}

TEST(AsksTest, CountsNoQuestionThatIsQuoted) {
  EXPECT_TRUE(Asks("You wrote “why me?”. What then?"));
  EXPECT_FALSE(Asks("You wrote “why me?”. I see."));
  EXPECT_FALSE(Asks("Было написано «почему?». Понятно."));
}

}  // namespace
}  // namespace selfology::coach
