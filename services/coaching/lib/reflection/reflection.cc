#include "services/coaching/lib/reflection/reflection.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "common/text/text.h"
#include "services/coaching/lib/reflection/answer_kind.h"
#include "services/coaching/lib/reflection/clauses.h"
#include "services/coaching/lib/reflection/exclusions.h"
#include "services/coaching/lib/reflection/naming.h"
#include "services/coaching/lib/reflection/second_person.h"
#include "services/coaching/lib/reflection/tokens.h"
#include "services/coaching/lib/reflection/word_tables.h"

namespace selfology::reflection {
namespace {

constexpr int kLongestClause = 210;     // Characters, of 300 for all.
constexpr int kLongestQuotation = 150;  // What is longer is no quotation but the answer.
constexpr double kWorthSaying = 1.4;
constexpr double kEndWeighs = 0.8;
constexpr double kNameAdds = 1.5;

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

// "Honestly? Permission.": the first sentence that does not ask.
size_t FirstThatSays(const std::vector<Sentence>& sentences) {
  size_t first = 0;
  while (first < sentences.size() && sentences[first].question) ++first;
  return first;
}

class Chooser {
 public:
  explicit Chooser(const Answered& answer, const std::vector<Sentence>& sentences)
      : answer_(answer),
        sentences_(sentences),
        words_(WordTable::Of(answer.language)),
        exclusions_(answer.language, sentences),
        first_(FirstThatSays(sentences)),
        // "What would you do if" is answered with what is not so.
        what_if_(IsHypothetical(answer.language, answer.question)) {
    if (first_ < sentences.size() && !exclusions_.weighty()) {
      name_ = NameIn(answer.language, sentences[first_]);
    }
  }

  // The best of what may be said; kThanks if there is none. Where `turns` is false, quotations only.
  Choice Choose(bool turns) const {
    Choice best;
    for (const Candidate& candidate : ClausesOf(answer_.language, sentences_)) {
      if (turns && Turn(candidate, best)) continue;
      Quote(candidate, best);
    }
    if (turns && best.kind != Kind::kTurned && !exclusions_.IsTakenBack(first_)) {
      if (auto named = AsAnswer(answer_.language, answer_.question, name_)) {
        best = {0, Kind::kNamed, *std::move(named)};
      }
    }
    return best;
  }

 private:
  // Whether the clause is the whole sentence behind the name that the answer begins with.
  bool IsNamed(const Candidate& candidate) const {
    return !name_.empty() && candidate.sentence == first_ + 1 &&
           candidate.clause.data() == sentences_[candidate.sentence].tokens.data() &&
           WordsOf(candidate.clause) == WordsOf(sentences_[candidate.sentence].tokens);
  }

  bool Turn(const Candidate& candidate, Choice& best) const {
    const Clause clause = candidate.clause;
    if (candidate.writer == Writer::kAbsent) return false;
    // "My parents are getting divorced" is not said to who told it.
    if (candidate.writer == Writer::kMentioned && exclusions_.weighty()) return false;
    if (what_if_ && !words_.Has("HYPOTHETICAL", clause)) return false;
    const bool named = IsNamed(candidate) && exclusions_.OfNamed(candidate) == Exclusion::kNone;
    const Exclusion exclusion = exclusions_.Of(candidate);
    const bool alone = exclusion == Exclusion::kNone || exclusion == Exclusion::kEcho;
    const double weight = WeightOf(candidate) + (named ? kNameAdds : 0);
    if (!(named || (alone && weight >= kWorthSaying))) return false;
    if (best.kind == Kind::kTurned && weight <= best.weight) return false;
    const auto turned = InSecondPerson(answer_.language, clause);
    if (!turned.has_value()) return false;
    std::string text = Render(*turned);
    if (named) {
      if (auto with_topic = WithTopic(answer_.language, name_, text)) {
        text = *std::move(with_topic);
      } else if (!alone) {
        return false;
      }
    }
    if (text::Characters(text) > kLongestClause) return false;
    best = {weight, Kind::kTurned, std::move(text)};
    return true;
  }

  // Being spoken to is better than being quoted.
  void Quote(const Candidate& candidate, Choice& best) const {
    const double weight = WeightOf(candidate);
    if (best.kind == Kind::kTurned || weight < kWorthSaying) return;
    if (best.kind == Kind::kQuoted && weight <= best.weight) return;
    if (candidate.writer == Writer::kAbsent) return;
    if (candidate.writer == Writer::kMentioned && exclusions_.weighty()) return;
    if (exclusions_.Of(candidate) != Exclusion::kNone) return;
    if (auto quotation = Quotation(candidate.clause, kLongestQuotation)) {
      best = {weight, Kind::kQuoted, *std::move(quotation)};
    }
  }

  // What the answer comes to stands near its end.
  double WeightOf(const Candidate& candidate) const {
    return candidate.weight + kEndWeighs * static_cast<double>(candidate.sentence) /
                                  static_cast<double>(sentences_.size());
  }

  const Answered& answer_;
  const std::vector<Sentence>& sentences_;
  const WordTable& words_;
  const Exclusions exclusions_;
  const size_t first_;
  const bool what_if_;
  Clause name_;
};

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
  if (IsTender(answer.language, answer.question)) return {Kind::kSober, frame("HEAVY")};
  const Choice choice = Chooser(answer, sentences).Choose(/*turns=*/!informal);
  switch (choice.kind) {
    case Kind::kTurned:
      return {Kind::kTurned, absl::Substitute(frame("CLAUSE"), Capitalised(choice.text))};
    case Kind::kNamed:
      return {Kind::kNamed, absl::Substitute(frame("ANSWER"), Capitalised(choice.text))};
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
