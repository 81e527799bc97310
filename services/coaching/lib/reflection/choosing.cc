#include "services/coaching/lib/reflection/choosing.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/text/text.h"
#include "services/coaching/lib/reflection/answer_kind.h"
#include "services/coaching/lib/reflection/answering.h"
#include "services/coaching/lib/reflection/clauses.h"
#include "services/coaching/lib/reflection/exclusions.h"
#include "services/coaching/lib/reflection/naming.h"
#include "services/coaching/lib/reflection/quoting.h"
#include "services/coaching/lib/reflection/second_person.h"
#include "services/coaching/lib/reflection/word_tables.h"

namespace selfology::reflection {
namespace {

constexpr int kLongestClause = 210;     // Characters, of 300 for all.
constexpr int kLongestQuotation = 160;  // What is longer is no quotation but the answer.
constexpr int kMostWordsOfTopic = 6;
constexpr int kFewWords = 3;
constexpr int kMostWordsOfAside = 5;
constexpr size_t kMostWordsOfTime = 3;
constexpr double kWorthSaying = 1.4;
constexpr double kWorthQuoting = 0.6;
constexpr double kEndWeighs = 0.8;
constexpr double kTopicAdds = 1.5;
constexpr double kWriterAdds = 2.5;
constexpr double kDirectlyAdds = 1.2;
constexpr double kFirstAdds = 0.6;      // Of a quotation.
constexpr double kPointingCosts = 0.5;  // Of a quotation.

// "Honestly? Permission.", "I don't know. A few trees.": the first sentence that does not ask and says
// something.
size_t FirstThatSays(Language language, const std::vector<Sentence>& sentences) {
  const WordTable& words = WordTable::Of(language);
  size_t first = 0;
  for (; first < sentences.size(); ++first) {
    if (sentences[first].question) continue;
    const Clause clause = WithoutFillers(language, sentences[first].tokens);
    const size_t unknown =
        std::max(words.Match("DUNNO", clause, 0), words.Match("DUNNO_ALONE", clause, 0));
    if (unknown == 0 || unknown < clause.size() || first + 1 == sentences.size()) break;
  }
  return first;
}

// "Home. That's the main thing.": the sentence that must not be lost.
std::optional<size_t> MainPoint(const WordTable& words, const std::vector<Sentence>& sentences) {
  for (size_t i = 1; i < sentences.size(); ++i) {
    if (words.Match("MAIN_POINT", sentences[i].tokens, 0) > 0) return i - 1;
  }
  return std::nullopt;
}

class Chooser {
 public:
  Chooser(const Answered& answer, const std::vector<Sentence>& sentences)
      : answer_(answer),
        sentences_(sentences),
        words_(WordTable::Of(answer.language)),
        exclusions_(answer.language, sentences),
        first_(FirstThatSays(answer.language, sentences)),
        main_point_(MainPoint(words_, sentences)),
        // "What would you do if" is answered with what is not so.
        what_if_(IsHypothetical(answer.language, answer.question)),
        asked_(AskedIn(answer.language, answer.question)) {
    if (first_ >= sentences.size() || exclusions_.weighty()) return;
    name_ = NameOfList(answer.language, absl::MakeConstSpan(sentences).subspan(first_));
    if (name_.empty()) {
      name_ = NameIn(answer.language, sentences[first_]);
      if (first_ + 1 < sentences.size()) {
        name_ = WithWhatGoesOn(answer.language, std::move(name_), sentences[first_ + 1]);
      }
    }
    if (name_.empty()) topic_ = ShortBeginning();
  }

  Choice Choose(bool turns) const {
    const std::vector<Candidate> candidates = ClausesOf(answer_.language, sentences_);
    Choice turned;
    for (const Candidate& candidate : candidates) {
      if (turns) Turn(candidate, turned);
    }
    if (turned.with_topic) return turned;
    if (turns) {
      if (std::optional<Choice> named = Named()) return *std::move(named);
    }
    if (turned.kind == Kind::kTurned) return turned;
    Choice quoted;
    for (const Candidate& candidate : candidates) Quote(candidate, quoted);
    return quoted;
  }

 private:
  bool IsWhole(const Candidate& candidate) const {
    const std::vector<Token>& sentence = sentences_[candidate.sentence].tokens;
    const Clause whole = WithoutFillers(answer_.language, sentence);
    return candidate.clause.data() == whole.data() && candidate.clause.size() == whole.size();
  }

  // "I sleep on it." before what says more of it.
  std::string ShortBeginning() const {
    const Sentence& sentence = sentences_[first_];
    const Clause clause = WithoutFillers(answer_.language, sentence.tokens);
    if (WordsOf(clause) > kMostWordsOfTopic || clause.empty()) return "";
    const Candidate candidate = {
        .clause = clause, .writer = WriterIn(answer_.language, clause), .sentence = first_};
    if (candidate.writer != Writer::kSubject) return "";
    if (exclusions_.OfNamed(candidate) != Exclusion::kNone) return "";
    const auto turned = InSecondPerson(answer_.language, clause);
    return turned.has_value() ? Capitalised(Render(*turned)) : "";
  }

  // Whether the clause is the whole sentence behind the name or the few words that the answer begins
  // with.
  bool IsBehindTopic(const Candidate& candidate) const {
    if (name_.empty() && topic_.empty()) return false;
    if (!name_.empty() && !name_.whole) return false;
    return candidate.sentence == first_ + 1 && IsWhole(candidate);
  }

  std::optional<std::string> BehindTopic(const std::string& text) const {
    if (name_.empty()) return absl::StrCat(topic_, ". ", Capitalised(text));
    return WithTopic(answer_.language, name_, text);
  }

  void Turn(const Candidate& candidate, Choice& best) const {
    const Clause clause = candidate.clause;
    const bool unsaid = IsUnsaidI(candidate);
    if (candidate.writer == Writer::kAbsent && !unsaid) return;
    if (IsBare(candidate) || Misses(candidate)) return;
    // "My parents are getting divorced" is not said to who told it, nor a part of what weighs.
    if (exclusions_.weighty() &&
        (candidate.writer != Writer::kSubject || exclusions_.sentences_that_say() > 1)) {
      return;
    }
    if (what_if_ && !words_.Has("HYPOTHETICAL", clause)) return;
    const bool behind =
        IsBehindTopic(candidate) && exclusions_.OfNamed(candidate) == Exclusion::kNone;
    if (behind && (Supposes() || IsAside(candidate))) return;
    const Exclusion exclusion = exclusions_.Of(candidate);
    const bool alone = (exclusion == Exclusion::kNone || exclusion == Exclusion::kEcho ||
                        (unsaid && exclusion == Exclusion::kIncomplete)) &&
                       IsLongEnough(candidate);
    const double weight =
        WeightOf(candidate) + (behind ? kTopicAdds : 0) + (unsaid ? kWriterAdds : 0);
    if (!(behind || (alone && weight >= kWorthSaying))) return;
    if (best.kind == Kind::kTurned && weight <= best.weight) return;
    const auto turned = InSecondPerson(answer_.language, clause);
    if (!turned.has_value() || !KeepsSubject(candidate)) return;
    std::string text = Render(*turned);
    if (unsaid) text = absl::StrCat("you ", Uncapitalised(text));
    bool joined = false;
    if (behind) {
      if (auto with_topic = BehindTopic(text)) {
        joined = text::Characters(*with_topic) <= kLongestClause;
        if (joined) text = *std::move(with_topic);
      }
      if (!joined && !alone) return;
    }
    if (text::Characters(text) > kLongestClause) return;
    best = {.weight = weight, .kind = Kind::kTurned, .text = std::move(text), .with_topic = joined};
  }

  // "I don't show anything to anybody", and no more: said back it is a reproach.
  bool IsBare(const Candidate& candidate) const {
    return exclusions_.sentences_that_say() == 1 &&
           WordsOf(candidate.clause) <= kMostWordsOfTopic &&
           words_.Has("NEGATION", candidate.clause);
  }

  // Whether the writer called something else the point.
  bool Misses(const Candidate& candidate) const {
    return main_point_.has_value() && candidate.sentence != *main_point_;
  }

  // "Envy, I suppose. I turn it into opinions": without "I suppose" it is a charge.
  bool Supposes() const {
    return first_ < sentences_.size() && words_.Has("SUPPOSE", sentences_[first_].tokens) &&
           !words_.Has("SUPPOSE", name_.tokens);
  }

  // "Loading the dishwasher. My wife has given up.": of somebody else, and short.
  bool IsAside(const Candidate& candidate) const {
    return answer_.language == Language::kEnglish && candidate.writer == Writer::kMentioned &&
           WordsOf(candidate.clause) <= kMostWordsOfAside && candidate.clause[0].lower == "my";
  }

  // "Went in for a pint.": at the beginning it is the writer who did.
  bool IsUnsaidI(const Candidate& candidate) const {
    return answer_.language == Language::kEnglish && candidate.sentence == first_ &&
           IsWhole(candidate) && LacksSubject(answer_.language, candidate.clause);
  }

  // Few words say enough if they are what was asked for: «Не опаздываю» only of a rule.
  bool IsLongEnough(const Candidate& candidate) const {
    const int words = WordsOf(candidate.clause);
    if (words > kFewWords) return true;
    return asked_.has_value() && (words > 2 || !words_.Has("NEGATION", candidate.clause));
  }

  // «Над внуком. Спросил, …»: who asked is whoever was just named.
  bool KeepsSubject(const Candidate& candidate) const {
    if (answer_.language != Language::kRussian || candidate.sentence <= first_) return true;
    if (!LacksSubject(answer_.language, candidate.clause)) return true;
    return WriterIn(answer_.language, sentences_[candidate.sentence - 1].tokens) ==
           Writer::kSubject;
  }

  std::optional<Choice> Named() const {
    if (first_ >= sentences_.size() || exclusions_.IsRetracted(first_)) return std::nullopt;
    if (!asked_.has_value()) return std::nullopt;
    if (main_point_.has_value() && *main_point_ != first_) return std::nullopt;
    // "Last week." before what happened then
    if ((asked_->what == AskedFor::kTime || !asked_->noun) &&
        exclusions_.sentences_that_say() > 1 && words_.Match("TIME_ONLY", name_.tokens, 0) > 0 &&
        name_.tokens.size() <= kMostWordsOfTime) {
      return std::nullopt;
    }
    // Words that are asked for are no name: "Ask before you drown."
    const Name name = asked_->what == AskedFor::kWords && name_.empty() ? WordsSaid() : name_;
    std::optional<Answering> answering = AsAnswer(answer_.language, *asked_, name);
    if (!answering.has_value()) return std::nullopt;
    Choice named = {.kind = Kind::kNamed,
                    .text = std::move(answering->text),
                    .asked = *asked_,
                    .quoted = answering->quoted,
                    .open = answering->open};
    named.asked.told = std::move(answering->told);
    return named;
  }

  Name WordsSaid() const {
    const Clause clause = WithoutFillers(answer_.language, sentences_[first_].tokens);
    const Candidate said = {
        .clause = clause, .writer = WriterIn(answer_.language, clause), .sentence = first_};
    const Exclusion exclusion = exclusions_.OfQuoted(said);
    const bool fits = exclusion == Exclusion::kNone || exclusion == Exclusion::kLength;
    if (!fits || WordsOf(clause) < 2 || said.writer == Writer::kSubject || exclusions_.weighty()) {
      return {};
    }
    return {.tokens = {clause.begin(), clause.end()}, .as_written = true};
  }

  void Quote(const Candidate& candidate, Choice& best) const {
    const bool points = exclusions_.PointsElsewhere(candidate.clause);
    if (Misses(candidate) || (points && Supposes())) return;
    double weight = WeightOf(candidate);
    if (candidate.sentence == first_ && candidate.writer != Writer::kSubject) weight += kFirstAdds;
    if (points) weight -= kPointingCosts;
    if (weight < kWorthQuoting) return;
    if (best.kind == Kind::kQuoted && weight <= best.weight) return;
    if (candidate.writer == Writer::kAbsent && !IsWhole(candidate)) return;
    // "Nothing out of the ordinary"
    const bool denies = words_.Match("NEGATION", candidate.clause, 0) > 0;
    if (candidate.writer == Writer::kAbsent && denies) return;
    if (exclusions_.OfQuoted(candidate) != Exclusion::kNone) return;
    if (auto quotation = Quotation(answer_.language, candidate.clause, kLongestQuotation)) {
      best = {.weight = weight,
              .kind = Kind::kQuoted,
              .text = *std::move(quotation),
              .weighty = exclusions_.weighty()};
    }
  }

  // What the answer comes to stands near its end; what answers at once, at its beginning.
  double WeightOf(const Candidate& candidate) const {
    const bool directly = candidate.sentence == first_ && !answer_.question.empty() &&
                          candidate.writer == Writer::kSubject;
    return candidate.weight + (directly ? kDirectlyAdds : 0) +
           kEndWeighs * static_cast<double>(candidate.sentence) /
               static_cast<double>(sentences_.size());
  }

  const Answered& answer_;
  const std::vector<Sentence>& sentences_;
  const WordTable& words_;
  const Exclusions exclusions_;
  const size_t first_;
  const std::optional<size_t> main_point_;
  const bool what_if_;
  const std::optional<Asked> asked_;
  Name name_;
  std::string topic_;
};

}  // namespace

Choice Choose(const Answered& answer, const std::vector<Sentence>& sentences, bool turns) {
  return Chooser(answer, sentences).Choose(turns);
}

}  // namespace selfology::reflection
