#include "services/coaching/coach/reply/fit.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "common/text/text.h"
#include "services/coaching/coach/reply/clauses.h"
#include "services/coaching/lib/safety/stem.h"

namespace selfology::coach {
namespace {

using language::Language;
using Stems = std::set<std::string>;

constexpr int kMostSentences = 6;
constexpr int kMostCharacters = 900;
constexpr int kMostCharactersOfALong = 2500;
// A sentence of fewer words may be said again: "I see."
constexpr int kRepeatable = 4;
constexpr int kNewWords = 2;

Stems ContentStems(std::string_view text) {
  Stems stems;
  for (const Token& word : safety::SplitTokens(text)) {
    if (IsContentWord(word.text)) stems.insert(safety::Stem(word.text));
  }
  return stems;
}

bool Intersect(const Stems& a, const Stems& b) {
  return absl::c_any_of(a, [&](const std::string& stem) { return b.contains(stem); });
}

// Without what is quoted: to come back to the person's words is no repetition of one's own.
std::string WithoutQuotations(std::string_view text) {
  std::string rest;
  while (!text.empty()) {
    const size_t open = std::min(text.find("“"), text.find("«"));
    rest += text.substr(0, open);
    if (open == std::string_view::npos) break;
    text.remove_prefix(open);
    const size_t close = std::min(text.find("”"), text.find("»"));
    rest += "_";
    if (close == std::string_view::npos) break;
    text.remove_prefix(close);
    text.remove_prefix(text.starts_with("”") ? std::string_view("”").size()
                                             : std::string_view("»").size());
  }
  return rest;
}

std::vector<std::string> SentencesOf(const Utterance& written) {
  const Utterance text(WithoutQuotations(written.text));
  std::vector<std::string> sentences;
  std::string sentence;
  int words = 0;
  for (const Token& word : text.words) {
    sentence += word.text;
    sentence += ' ';
    ++words;
    if (!word.ends_sentence) continue;
    if (words >= kRepeatable) sentences.push_back(sentence);
    sentence.clear();
    words = 0;
  }
  if (words >= kRepeatable) sentences.push_back(sentence);
  return sentences;
}

bool Repeats(const Utterance& reply, absl::Span<const Said> dialogue, const Known& known) {
  const std::vector<std::string> sentences = SentencesOf(reply);
  const auto in = [&](std::string_view earlier) {
    const std::vector<std::string> others = SentencesOf(Utterance(earlier));
    return absl::c_any_of(sentences, [&](const std::string& sentence) {
      return absl::c_linear_search(others, sentence);
    });
  };
  return absl::c_any_of(dialogue,
                        [&](const Said& said) { return !said.by_person && in(said.text); }) ||
         absl::c_any_of(known.said, in);
}

// What the person wants is answered by the reply itself, whatever its words.
bool IsAnsweredByAnything(Intent intent) {
  switch (intent) {
    case GREETING:
    case THANKS:
    case GOODBYE:
    case SMALL_TALK:
    case WHO_ARE_YOU:
    case HELP:
    case PRIVACY:
    case WHY:
    case YES:
    case NO:
    case DONT_KNOW:
    case INSULT:
    case REPAIR:
    case JUST_LISTEN:
    case SPEAK_ENGLISH:
    case SPEAK_RUSSIAN:
    case SET_INFORMAL:
    case SET_FORMAL:
    case WHAT_DATE:
    case GRIEF:
    case PRIVATE:
    case APOLOGY:
    case WHO_IS:
    case AGENDA:
    case PLAIN_ADVICE:
    case NO_QUOTES:
    case TALK_AGAIN:
    case COMPLAINT:
    case KIND_WORD:
    case CORRECT:
    case KNOWLEDGE:
    case NO_LOSS:
    case SHORT_WORD:
      return true;
    default:
      return false;
  }
}

bool TakesUp(const Stems& reply, const Turn& turn, absl::Span<const Said> dialogue,
             const Known& known) {
  const Stems asked = ContentStems(turn.message->text);
  if (Intersect(reply, asked)) return true;
  if (IsAnsweredByAnything(turn.intent)) return true;
  for (const v1::MemoryItem& item : known.memory) {
    if (Intersect(reply, ContentStems(item.text()))) return true;
  }
  if (known.plan.has_value() && Intersect(reply, ContentStems(known.plan->goal()))) return true;
  // A message of few words means what was spoken of before.
  if (asked.size() > 2) return false;
  return absl::c_any_of(dialogue, [&](const Said& said) {
    return said.by_person && Intersect(reply, ContentStems(said.text));
  });
}

// That are neither in the message nor the words by which one says "you" instead of "I".
int NewWords(const Utterance& reply, const Utterance& message) {
  static constexpr std::string_view kShifted[] = {
      "you",  "your", "you're", "you've", "are", "said", "so",   "вы",   "ваш",
      "ваша", "ваши", "вас",    "вам",    "ты",  "тебя", "тебе", "твой", "значит"};
  Stems known;
  for (const Token& word : message.words) known.insert(safety::Stem(word.text));
  return static_cast<int>(absl::c_count_if(reply.words, [&](const Token& word) {
    return !known.contains(safety::Stem(word.text)) && !absl::c_linear_search(kShifted, word.text);
  }));
}

bool IsLong(Intent intent) {
  return intent == MAKE_PLAN || intent == SHOW_PLAN || intent == ABOUT_ME || intent == DRAFT ||
         intent == AGENDA || intent == HELP;
}

bool UsesOtherForm(const Utterance& reply, bool informal) {
  static constexpr std::string_view kThou[] = {"ты",   "тебя", "тебе", "тобой", "твой",
                                               "твоя", "твое", "твои", "твоего"};
  static constexpr std::string_view kYou[] = {"вы",   "вас",  "вам",  "вами",  "ваш",
                                              "ваша", "ваше", "ваши", "вашего"};
  const auto count = [&](absl::Span<const std::string_view> words) {
    return absl::c_count_if(
        reply.words, [&](const Token& word) { return absl::c_linear_search(words, word.text); });
  };
  const auto thou = count(kThou);
  const auto you = count(kYou);
  return informal ? you > thou : thou > you;
}

}  // namespace

std::vector<Misfit> CheckFit(std::string_view text, const Turn& turn,
                             absl::Span<const Said> dialogue, const Known& known) {
  const Utterance reply(text);
  std::vector<Misfit> misfits;
  if (LanguageByLetters(text).value_or(turn.language) != turn.language) {
    misfits.push_back(Misfit::kOtherLanguage);
  }
  if (Repeats(reply, dialogue, known)) misfits.push_back(Misfit::kRepetition);
  const auto sentences =
      absl::c_count_if(reply.words, [](const Token& word) { return word.ends_sentence; });
  const int characters = text::Characters(text);
  const bool is_long = IsLong(turn.intent);
  if (characters > (is_long ? kMostCharactersOfALong : kMostCharacters) ||
      (!is_long && sentences > kMostSentences)) {
    misfits.push_back(Misfit::kTooLong);
  }
  if (reply.words.size() < 2) misfits.push_back(Misfit::kTooShort);
  const Stems stems = ContentStems(text);
  // In another language nothing can be taken up by its words.
  const bool same_language =
      LanguageByLetters(turn.message->text).value_or(turn.language) == turn.language;
  if (same_language && !TakesUp(stems, turn, dialogue, known)) {
    misfits.push_back(Misfit::kBesideThePoint);
  }
  const Stems asked = ContentStems(turn.message->text);
  if (NewWords(reply, *turn.message) < kNewWords && !IsAnsweredByAnything(turn.intent) &&
      Intersect(stems, asked)) {
    misfits.push_back(Misfit::kOnlyRepeats);
  }
  if (turn.language == Language::kRussian && UsesOtherForm(reply, turn.informal)) {
    misfits.push_back(Misfit::kOtherForm);
  }
  return misfits;
}

std::string_view NameOf(Misfit misfit) {
  switch (misfit) {
    case Misfit::kOtherLanguage:
      return "other_language";
    case Misfit::kRepetition:
      return "repetition";
    case Misfit::kTooLong:
      return "too_long";
    case Misfit::kTooShort:
      return "too_short";
    case Misfit::kBesideThePoint:
      return "beside_the_point";
    case Misfit::kOnlyRepeats:
      return "only_repeats";
    case Misfit::kOtherForm:
      return "other_form";
  }
  return "";
}

}  // namespace selfology::coach
