#include "services/coaching/lib/reflection/reflection.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "common/text/text.h"
#include "services/coaching/lib/reflection/answer_kind.h"
#include "services/coaching/lib/reflection/clauses.h"
#include "services/coaching/lib/reflection/exclusions.h"
#include "services/coaching/lib/reflection/second_person.h"
#include "services/coaching/lib/reflection/tokens.h"
#include "services/coaching/lib/reflection/word_tables.h"

namespace selfology::reflection {
namespace {

constexpr int kLongestClause = 210;     // Characters, of 300 for all.
constexpr int kLongestQuotation = 150;  // What is longer is no quotation but the answer.
constexpr double kWorthSaying = 1.4;
constexpr double kEndWeighs = 0.8;

const std::string& Frame(const WordTable& words, std::string_view list, uint64_t number) {
  const std::vector<std::string>& frames = words.frames(list);
  return frames[number % frames.size()];
}

// A quotation within quotation marks.
std::optional<std::string> Quotation(Clause clause, int characters) {
  for (const Token& token : clause) {
    if (token.quoted || token.lower == "«" || token.lower == "“" || token.lower == "\"" ||
        token.lower == "'" || token.lower == "„" || token.text == "i") {
      return std::nullopt;
    }
  }
  std::string text = Render(clause);
  if (text::Characters(text) > characters) return std::nullopt;
  return text;
}

struct Choice {
  double weight = 0;
  Kind kind = Kind::kThanks;
  std::string text;
};

// The best of what may be said; kThanks if there is none. Where `turns` is false, quotations only.
Choice Choose(const Answered& answer, const std::vector<Sentence>& sentences, bool turns) {
  const WordTable& words = WordTable::Of(answer.language);
  // "What would you do if" is answered with what is not so.
  const bool what_if = IsHypothetical(answer.language, answer.question);
  const Exclusions exclusions(answer.language, sentences);
  Choice best;
  for (const Candidate& candidate : ClausesOf(answer.language, sentences)) {
    if (exclusions.Of(candidate) != Exclusion::kNone) continue;
    const Clause clause = candidate.clause;
    // What the answer comes to stands near its end.
    const double weight = candidate.weight + kEndWeighs * static_cast<double>(candidate.sentence) /
                                                 static_cast<double>(sentences.size());
    const bool said_so = !what_if || words.Has("HYPOTHETICAL", clause);
    if (turns && candidate.writer == Writer::kSubject && said_so && weight >= kWorthSaying &&
        (best.kind != Kind::kTurned || weight > best.weight)) {
      if (const auto turned = InSecondPerson(answer.language, clause)) {
        std::string text = Render(*turned);
        if (text::Characters(text) <= kLongestClause) {
          best = {weight, Kind::kTurned, std::move(text)};
          continue;
        }
      }
    }
    // Being spoken to is better than being quoted.
    if (best.kind == Kind::kTurned || weight < kWorthSaying) continue;
    if (best.kind == Kind::kQuoted && weight <= best.weight) continue;
    if (candidate.writer == Writer::kAbsent) continue;
    if (auto quotation = Quotation(clause, kLongestQuotation)) {
      best = {weight, Kind::kQuoted, *std::move(quotation)};
    }
  }
  return best;
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
  switch (KindOf(answer.language, answer.question, answer.text, sentences)) {
    case AnswerKind::kNone:
      return {};
    case AnswerKind::kHeavy:
    case AnswerKind::kGuarded:
      return {Kind::kSober, frame("HEAVY")};
    case AnswerKind::kUnsaid:
      return {Kind::kThanks, frame("THANKS")};
    case AnswerKind::kPlain:
      break;
  }
  const Choice choice = Choose(answer, sentences, /*turns=*/!informal);
  switch (choice.kind) {
    case Kind::kTurned:
      return {Kind::kTurned, absl::Substitute(frame("CLAUSE"), Capitalised(choice.text))};
    case Kind::kQuoted:
      return {Kind::kQuoted, absl::Substitute(frame("QUOTE"), Capitalised(choice.text))};
    default:
      return {Kind::kThanks, frame("THANKS")};
  }
}

std::vector<std::string> Quotable(std::string_view text, Language language, int characters) {
  const std::vector<Sentence> sentences = SplitSentences(text);
  std::vector<std::string> quotations;
  if (KindOf(language, /*question=*/"", text, sentences) != AnswerKind::kPlain) return quotations;
  for (const Candidate& candidate : ClausesOf(language, sentences)) {
    if (candidate.writer == Writer::kAbsent || WordsOf(candidate.clause) < 3) continue;
    if (auto quotation = Quotation(candidate.clause, characters)) {
      quotations.push_back(Capitalised(*quotation));
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
