#include "services/coaching/coach/reply/writing.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/coaching/coach/memory/extraction.h"
#include "services/coaching/coach/memory/plan.h"
#include "services/coaching/coach/reply/asking.h"
#include "services/coaching/coach/reply/clauses.h"
#include "services/coaching/coach/reply/drafting.h"
#include "services/coaching/coach/reply/phrasing.h"
#include "services/coaching/coach/reply/turn_slots.h"
#include "services/coaching/coach/reply/writer.h"
#include "services/coaching/coach/understanding/dates.h"
#include "services/coaching/lib/reflection/reflection.h"
#include "services/coaching/lib/stable_hash/stable_hash.h"

namespace selfology::coach {
namespace {

// So many of the person's messages back a draft may be said in other words.
constexpr size_t kRevisions = 6;
// A message of so few words leans on what was said before.
constexpr int kShort = 3;
constexpr int kListeningTurns = 4;
// After a loss, of both: about an hour's talk. Later it counts when they speak of it (SpeaksOfTheLoss).
constexpr size_t kMourningMessages = 30;
// An event is asked after for so many days.
constexpr int kEventDays = 4;
constexpr int kAheadDays = 7;
// Frames of this weight come before what is remembered: losses, breakups, bad nights.
constexpr int kWeighty = 70;

std::vector<std::string> RepliesOf(absl::Span<const Said> dialogue, const Known& known) {
  std::vector<std::string> replies;
  for (auto said = dialogue.rbegin(); said != dialogue.rend(); ++said) {
    if (!said->by_person) replies.push_back(said->text);
  }
  replies.insert(replies.end(), known.said.rbegin(), known.said.rend());
  return replies;
}

}  // namespace

Writer::Writer(const Listener& listener, const Turn& turn, absl::Span<const Said> dialogue,
               const Known& known)
    : listener_(listener),
      turn_(turn),
      dialogue_(dialogue),
      known_(known),
      speech_(listener.speech(turn.language)),
      message_(*turn.message),
      phrasing_(speech_, RepliesOf(dialogue, known),
                StableHash(message_.text) % 7919 + dialogue.size(), turn.informal),
      turn_slots_(listener, turn, dialogue, known),
      slots_(turn_slots_.all()),
      today_(known.today.value_or(absl::CivilDay())) {}

std::string Writer::Run() && {
  std::string reply = ByIntent();
  if (reply.empty()) reply = Tell();
  return reply;
}

const Match* Writer::MatchOf(Intent intent) const {
  for (const Understanding& one : turn_.understandings) {
    if (one.frame->intent() == intent) return &one.match;
  }
  return nullptr;
}

std::string Writer::ByIntent() {
  switch (turn_.intent) {
    case SPEAK_ENGLISH:
    case SPEAK_RUSSIAN:
      return Say("switched");
    case SET_INFORMAL:
      return Say("form_informal");
    case SET_FORMAL:
      return Say("form_formal");
    case GREETING:
      return Greet();
    case THANKS:
      return Say("thanks");
    case GOODBYE:
      return Leave();
    case SMALL_TALK:
      return Say("small_talk");
    case WHO_ARE_YOU:
      return Say("who_are_you");
    case PRIVACY:
      return Say("privacy");
    case HELP:
      return Say("help");
    case ABOUT_ME:
      return AboutMe();
    case REMEMBER:
      return Remember();
    case FORGET:
      return Forget();
    case RECALL:
      return TellFound();
    case MAKE_PLAN:
      return TellNewPlan();
    case SHOW_PLAN:
      return ShowPlan();
    case STEP_DONE:
      return StepDone();
    case STEP_NOT_DONE:
      return StepNotDone();
    case DECIDE:
      return Decide();
    case DRAFT:
      return Draft();
    case TASK:
      return Task();
    case REPAIR:
      return Repair();
    case JUST_LISTEN:
      return Say("just_listen");
    case INSULT:
      return Say("insult");
    case YES:
      return Quietly("yes");
    case NO:
      return turn_.after_offer ? Say("no_offer") : Quietly("no");
    case WHY:
      return Say("why");
    case DONT_KNOW:
      return Quietly("dont_know");
    case WHO_IS:
      return TellWho();
    case AGENDA:
      return TellAgenda();
    case PLAIN_ADVICE:
      return Say("plain_advice");
    case NO_QUOTES:
      return Say("no_quotes");
    case TALK_AGAIN:
      return Say("talk_again");
    case COMPLAINT:
      return Say("complaint");
    case KIND_WORD:
      return Say("kind_word");
    case NO_LOSS:
      return Say("no_loss");
    case SHORT_WORD:
      return Say("short_word");
    case CORRECT:
      return Corrected();
    case PRIVATE:
      return Say("private");
    case APOLOGY:
      return Say("apology");
    case WHAT_DATE:
      if (!known_.today.has_value()) return "";
      slots_["day"] = NamedDay(today_, speech_.language());
      return Say("what_date");
    case ADVICE:
      AddTopic();
      return "";
    default:
      return "";
  }
}

void Writer::AddTopic() {
  const bool says_more = ContentWords(message_, turn_slots_.clause()) >= 4;
  const auto previous = slots_.find("prev\"");
  if (!says_more && previous != slots_.end()) {
    slots_["topic\""] = previous->second;
  } else if (says_more) {
    slots_["topic\""] = slots_["c\""];
  }
}

std::string Writer::Tell() {
  // A thumb up, a heart.
  if (message_.words.empty()) return Say("short_word");
  if (IsListening()) {
    if (std::optional<std::string> reply = phrasing_.Choose("listening", slots_)) return *reply;
  }
  if (IsMourning()) {
    return Say("mourning");
  }
  const bool brief = static_cast<int>(message_.words.size()) <= kShort;
  const bool says_nothing =
      ContentWords(message_, {0, static_cast<int>(message_.words.size())}) == 0;
  if (says_nothing && (brief || !slots_.contains("prev\"")) && turn_.understandings.empty()) {
    return Say("nothing_said");
  }
  bool weighty = false;
  if (!turn_.understandings.empty()) {
    weighty = turn_.understandings.front().frame->weight() >= kWeighty;
  }
  if (!weighty) {
    if (std::optional<std::string> reply = TakeUpWhatIsRemembered()) return *reply;
  }
  // A question is no material to ask back about.
  if (AsksSomething() &&
      (turn_.understandings.empty() || turn_.understandings.front().frame->weight() < kWeighty)) {
    if (std::optional<std::string> reply = Choose(speech_.replies("question_back"), slots_)) {
      return *reply;
    }
    return Say("question_back");
  }
  for (const Understanding& one : turn_.understandings) {
    if (one.frame->reply().empty()) continue;
    Slots slots = slots_;
    turn_slots_.AddMatch(one.match, slots);
    if (std::optional<std::string> reply = Choose(one.frame->reply(), slots)) {
      return WithReminder(*std::move(reply));
    }
  }
  const bool cued = absl::c_any_of(
      turn_.understandings, [](const Understanding& one) { return !one.frame->cue().empty(); });
  if (brief && !cued && !AsksSomething()) {
    if (std::optional<std::string> reply = Choose(speech_.replies("short"), slots_)) return *reply;
  }
  if (AsksSomething()) {
    if (std::optional<std::string> reply = Choose(speech_.replies("question_back"), slots_)) {
      return WithReminder(*std::move(reply));
    }
  }
  return WithReminder(Note());
}

std::string Writer::Quietly(std::string_view name) const {
  if (std::optional<std::string> reply = Choose(speech_.replies(name), slots_)) return *reply;
  return Say(name);
}

std::optional<std::string> Writer::Choose(const ReplyTexts& texts, const Slots& slots) const {
  return MayAsk(dialogue_) ? phrasing_.Choose(texts, slots)
                           : phrasing_.ChooseStatement(texts, slots);
}

std::string Writer::Note() {
  std::string_view cue;
  for (const Understanding& one : turn_.understandings) {
    if (cue.empty()) cue = one.frame->cue();
  }
  // Said back now and then: who hears each sentence again is not listened to.
  const bool says_back = dialogue_.size() / 2 % 2 == 0;
  const std::string said = says_back ? SaidToThem() : "";
  const auto choose = [&](const std::string& name) { return phrasing_.Choose(name, slots_); };
  if (!cue.empty() && MayAsk(dialogue_)) {
    std::optional<std::string> question;
    if (cue == "others" && slots_.contains("who")) question = choose("tell_person");
    if (!question.has_value()) question = choose(absl::StrCat("ask_", cue));
    if (question.has_value()) return absl::StrCat(said, *question);
  }
  if (!cue.empty()) {
    if (std::optional<std::string> noted = choose(absl::StrCat("noted_", cue))) {
      return absl::StrCat(said, *noted);
    }
  }
  return absl::StrCat(said, Say("noted"));
}

std::string Writer::SaidToThem() const {
  if (turn_.informal || LanguageByLetters(message_.text) != turn_.language) return "";
  const reflection::Reflection said =
      reflection::Reflect({.text = message_.text, .language = turn_.language, .number = 0});
  if (said.kind != reflection::Kind::kTurned || phrasing_.WasSaid(said.text)) return "";
  return absl::StrCat(said.text, " ");
}

bool Writer::AsksSomething() const {
  return absl::c_any_of(message_.words, [](const Token& word) { return word.question; });
}

bool Writer::IsListening() const {
  if (turn_.intent != TELL) return false;
  int turns = 0;
  for (auto said = dialogue_.rbegin(); said != dialogue_.rend() && turns <= kListeningTurns;
       ++said) {
    if (!said->by_person && SaysOneOf(speech_, "talk_again", said->text)) return false;
    if (!said->by_person && SaysOneOf(speech_, "just_listen", said->text)) return true;
    turns += said->by_person ? 1 : 0;
  }
  return false;
}

bool Writer::IsMourning() const {
  if (turn_.intent != TELL && turn_.intent != YES && turn_.intent != NO) return false;
  bool mourning = false;
  size_t since = 0;  // Messages.
  for (const Said& said : dialogue_.first(dialogue_.size() - 1)) {
    ++since;
    if (!said.by_person) continue;
    const std::vector<Understanding> understood = listener_.Understand(
        listener_.speech(LanguageByLetters(said.text).value_or(turn_.language)),
        Utterance(said.text));
    if (understood.empty()) continue;
    const Intent intent = understood.front().frame->intent();
    if (intent == GRIEF) {
      mourning = true;
      since = 0;
    }
    if (intent == NO_LOSS || intent == JOY) mourning = false;
  }
  if (mourning && since < kMourningMessages) return true;
  return !known_.loss.empty() && SpeaksOfTheLoss();
}

// Of the person who died, or as one does who mourns: however long ago they said it.
bool Writer::SpeaksOfTheLoss() const {
  static constexpr std::string_view kMourning[] = {
      "funeral", "grave",  "grief", "griev", "mourn",   "ashes", "cemeter", "coffin",
      "miss",    "cry",    "cried", "tears", "without", "empty", "похорон", "могил",
      "кладбищ", "поминк", "гроб",  "скуча", "тоск",    "тоскл", "плач",    "плак",
      "слез",    "без",    "пусто", "ушел",  "ушла",    "снил",  "снит"};
  static constexpr std::string_view kPronouns[] = {
      "he", "she", "him", "her", "his",  "он",  "она",  "его",   "ее",   "ему",
      "ей", "ним", "ней", "нем", "него", "нее", "he's", "she's", "he'd", "she'd"};
  const std::vector<PersonMention> lost = speech_.people().Find(Utterance(known_.loss));
  const std::vector<PersonMention> spoken_of = speech_.people().Find(message_);
  const bool same = absl::c_any_of(spoken_of, [&](const PersonMention& one) {
    return absl::c_any_of(lost, [&](const PersonMention& other) {
      return (!one.relation.empty() && one.relation == other.relation) ||
             (!one.name.empty() && one.name == other.name);
    });
  });
  if (same) return true;
  // "He" is the last one spoken of; with another person in the message it is them.
  const bool mourns = absl::c_any_of(message_.words, [](const Token& word) {
    return absl::c_any_of(kMourning, [&](std::string_view begin) {
      // «Безопасно» mourns nobody.
      return begin == "без" ? word.text == begin : word.text.starts_with(begin);
    });
  });
  const bool of_them = spoken_of.empty() && absl::c_any_of(message_.words, [](const Token& word) {
                         return absl::c_linear_search(kPronouns, word.text);
                       });
  return mourns && of_them;
}

std::string Writer::Greet() {
  Slots slots = slots_;
  for (const v1::MemoryItem& item : known_.memory) {
    const std::optional<absl::CivilDay> day = ParseDay(item.due_date());
    if (item.kind() != v1::MEMORY_KIND_DATE || !day.has_value() || !known_.today.has_value()) {
      continue;
    }
    const int64_t ahead = *day - today_;
    if (ahead > kAheadDays || ahead < -kEventDays) continue;
    slots["event"] = slots["Event"] = SpokenEvent(speech_, item, turn_.informal);
    slots["day"] = slots["Day"] = SpokenDay(*day, today_, speech_.language());
    if (phrasing_.WasSaid(item.text()) && ahead >= 0) continue;
    const std::string_view name = ahead < 0 ? "event_over" : "greeting_event";
    if (std::optional<std::string> reply = phrasing_.Choose(name, slots)) return *reply;
  }
  if (known_.plan.has_value()) {
    const v1::PlanStep* step = NextStep(*known_.plan);
    const auto day = step == nullptr ? std::nullopt : ParseDay(step->due_date());
    if (day.has_value() && known_.today.has_value() && *day <= today_) {
      AddStep(speech_, *known_.plan, *step, known_, slots);
      const std::string_view name = *day < today_ ? "check_in_step" : "check_in_step_today";
      if (std::optional<std::string> reply = phrasing_.Choose(name, slots)) return *reply;
    }
  }
  return Say("greeting");
}

std::string Writer::Leave() {
  if (known_.plan.has_value()) {
    if (const v1::PlanStep* step = NextStep(*known_.plan)) {
      Slots slots = slots_;
      AddStep(speech_, *known_.plan, *step, known_, slots);
      if (std::optional<std::string> reply = phrasing_.Choose("goodbye_step", slots)) return *reply;
    }
  }
  return Say("goodbye");
}

std::string Writer::Corrected() {
  if (known_.remembered.empty()) {
    return known_.forgotten.empty() ? Say("repair") : Say("corrected_gone");
  }
  slots_["what\""] = Quoted(known_.remembered.front(), speech_.language());
  return Say("corrected");
}

std::string Writer::Decide() {
  const Match* match = MatchOf(DECIDE);
  if (match == nullptr || !match->captures.contains("a") || !match->captures.contains("b")) {
    return Say("decide_what");
  }
  turn_slots_.AddCaptures(*match, slots_);
  for (const std::string_view option : {"a", "b"}) {
    std::string& text = slots_[std::string(option)];
    for (const std::string_view before : {"to ", "either ", "или ", "либо ", "ли "}) {
      if (absl::StartsWith(text, before)) text.erase(0, before.size());
    }
    slots_[absl::StrCat(option, "\"")] = Quoted(text, speech_.language());
  }
  return Say("decide");
}

std::string Writer::Draft() {
  const DraftRequest request =
      turn_.revision.empty() ? ReadDraft(speech_, turn_, dialogue_) : Revised();
  if (request.say.empty()) return Say(slots_.contains("who") ? "draft_content" : "draft_what");
  slots_["name"] = request.greeting;
  slots_["say"] = slots_["Say"] = request.say;
  return Say(request.replies);
}

DraftRequest Writer::Revised() const {
  size_t looked_at = 0;
  for (size_t count = dialogue_.size() - 1; count > 0 && looked_at < kRevisions; --count) {
    if (!dialogue_[count - 1].by_person) continue;
    ++looked_at;
    const absl::Span<const Said> until = dialogue_.first(count);
    const Turn earlier = listener_.Listen(until, language::TagOf(turn_.language), known_);
    if (earlier.intent != DRAFT || !earlier.revision.empty()) continue;
    DraftRequest request = ReadDraft(speech_, earlier, until);
    if (request.say.empty()) continue;
    // A post has no frame to be shortened: its beginning is what counts.
    const bool post = request.replies == "draft_post";
    const size_t first = request.say.find_first_of(",;!");
    if (post && turn_.revision == "draft_short" && first != std::string::npos) {
      request.say.resize(first);
    }
    if (!post) request.replies = turn_.revision;
    return request;
  }
  return {};
}

std::string Writer::Task() {
  const Match* match = MatchOf(TASK);
  if (match == nullptr) return "";
  const auto words = [&](std::string_view name) -> std::string_view {
    const auto found = match->captures.find(std::string(name));
    if (found == match->captures.end()) return "";
    return message_.Between(found->second.begin, found->second.end);
  };
  std::string task(words("b"));
  if (task.empty()) {
    const bool russian =
        LanguageByLetters(message_.text).value_or(turn_.language) == language::Language::kRussian;
    // The tasks know what this asks for.
    task = absl::StrCat(russian ? "напомни " : "remind me ", words("a"));
  }
  slots_["task"] = std::move(task);
  return Say("task");
}

std::string Writer::Repair() {
  const Match* match = MatchOf(REPAIR);
  if (match != nullptr && match->captures.contains("x")) {
    turn_slots_.AddCaptures(*match, slots_);
    return Say("repair_meant");
  }
  return Say("repair");
}

std::string Write(const Listener& listener, const Turn& turn, absl::Span<const Said> dialogue,
                  const Known& known) {
  return Writer(listener, turn, dialogue, known).Run();
}

}  // namespace selfology::coach
