#include "services/coaching/coach/understanding/listener.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "common/status/status_macros.h"
#include "services/coaching/coach/memory/extraction.h"
#include "services/coaching/coach/memory/plan.h"
#include "services/coaching/coach/understanding/dates.h"
#include "services/coaching/lib/safety/characters.h"

namespace selfology::coach {
namespace {

using language::Language;

// An answer of so many words to "what for?" is the goal itself.
constexpr int kLongestGoal = 14;
// In more words a language is named besides something else.
constexpr int kLongestSwitch = 7;
// A longer message tells something, whatever it asks besides.
constexpr int kLongestRequest = 25;

// Who says "ты" to the bot, and who says "вы".
constexpr std::string_view kInformal[] = {
    "ты",      "тебя",    "тебе",      "тобой",    "твой",     "твоя",        "твое",
    "твои",    "скажи",   "помоги",    "дай",      "расскажи", "составь",     "сделай",
    "запомни", "напомни", "посоветуй", "подскажи", "знаешь",   "помнишь",     "понимаешь",
    "можешь",  "слушай",  "представь", "забудь",   "набросай", "сформулируй", "думаешь",
    "угадай",  "прикинь", "смотри",    "ответь",   "объясни",  "напиши",      "поверь",
    "хочешь",  "читаешь", "слышишь",   "слушаешь", "считаешь", "посмотри",    "спроси"};
constexpr std::string_view kFormal[] = {
    "вы",         "вас",        "вам",          "вами",        "ваш",         "ваша",
    "ваши",       "скажите",    "помогите",     "дайте",       "расскажите",  "составьте",
    "сделайте",   "запомните",  "напомните",    "посоветуйте", "подскажите",  "знаете",
    "помните",    "понимаете",  "можете",       "послушайте",  "представьте", "забудьте",
    "набросайте", "думаете",    "здравствуйте", "угадайте",    "ответьте",    "объясните",
    "напишите",   "поверьте",   "хотите",       "читаете",     "слышите",     "слушаете",
    "считаете",   "посмотрите", "спросите"};
// What others said to the person is not said to the bot.
constexpr std::string_view kReported[] = {"сказал",   "сказала", "говорит",  "говорят", "сказали",
                                          "кричит",   "орет",    "крикнул",  "пишет",   "написал",
                                          "написала", "спросил", "спросила", "ответил", "ответила"};

bool Speaks(const Utterance& message, absl::Span<const std::string_view> words) {
  return absl::c_any_of(message.words,
                        [&](const Token& word) { return absl::c_linear_search(words, word.text); });
}

constexpr std::string_view kLanguages[] = {"russian",  "english",     "русск", "по-русск",
                                           "английск", "по-английск", "инглиш"};
// Words that ask for a plan, by their beginnings.
constexpr std::string_view kPlans[] = {"plan", "step",     "schedul", "план",
                                       "шаг",  "расписан", "распис"};
// What agrees to a draft, or puts it off, is none of it.
constexpr std::string_view kAssent[] = {
    "ok",   "okay",    "fine",  "thanks", "thank",   "good",  "great", "ладно", "хорошо", "ок",
    "окей", "спасибо", "понял", "поняла", "отлично", "потом", "later", "супер", "ага"};
// How a draft is wanted, and the replies that say it so.
constexpr std::pair<std::string_view, std::string_view> kRevisions[] = {
    {"shorter", "draft_short"}, {"briefer", "draft_short"},   {"brief", "draft_short"},
    {"короче", "draft_short"},  {"покороче", "draft_short"},  {"кратко", "draft_short"},
    {"сократи", "draft_short"}, {"сократите", "draft_short"}, {"softer", "draft_soft"},
    {"gentler", "draft_soft"},  {"kinder", "draft_soft"},     {"nicer", "draft_soft"},
    {"warmer", "draft_soft"},   {"мягче", "draft_soft"},      {"помягче", "draft_soft"},
    {"теплее", "draft_soft"},   {"добрее", "draft_soft"},     {"бережнее", "draft_soft"},
    {"firmer", "draft_firm"},   {"tougher", "draft_firm"},    {"harder", "draft_firm"},
    {"stricter", "draft_firm"}, {"blunter", "draft_firm"},    {"plainer", "draft_firm"},
    {"stronger", "draft_firm"}, {"жестче", "draft_firm"},     {"пожестче", "draft_firm"},
    {"жестко", "draft_firm"},   {"строже", "draft_firm"},     {"построже", "draft_firm"},
    {"тверже", "draft_firm"},   {"резче", "draft_firm"}};
// A longer message tells something.
constexpr int kLongestRevision = 12;
constexpr std::string_view kDrafts[] = {"draft_tell",  "draft_ask",   "draft_for",
                                        "draft_no",    "draft_sorry", "draft_post",
                                        "draft_short", "draft_soft",  "draft_firm"};
constexpr std::string_view kForms[] = {"ты", "вы", "тыка", "выка"};

bool SpeaksOf(const Utterance& message, absl::Span<const std::string_view> beginnings) {
  return absl::c_any_of(message.words, [&](const Token& word) {
    return absl::c_any_of(beginnings,
                          [&](std::string_view begin) { return word.text.starts_with(begin); });
  });
}

// "A plan? No, not for the move."
bool IsNegated(std::string_view first) {
  static constexpr std::string_view kNegations[] = {"no", "not", "don't", "нет", "не", "никак"};
  return absl::c_linear_search(kNegations, first);
}

bool IsAboutPeople(const LoadedSpeech& speech, const Utterance& message) {
  static constexpr std::string_view kBack[] = {"back", "верни", "верните", "обратно"};
  return Speaks(message, kBack) || !speech.people().Find(message).empty();
}

bool IsShort(const Utterance& message, int most) {
  return static_cast<int>(message.words.size()) <= most;
}

const std::string* LastReply(absl::Span<const Said> dialogue) {
  for (auto turn = dialogue.rbegin(); turn != dialogue.rend(); ++turn) {
    if (!turn->by_person) return &turn->text;
  }
  return nullptr;
}

// What commands do not need to wait for: a person who asks something is not answering.
bool IsCommand(Intent intent) {
  switch (intent) {
    case TELL:
    case JOY:
    case YES:
    case NO:
    case DONT_KNOW:
    case STEP_DONE:
    case STEP_NOT_DONE:
    case THANKS:
    case RECALL:
      return false;
    default:
      return true;
  }
}

}  // namespace

std::optional<Language> LanguageByLetters(std::string_view text) {
  int latin = 0;
  int cyrillic = 0;
  for (const Token& word : safety::SplitTokens(text)) {
    if (word.alphabet == safety::Alphabet::kLatin) latin += static_cast<int>(word.text.size());
    // Two bytes a letter.
    if (word.alphabet == safety::Alphabet::kCyrillic) {
      cyrillic += static_cast<int>(word.text.size() / 2);
    }
  }
  if (latin == cyrillic || std::max(latin, cyrillic) < 2) return std::nullopt;
  return latin > cyrillic ? Language::kEnglish : Language::kRussian;
}

bool SaysOneOf(const LoadedSpeech& speech, std::string_view name, std::string_view text) {
  return absl::c_any_of(speech.replies(name),
                        [&](const std::string& reply) { return WasMadeOf(text, reply); });
}

std::string_view RevisionIn(const Utterance& message, WordRange words) {
  for (int i = words.begin; i < words.end; ++i) {
    for (const auto& [word, replies] : kRevisions) {
      if (message.words[i].text == word) return replies;
    }
  }
  return "";
}

absl::StatusOr<Listener> Listener::Load() {
  Listener listener;
  ASSIGN_OR_RETURN(listener.english_, LoadedSpeech::Load(Language::kEnglish));
  ASSIGN_OR_RETURN(listener.russian_, LoadedSpeech::Load(Language::kRussian));
  return listener;
}

std::vector<Understanding> Listener::Understand(const LoadedSpeech& speech,
                                                const Utterance& message) const {
  std::vector<Understanding> found;
  for (const auto& compiled : speech.frames()) {
    if (absl::c_any_of(compiled.unless,
                       [&](const Pattern& pattern) { return pattern.Find(message).has_value(); })) {
      continue;
    }
    // Of several patterns, the first that fits: they stand from the more to the less exact.
    for (const Pattern& pattern : compiled.patterns) {
      if (std::optional<Match> match = pattern.Find(message)) {
        found.push_back({compiled.frame, *std::move(match)});
        break;
      }
    }
  }
  absl::c_sort(found, [](const Understanding& a, const Understanding& b) {
    if (a.frame->weight() != b.frame->weight()) return a.frame->weight() > b.frame->weight();
    if (a.match.begin != b.match.begin) return a.match.begin > b.match.begin;
    return a.frame < b.frame;  // In the order of the tables.
  });
  return found;
}

Language Listener::LanguageOf(absl::Span<const Said> dialogue, std::string_view fallback) const {
  std::optional<Language> language = language::Spoken(fallback);
  bool asked_for = false;
  int in_another = 0;
  for (const Said& said : dialogue) {
    if (!said.by_person) continue;
    const std::optional<Language> written = LanguageByLetters(said.text);
    if (!written.has_value()) continue;
    const Utterance message(said.text);
    // Only what names a language can ask for one: the look is cheaper than the patterns.
    const std::vector<Understanding> understood =
        IsShort(message, kLongestSwitch) && SpeaksOf(message, kLanguages)
            ? Understand(speech(*written), message)
            : std::vector<Understanding>();
    if (!understood.empty()) {
      const Intent intent = understood.front().frame->intent();
      if (intent == SPEAK_ENGLISH || intent == SPEAK_RUSSIAN) {
        language = intent == SPEAK_RUSSIAN ? Language::kRussian : Language::kEnglish;
        asked_for = true;
        in_another = 0;
        continue;
      }
    }
    if (written == language) {
      in_another = 0;
      continue;
    }
    // A borrowed "ok" is no change of language; who asked for one may still slip.
    const bool clear = message.words.size() >= 2 || said.text.size() >= 8;
    if (language.has_value() && (!clear || (asked_for && ++in_another < 2))) continue;
    language = written;
    asked_for = false;
    in_another = 0;
  }
  return language.value_or(Language::kEnglish);
}

bool Listener::IsInformal(absl::Span<const Said> dialogue, std::optional<bool> wanted) const {
  bool informal = wanted.value_or(false);
  for (const Said& said : dialogue) {
    if (!said.by_person) continue;
    const Utterance message(said.text);
    if (IsShort(message, 12) && SpeaksOf(message, kForms)) {
      const std::vector<Understanding> understood = Understand(russian_, message);
      if (!understood.empty() && understood.front().frame->intent() == SET_INFORMAL) {
        wanted = informal = true;
        continue;
      }
      if (!understood.empty() && understood.front().frame->intent() == SET_FORMAL) {
        wanted = informal = false;
        continue;
      }
    }
    if (wanted.has_value() || Speaks(message, kReported)) continue;
    // The first form that they use is kept.
    if (Speaks(message, kFormal)) {
      wanted = informal = false;
    } else if (Speaks(message, kInformal)) {
      wanted = informal = true;
    }
  }
  return informal;
}

std::string Listener::GoalOf(const Turn& turn, const Known& known) const {
  static constexpr std::string_view kNone[] = {
      "this",    "the",       "next",     "me",       "it",   "that",      "us",         "week",
      "my_week", "how",       "неделю",   "эту",      "этой", "следующую", "завтра",     "сегодня",
      "день",    "месяц",     "недели",   "a",        "an",   "please",    "пожалуйста", "меня",
      "мне",     "ближайшую", "выходные", "tomorrow", "today"};
  const Utterance& message = *turn.message;
  for (const Understanding& understanding : turn.understandings) {
    if (understanding.frame->intent() != MAKE_PLAN) continue;
    const auto captured = understanding.match.captures.find("x");
    if (captured == understanding.match.captures.end()) continue;
    if (IsNegated(message.words[captured->second.begin].text)) continue;
    WordRange words = captured->second;
    if (message.words[words.begin].text == "to" && words.end - words.begin > 1) ++words.begin;
    // "The move" is a goal, "the week" is none.
    if (message.words[words.begin].text == "the" && words.end - words.begin > 1) ++words.begin;
    if (absl::c_linear_search(kNone, message.words[words.begin].text)) continue;
    return speech(turn.language).SaidBack(message, words, turn.informal);
  }
  // A goal that the message names besides, then the one that was named last.
  for (const v1::MemoryItem& item :
       Extract(speech(turn.language), message, known.today.value_or(absl::CivilDay()))) {
    if (item.kind() == v1::MEMORY_KIND_GOAL) return item.text();
  }
  for (auto item = known.memory.rbegin(); item != known.memory.rend(); ++item) {
    if (item->kind() == v1::MEMORY_KIND_GOAL && !item->done()) return item->text();
  }
  return "";
}

void Listener::ReadInDialogue(absl::Span<const Said> dialogue, const Known& known,
                              Turn& turn) const {
  const std::string* last = LastReply(dialogue);
  const LoadedSpeech& speech = this->speech(turn.language);
  const Utterance& message = *turn.message;
  // "This isn't my fault" speaks of nobody.
  if (turn.intent == CORRECT && !IsAboutPeople(speech, message)) {
    std::erase_if(turn.understandings,
                  [](const Understanding& one) { return one.frame->intent() == CORRECT; });
    turn.intent = turn.understandings.empty() ? TELL : turn.understandings.front().frame->intent();
  }
  const auto asked = [&](std::string_view name) {
    return last != nullptr && SaysOneOf(speech, name, *last);
  };
  if (asked("mark_offers_plan")) {
    turn.after_offer = turn.intent == NO;
    if (turn.intent == YES) turn.intent = MAKE_PLAN;
  }
  // The answer to what the plan is for.
  const bool asks_back =
      absl::c_any_of(message.words, [](const Token& word) { return word.question; });
  if ((asked("ask_goal") || asked("plan_none")) && !IsCommand(turn.intent) && !asks_back) {
    const bool no_goal = turn.intent == NO || turn.intent == YES || turn.intent == DONT_KNOW ||
                         turn.intent == STEP_DONE || turn.intent == STEP_NOT_DONE ||
                         turn.intent == THANKS;
    const bool negated = !message.words.empty() && IsNegated(message.words.front().text);
    if (!no_goal && !negated && IsShort(message, kLongestGoal)) {
      turn.intent = MAKE_PLAN;
      const WordRange all{0, static_cast<int>(message.words.size())};
      turn.goal = speech.SaidBack(message, all, turn.informal);
      for (const v1::MemoryItem& item :
           Extract(speech, message, known.today.value_or(absl::CivilDay()))) {
        if (item.kind() == v1::MEMORY_KIND_GOAL) turn.goal = item.text();
      }
    }
  }
  // Their own steps, where a plan was made or is asked for.
  const bool lists = !ListedSteps(message.text).empty();
  if (lists && (known.plan.has_value() || asked("plan_none") || asked("ask_goal"))) {
    turn.intent = MAKE_PLAN;
    turn.goal = known.plan.has_value() ? known.plan->goal() : speech.replies("own_days")[0];
  }
  if (turn.intent == MAKE_PLAN && turn.goal.empty()) {
    const bool own_days = known.today.has_value() && FindDates(message, *known.today).size() >= 2;
    turn.goal = own_days ? speech.replies("own_days")[0] : GoalOf(turn, known);
  }
  const std::string_view revision =
      IsShort(message, kLongestRevision)
          ? RevisionIn(message, {0, static_cast<int>(message.words.size())})
          : "";
  if ((asked("draft_what") || asked("draft_content")) &&
      (turn.intent == TELL || turn.intent == JOY || !revision.empty()) && !message.words.empty() &&
      !absl::c_linear_search(kAssent, message.words.front().text)) {
    turn.intent = DRAFT;
    turn.draft_content = true;
  } else if (!revision.empty() && absl::c_any_of(kDrafts, asked)) {
    turn.intent = DRAFT;
    turn.revision = revision;
  }
  const bool about_step =
      known.plan.has_value() && (asked("check_in_step") || asked("check_in_step_today"));
  if (about_step && turn.intent == YES) turn.intent = STEP_DONE;
  if (about_step && turn.intent == NO) turn.intent = STEP_NOT_DONE;
  if (asked("promise_due") || asked("check_in_promise")) {
    for (const v1::MemoryItem& item : known.memory) {
      if (item.kind() != v1::MEMORY_KIND_PROMISE || item.done()) continue;
      if (!absl::StrContains(*last, item.text())) continue;
      if (turn.intent == YES || turn.intent == STEP_DONE) {
        turn.intent = STEP_DONE;
        turn.promise = item.text();
      } else if (turn.intent == NO || turn.intent == STEP_NOT_DONE) {
        turn.intent = STEP_NOT_DONE;
        turn.promise = item.text();
      }
    }
  }
  // Without a plan nothing of it can be done.
  const bool about_plan = turn.intent == STEP_DONE || turn.intent == STEP_NOT_DONE;
  if (about_plan && turn.promise.empty() && !known.plan.has_value()) turn.intent = TELL;
}

Turn Listener::Listen(absl::Span<const Said> dialogue, std::string_view language,
                      const Known& known) const {
  Turn turn;
  turn.language = LanguageOf(dialogue, language);
  turn.informal = turn.language == Language::kRussian && IsInformal(dialogue, known.informal);
  turn.message = std::make_shared<Utterance>(dialogue.back().text);
  // What is written in the other language is understood in it, too: "давай по-английски".
  const Language written = LanguageByLetters(turn.message->text).value_or(turn.language);
  turn.understandings = Understand(speech(written), *turn.message);
  if (!IsShort(*turn.message, kLongestSwitch)) {
    std::erase_if(turn.understandings, [](const Understanding& one) {
      return one.frame->intent() == SPEAK_ENGLISH || one.frame->intent() == SPEAK_RUSSIAN;
    });
  }
  // "I don't know where to begin" opens a story, too.
  if (!IsShort(*turn.message, kLongestRequest) && !SpeaksOf(*turn.message, kPlans)) {
    std::erase_if(turn.understandings,
                  [](const Understanding& one) { return one.frame->intent() == MAKE_PLAN; });
  }
  if (!turn.understandings.empty()) turn.intent = turn.understandings.front().frame->intent();
  if (written != turn.language) {
    // Its words cannot be said back in another language.
    std::erase_if(turn.understandings, [](const Understanding& understanding) {
      return understanding.frame->reply_size() > 0;
    });
    if (turn.intent == ADVICE || turn.intent == JOY) turn.intent = TELL;
  }
  ReadInDialogue(dialogue, known, turn);
  return turn;
}

}  // namespace selfology::coach
