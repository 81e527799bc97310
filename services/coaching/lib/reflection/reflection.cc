#include "services/coaching/lib/reflection/reflection.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "common/text/text.h"
#include "services/coaching/lib/reflection/answer_kind.h"
#include "services/coaching/lib/reflection/answering.h"
#include "services/coaching/lib/reflection/choosing.h"
#include "services/coaching/lib/reflection/clauses.h"
#include "services/coaching/lib/reflection/quoting.h"
#include "services/coaching/lib/reflection/second_person.h"
#include "services/coaching/lib/reflection/tokens.h"
#include "services/coaching/lib/reflection/word_tables.h"

namespace selfology::reflection {
namespace {

constexpr int kLongest = 300;  // Characters.

const std::string& Frame(const WordTable& words, std::string_view list, uint64_t number) {
  const std::vector<std::string>& frames = words.frames(list);
  return frames[number % frames.size()];
}

// "Washing the car – that is what calms you", "What calms you: washing the car"
std::string SayNamed(const Answered& answer, const Choice& choice) {
  const WordTable& words = WordTable::Of(answer.language);
  const Asked& asked = choice.asked;
  // «Вот что вас успокаивает: …»
  const bool russian = answer.language == Language::kRussian;
  const std::string told = russian ? absl::StrCat(asked.link, " ", asked.told) : asked.told;
  const std::optional<std::string> inside = Inside(answer.language, asked, choice.text);
  // «Вот от какого желания …: танцы» would be of the wrong case; «Танцы — вот от какого желания» is not.
  const bool fits = inside.has_value() && HasCaseOf(answer.language, asked, choice.text);
  const std::string_view list = choice.quoted ? "ANSWER_QUOTED" : fits ? "ANSWER" : "ANSWER_NAMED";
  return absl::Substitute(
      Frame(words, list, answer.number), choice.open ? absl::StrCat(choice.text, ",") : choice.text,
      absl::StrCat(asked.link, " ", asked.told), Capitalised(told), inside.value_or(choice.text));
}

}  // namespace

Reflection Reflect(const Answered& answer) {
  const WordTable& words = WordTable::Of(answer.language);
  const std::vector<Sentence> sentences = SplitSentences(answer.text);
  const bool informal =
      IsInformal(answer.language, answer.question) || IsInformal(answer.language, answer.text);
  const auto frame = [&](std::string_view list) -> const std::string& {
    return Frame(words, informal ? absl::StrCat(list, "_UNADDRESSED") : std::string(list),
                 answer.number);
  };
  const bool sore_asked = AsksWhatIsSore(answer.language, answer.question);
  const bool sore = sore_asked || IsSore(answer.language, answer.text);
  const Reflection thanks = {Kind::kThanks, frame(sore ? "THANKS_SORE" : "THANKS")};
  switch (KindOf(answer.language, answer.question, answer.text, sentences)) {
    case AnswerKind::kNone:
      return {};
    case AnswerKind::kHeavy:
    case AnswerKind::kGuarded:
      return {Kind::kSober, frame("HEAVY")};
    case AnswerKind::kUnsaid:
      return thanks;
    case AnswerKind::kPlain:
      break;
  }
  if (IsTender(answer.language, answer.question)) return {Kind::kSober, frame("HEAVY")};
  // Named or in another person, what hurts is held out to the writer: their own words are quoted.
  const bool own = informal || sore_asked;
  Choice choice = Choose(answer, sentences, /*turns=*/!own);
  if (choice.kind == Kind::kTurned && IsSore(answer.language, choice.text)) {
    choice = Choose(answer, sentences, /*turns=*/false);
  }
  std::string said;
  switch (choice.kind) {
    case Kind::kTurned:
      said = absl::Substitute(frame("CLAUSE"), Capitalised(choice.text));
      break;
    case Kind::kNamed:
      said = SayNamed(answer, choice);
      break;
    case Kind::kQuoted:
      said =
          absl::Substitute(frame(choice.weighty || sore ? "QUOTE_WEIGHTY" : "QUOTE"), choice.text);
      break;
    default:
      break;
  }
  if (said.empty() || text::Characters(said) > kLongest) return thanks;
  return {choice.kind, std::move(said)};
}

std::vector<std::string> Quotable(std::string_view text, Language language, int characters) {
  const std::vector<Sentence> sentences = SplitSentences(text);
  std::vector<std::string> quotations;
  if (KindOf(language, /*question=*/"", text, sentences) != AnswerKind::kPlain) return quotations;
  for (const Candidate& candidate : ClausesOf(language, sentences)) {
    if (candidate.writer == Writer::kAbsent || WordsOf(candidate.clause) < 3) continue;
    if (auto quotation = Quotation(language, candidate.clause, characters)) {
      quotations.push_back(*std::move(quotation));
    }
  }
  return quotations;
}

std::string InsightOf(std::string_view one, std::string_view other, Language language,
                      uint64_t number) {
  return absl::Substitute(Frame(WordTable::Of(language), "INSIGHT", number), std::string(one),
                          std::string(other));
}

std::string SummaryOf(std::string_view quotation, Language language) {
  return absl::Substitute(Frame(WordTable::Of(language), "SUMMARY", 0), std::string(quotation));
}

}  // namespace selfology::reflection
