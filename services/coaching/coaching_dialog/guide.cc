#include "services/coaching/coaching_dialog/guide.h"

#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/substitute.h"
#include "absl/time/time.h"
#include "common/text/html.h"

namespace selfology::coaching_dialog {
namespace {

struct Entry {
  Guide text;
  std::string_view english;
  std::string_view russian;
};

// In the order of Guide.
constexpr Entry kEntries[] = {
    {Guide::kWhy, "🔎 $0\n\nA sentence is enough, and you may always skip.",
     "🔎 $0\n\nХватит и одной фразы, а пропустить можно всегда."},
    {Guide::kWhyUnknown,
     "🔎 It helps me to see what matters to you in this part of life.\n\nA sentence is enough, and "
     "you may always skip.",
     "🔎 Так мне проще понять, что для вас важно в этой части жизни.\n\nХватит и одной фразы, а "
     "пропустить можно всегда."},
    {Guide::kRephrased, "In other words: $0", "Другими словами: $0"},
    {Guide::kNotRephrased,
     "Take it the way you read it: there is no wrong way. Or skip it, and I ask something else.",
     "Поймите вопрос так, как он вам слышится: неверного понимания здесь нет. Или пропустите его — "
     "спрошу о другом."},
    {Guide::kExample,
     "Somebody might write:\n\n<i>“$0”</i>\n\nYours may be quite different, and as short.",
     "Кто-то мог бы написать:\n\n<i>«$0»</i>\n\nУ вас всё может быть иначе — и так же коротко."},
    {Guide::kNoExample,
     "I have no example for this one. Begin with what came to your mind first: a sentence is "
     "enough.",
     "Для этого вопроса у меня нет примера. Начните с того, что первым пришло в голову: хватит "
     "одной фразы."},
    {Guide::kStaysYours, "That stays yours, and I will not ask it again.",
     "Пусть это останется при вас. Больше я об этом не спрошу."},
    {Guide::kHelp,
     "<b>Answer in your own words</b>: a sentence is enough, and nothing is wrong. You can also "
     "write:\n\n"
     "• <b>why?</b> — what I ask this for\n"
     "• <b>what?</b> — the same in simpler words\n"
     "• <b>example</b> — what somebody might answer\n"
     "• <b>skip</b> or <b>mine to keep</b> — another question\n"
     "• <b>pause</b> — to go on later\n"
     "• <b>how long?</b>, <b>who reads this?</b>\n\n"
     "I am a program, not a person. /help lists my commands, /sos shows where there is help at "
     "once.",
     "<b>Отвечайте своими словами</b>: хватит одной фразы, неправильных ответов нет. Ещё можно "
     "написать:\n\n"
     "• <b>зачем?</b> — для чего я об этом спрашиваю\n"
     "• <b>не понимаю</b> — то же самое проще\n"
     "• <b>пример</b> — что мог бы ответить кто-то другой\n"
     "• <b>пропустить</b> или <b>оставлю при себе</b> — другой вопрос\n"
     "• <b>пауза</b> — продолжим позже\n"
     "• <b>долго ещё?</b>, <b>кто это читает?</b>\n\n"
     "Я программа, а не человек. Все команды — в /help, а где помогут прямо сейчас, покажет /sos."},
    {Guide::kUnclear,
     "That reads like a question to me, so I did not take it down. About these questions you can "
     "ask "
     "<b>why?</b>, <b>what?</b>, <b>example</b>, <b>how long?</b> or <b>who reads this?</b> "
     "Anything else is for our talk after them.\n\n"
     "If it was your answer, send it once more without the question mark.",
     "Похоже, это вопрос, поэтому записывать его я не стал. О самих вопросах можно спросить: "
     "<b>зачем?</b>, <b>не понимаю</b>, <b>пример</b>, <b>долго ещё?</b> или <b>кто это "
     "читает?</b> Обо всём остальном поговорим после них.\n\nЕсли это был ответ, отправьте его ещё "
     "раз без вопросительного знака."},
    {Guide::kTalkLater,
     "Gladly, as your coach: that begins after these questions. If you would rather talk now, I "
     "end them here; what you have told me is kept. Then just write it again.\n\nIf it was your "
     "answer to the question, put it in other words.",
     "С удовольствием, но уже как коуч: это начнётся после вопросов. Если хочется поговорить "
     "сейчас, я закончу их на этом месте, а всё рассказанное сохраню. Тогда просто напишите это "
     "ещё раз.\n\nЕсли это был ответ на вопрос, скажите его другими словами."},
    {Guide::kTask,
     "Keeping a list and reminding at a set time is beyond me, I am sorry to say.\n\nIf it was "
     "your "
     "answer to a question, put it in other words.",
     "Вести список и напоминать в назначенный час я, к сожалению, не умею.\n\nЕсли это был ответ "
     "на вопрос, скажите его другими словами."},
    {Guide::kSorry,
     "I am sorry. While I ask, I mostly take down and say little back, and sometimes I miss the "
     "point. I did not take your last message for an answer. Go on with the question above, or "
     "end the questions, and we talk.",
     "Простите. Пока я задаю вопросы, я больше записываю, чем говорю, и могу не уловить главного. "
     "Последнее сообщение я за ответ не посчитал. Можно ответить на вопрос выше — или закончить с "
     "вопросами и поговорить."},
    {Guide::kWelcome, "🙂 The question above waits for you; you can also skip it.",
     "🙂 Вопрос выше ждёт вас; его можно и пропустить."},
    {Guide::kHowLong,
     "This is question $0 of $1 at most: a minute or two each, less if you keep it short. /pause "
     "keeps everything until you are back, and /finish ends it early.",
     "Это вопрос $0 из $1, не больше: по минуте-две на каждый, а если отвечать коротко, то и "
     "меньше. /pause сохранит всё до вашего возвращения, а /finish завершит раньше."},
    {Guide::kHowLongInAll,
     "Ten questions at most, about fifteen minutes. You can pause whenever you like and go on "
     "another day, skip what you do not want to answer, and finish early.",
     "Не больше десяти вопросов, минут пятнадцать. Можно прерваться когда угодно и продолжить в "
     "другой день, пропустить то, о чём говорить не хочется, и закончить раньше."},
    {Guide::kWhatIAm,
     "I am a program that asks questions, learns from the answers and then talks with you as a "
     "coach. No person writes here, and I am no therapist.",
     "Я программа: задаю вопросы, учусь на ответах, а потом разговариваю с вами как коуч. Людей по "
     "эту сторону нет, и я не психотерапевт."},
    {Guide::kWhyConsent,
     "Because what you write is personal: it is yours, and without your yes I may not keep it.",
     "Потому что всё, что вы пишете, — личное и принадлежит вам: без вашего согласия я не вправе "
     "это хранить."},
    {Guide::kConsentAgain,
     "For the questions and the coach I need a plain yes or no: may I store and analyse what you "
     "write, with the help of AI? You can also ask <b>how long?</b> or <b>who reads this?</b> "
     "/tasks and /feed work without it.",
     "Для вопросов и коуча мне нужно ясное «да» или «нет»: можно ли хранить и анализировать то, "
     "что вы пишете, в том числе с помощью ИИ? Можно и спросить: <b>это надолго?</b> или <b>кто "
     "это читает?</b> А /tasks и /feed работают и без этого."},
    {Guide::kNoQuestionNow, "There is no question open right now. /start shows where we are.",
     "Сейчас открытого вопроса нет. /start покажет, на чём мы остановились."},
    {Guide::kInformal, "All right. In English one word does for both.",
     "Договорились, на ты: так и будем разговаривать. Сами вопросы записаны на «вы» — не "
     "удивляйся."},
    {Guide::kFormal, "All right. In English one word does for both.", "Хорошо, на вы."},
    {Guide::kNormal,
     "There is no normal to measure it by: people differ a lot here, and many know the same. "
     "Whatever is true for you is a good answer. What weighs on you, or goes on for weeks, is "
     "worth "
     "telling a doctor or counsellor; /sos shows where there is help at once.",
     "Нормы, которой это можно измерить, нет: люди здесь очень разные, и многим это знакомо. "
     "Хороший "
     "ответ — тот, который правда про вас. А если что-то тяготит или тянется неделями, об этом "
     "стоит "
     "рассказать врачу или психологу; где помогут прямо сейчас, покажет /sos."},
    {Guide::kQuestionWaits, "The question is still this one:\n\n<b>$0</b>",
     "А вопрос всё тот же:\n\n<b>$0</b>"},
    {Guide::kHeavyOffer,
     "There are also questions that go deeper and may weigh. Would you like one in place of this "
     "one? A lighter one comes after it.",
     "Есть и вопросы поглубже — с ними может быть непросто. Хотите такой вместо этого? После него "
     "будет вопрос полегче."},
    {Guide::kHeavyQuestion, "This one may weigh on you: answer as much as you like, or skip it.",
     "Вопрос непростой: отвечайте лишь настолько, насколько хочется, или пропустите его."},
    {Guide::kNotToday, "All right, not today.", "Хорошо, не сегодня."},
    {Guide::kStatement,
     "One tap, if you like ($0 of $1): how well does this describe you?\n\n<b>$2</b>\n\n"
     "1 — $3, 5 — $4",
     "Одно касание, если хочется ($0 из $1): насколько это про вас?\n\n<b>$2</b>\n\n"
     "1 — $3, 5 — $4"},
    {Guide::kStatementsLast,
     "Five more taps, if you like, and your profile gets sharper ($0 of $1): how well does this "
     "describe you?\n\n<b>$2</b>\n\n1 — $3, 5 — $4",
     "Ещё пять касаний, если хочется, — и профиль станет точнее ($0 из $1): насколько это про "
     "вас?\n\n<b>$2</b>\n\n1 — $3, 5 — $4"},
    {Guide::kStatementsDone, "Thank you! $0 of $1 rated.", "Спасибо! Отмечено: $0 из $1."},
    {Guide::kStatementsOver, "Thank you, that was the last one!", "Спасибо, это было последнее!"},
    {Guide::kNoStatements, "All right, no more of these. /settings brings them back.",
     "Хорошо, больше не покажу. Вернуть их можно в /settings."},
    {Guide::kButtonWhy, "Why this?", "Зачем это?"},
    {Guide::kButtonExample, "Example", "Пример"},
    {Guide::kButtonSkip, "Skip", "Пропустить"},
    {Guide::kButtonHeavyYes, "Yes, one", "Да, один"},
    {Guide::kButtonHeavyNo, "Not today", "Не сегодня"},
    {Guide::kButtonNoStatements, "No more of these", "Больше не показывать"},
    {Guide::kButtonFinish, "End the questions", "Закончить с вопросами"},
    {Guide::kMenuWhy, "Why I ask this question", "Зачем я задаю этот вопрос"},
    {Guide::kMenuExample, "What somebody might answer", "Пример ответа"},
};

constexpr bool InOrder() {
  for (size_t i = 0; i < std::size(kEntries); ++i) {
    if (kEntries[i].text != static_cast<Guide>(i)) return false;
  }
  return kEntries[std::size(kEntries) - 1].text == Guide::kMenuExample;
}
static_assert(InOrder(), "every Guide has its entry, in the order of the enum");

std::string Guided(Language language, const std::string& words, Guide with, Guide without) {
  if (words.empty()) return std::string(Phrase(language, without));
  return absl::Substitute(Phrase(language, with), text::EscapeHtml(words));
}

constexpr size_t kLongestData = 64;  // Telegram's, of a button.
constexpr std::string_view kStatementTag = "statement";
constexpr std::string_view kStatementKind = "statement";
constexpr std::string_view kOfferKind = "offer";
constexpr int kRatings = 5;

}  // namespace

std::string_view Phrase(Language language, Guide text) {
  const Entry& entry = kEntries[static_cast<size_t>(text)];
  return language == Language::kRussian ? entry.russian : entry.english;
}

namespace guide {

std::string Why(Language language, const question::v1::Question& question) {
  return Guided(language, question.why(), Guide::kWhy, Guide::kWhyUnknown);
}

std::string Rephrased(Language language, const question::v1::Question& question) {
  return Guided(language, question.rephrased(), Guide::kRephrased, Guide::kNotRephrased);
}

std::string Example(Language language, const question::v1::Question& question) {
  return Guided(language, question.example(), Guide::kExample, Guide::kNoExample);
}

bool IsTimeForHeavy(const events::v1::QuestionSelected& event, int answer_length) {
  // One that is as deep as a heavy one is due with this number.
  constexpr int kDue = 7;
  constexpr int kFirst = 6;
  constexpr int kLast = 8;
  constexpr int kLongAnswer = 120;
  if (event.strategy() != question::v1::SELECTION_STRATEGY_DEEPENING ||
      !event.replaces_question_id().empty()) {
    return false;
  }
  const int number = event.question_number();
  return number == kDue || (number >= kFirst && number <= kLast && answer_length >= kLongAnswer);
}

std::string HeavyOfferKey(int64_t session_id, std::string_view question_id) {
  constexpr size_t kLongestKey = 128;
  return absl::StrCat("heavy:", session_id, ":", question_id).substr(0, kLongestKey);
}

v1::DialogMessage HeavyOffer(Language language, int64_t session_id, std::string_view question_id) {
  constexpr absl::Duration kOffered = absl::Hours(1);
  const auto data = [&](std::string_view decision) {
    return absl::StrCat("heavy:", decision, ":", question_id).substr(0, kLongestData);
  };
  v1::DialogMessage message = Html(kOfferKind, std::string(Phrase(language, Guide::kHeavyOffer)),
                                   {Row({{Phrase(language, Guide::kButtonHeavyYes), data("yes")},
                                         {Phrase(language, Guide::kButtonHeavyNo), data("no")}})});
  message.set_key(HeavyOfferKey(session_id, question_id));
  message.set_lifecycle(v1::MESSAGE_LIFECYCLE_EPHEMERAL);
  *message.mutable_lifetime() = ToProto(kOffered);
  message.set_silent(true);
  message.set_expendable(true);
  ExpireAfter(message, kOffered);
  return message;
}

bool IsTimeForStatements(const events::v1::QuestionSelected& event) {
  return event.question_number() > 1 && event.question_number() % 2 == 1 &&
         event.replaces_question_id().empty();
}

std::string RatingButton(const Rating& rating) {
  return absl::StrCat("rate:", rating.rating, ":", rating.left, ":", rating.statement_id)
      .substr(0, kLongestData);
}

std::optional<Rating> ParseRating(std::string_view argument) {
  const std::vector<std::string_view> parts = absl::StrSplit(argument, absl::MaxSplits(':', 2));
  Rating rating;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &rating.rating) ||
      !absl::SimpleAtoi(parts[1], &rating.left) || rating.rating < 1 || rating.rating > kRatings ||
      parts[2].empty()) {
    return std::nullopt;
  }
  rating.statement_id = parts[2];
  return rating;
}

std::optional<v1::DialogMessage> StatementMessage(Language language,
                                                  const trait::v1::GetNextStatementResponse& next,
                                                  int left, Guide introduction, std::string key) {
  const trait::v1::Statement& statement = next.statement();
  if (!next.has_statement() || statement.choices_size() != kRatings) return std::nullopt;
  ButtonLabels ratings;
  static constexpr std::string_view kLabels[] = {"1", "2", "3", "4", "5"};
  for (int rating = 1; rating <= kRatings; ++rating) {
    ratings.emplace_back(
        kLabels[rating - 1],
        RatingButton({.rating = rating, .left = left, .statement_id = statement.statement_id()}));
  }
  v1::DialogMessage message =
      Html(kStatementKind,
           absl::Substitute(Phrase(language, introduction), next.rated_count() + 1,
                            next.statement_count(), text::EscapeHtml(statement.text()),
                            text::EscapeHtml(statement.choices(0)),
                            text::EscapeHtml(statement.choices(kRatings - 1))),
           {Row(ratings), Row({{Phrase(language, Guide::kButtonNoStatements), "statements:off"}})});
  message.set_key(std::move(key));
  message.set_lifecycle(v1::MESSAGE_LIFECYCLE_SYSTEM);
  message.set_tag(std::string(kStatementTag));
  // A press may fail.
  message.set_keep_buttons(true);
  message.set_silent(true);
  message.set_expendable(true);
  return message;
}

}  // namespace guide
}  // namespace selfology::coaching_dialog
