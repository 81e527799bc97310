#include "services/coaching/lib/reflection/exclusions.h"

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "common/text/utf8.h"

namespace selfology::reflection {
namespace {

using language::Language;

constexpr int kFewestWords = 5;
constexpr int kFewestRussianWords = 4;  // Without articles, and often without "я".
constexpr int kFewestWordsAtOnce = 3;
constexpr int kFewestRussianWordsAtOnce = 2;
constexpr int kFewestWordsOfNamed = 3;
constexpr int kFewestWordsOfQuotation = 5;
constexpr int kMostWords = 26;
constexpr int kMostWordsOfSentence = 36;  // A run-on gives no part either.
constexpr int kWordsOfRetort = 5;
constexpr size_t kLatestSubject = 6;   // Words before "I" in a sentence that is surely one.
constexpr size_t kLatestPointer = 4;   // Words before what points elsewhere; more may explain it.
constexpr size_t kFewestBeforeIt = 5;  // Words before "and … it" that may name what it is.

bool Is(Clause clause, size_t at, std::string_view lower) {
  return at < clause.size() && clause[at].lower == lower;
}

// The first word behind signs.
size_t FirstWord(Clause clause, size_t from) {
  while (from < clause.size() && !clause[from].word) ++from;
  return from;
}

// Whether more is said than "yes" or "well".
bool Says(const WordTable& words, Clause sentence) {
  for (size_t i = 0; i < sentence.size();) {
    const size_t little =
        std::max(words.Match("NON_ANSWER", sentence, i), words.Match("LEAD_IN", sentence, i));
    if (sentence[i].word && little == 0) return true;
    i += std::max<size_t>(little, 1);
  }
  return false;
}

}  // namespace

Exclusions::Exclusions(Language language, absl::Span<const Sentence> sentences)
    : language_(language), words_(WordTable::Of(language)), sentences_(sentences) {
  for (const Sentence& sentence : sentences_) {
    words_of_all_ += WordsOf(sentence.tokens);
    sentences_that_say_ += Says(words_, sentence.tokens);
    weighty_ |= words_.Has("WEIGHTY", sentence.tokens);
  }
}

Exclusion Exclusions::Of(const Candidate& candidate) const {
  const Clause clause = candidate.clause;
  const int words = WordsOf(clause);
  const bool cut = clause.data() != sentences_[candidate.sentence].tokens.data();
  const int fewest = FewestWords(candidate, cut);
  if (words < fewest || words > kMostWords ||
      WordsOf(sentences_[candidate.sentence].tokens) > kMostWordsOfSentence) {
    return Exclusion::kLength;
  }
  const Exclusion found = OfWords(candidate);
  if (found != Exclusion::kNone) return found;
  if (Dangles(clause)) return Exclusion::kDangling;
  if (IsIncomplete(clause)) return Exclusion::kIncomplete;
  return IsEcho(clause) ? Exclusion::kEcho : Exclusion::kNone;
}

Exclusion Exclusions::OfNamed(const Candidate& candidate) const {
  const int words = WordsOf(candidate.clause);
  const int fewest =
      language_ == Language::kRussian ? kFewestRussianWordsAtOnce : kFewestWordsOfNamed;
  if (words < fewest || words > kMostWords) return Exclusion::kLength;
  const Exclusion found = OfWords(candidate);
  if (found != Exclusion::kNone) return found;
  if (words_.Match("STRANDED", candidate.clause, 0) > 0 ||
      words_.Match("SUBORDINATE", candidate.clause, 0) > 0 ||
      words_.Match("ELLIPTIC", candidate.clause, candidate.clause.size() - 1) > 0) {
    return Exclusion::kIncomplete;
  }
  return Exclusion::kNone;
}

Exclusion Exclusions::OfQuoted(const Candidate& candidate) const {
  const Clause clause = candidate.clause;
  const int words = WordsOf(clause);
  const bool cut = words != WordsOf(sentences_[candidate.sentence].tokens);
  if (IsRetracted(candidate.sentence) || IsDenied(candidate.sentence) ||
      words_.Match("RETRACTS", clause, 0) > 0) {
    return Exclusion::kWithdrawn;
  }
  if (words_.Has("PRETENCE", clause) && !words_.Has("NOW", clause)) return Exclusion::kPretence;
  if (IsOtherView(clause)) return Exclusion::kOtherView;
  // What weighs is quoted only if it is all that was said.
  if (weighty_ && (sentences_that_say_ > 1 || cut)) return Exclusion::kTooLight;
  if (sentences_that_say_ > 1 && IsBackground(clause)) return Exclusion::kBackground;
  // "You can shout it across a kitchen" blames nobody.
  const bool nobodys = candidate.writer == Writer::kAbsent && language_ == Language::kEnglish;
  if (!nobodys && words_.Has("BLAME", clause)) return Exclusion::kBlame;
  if (words_.Has("ASKS_BACK", clause)) return Exclusion::kAddress;
  if (words_.Has("SLIPS", clause) || IsMisspelt(clause)) return Exclusion::kRegister;
  const bool ends = words_.Match("ELLIPTIC", clause, clause.size() - 1) == 0;
  if (words_.Match("STRANDED", clause, 0) > 0 || words_.Match("POINTS_AT", clause, 0) > 0 ||
      words_.Contains("QUOTE_END", clause.back().lower) || (cut && !ends) ||
      (cut && words_.Contains("ANNOUNCES", clause.back().lower)) ||
      (words_.Contains("COORDINATING", clause[0].lower) && PointsElsewhere(clause)) ||
      IsOnlySubordinate(clause)) {
    return Exclusion::kIncomplete;
  }
  const bool fits = words >= kFewestWordsOfQuotation && words <= kMostWords;
  return fits ? Exclusion::kNone : Exclusion::kLength;
}

// "If I leave the flat by the river"
bool Exclusions::IsOnlySubordinate(Clause clause) const {
  if (words_.Match("SUBORDINATE", clause, 0) == 0) return false;
  const bool comma = std::any_of(clause.begin(), clause.end(),
                                 [](const Token& token) { return token.lower == ","; });
  return !comma && (language_ == Language::kRussian || words_.Count("SUBJECT", clause) < 2);
}

bool Exclusions::IsRetracted(size_t sentence) const {
  if (sentence + 1 >= sentences_.size()) return false;
  const Clause next = sentences_[sentence + 1].tokens;
  return words_.Match("RETRACTS", next, FirstWord(next, 0)) > 0;
}

// What answers at once needs fewer than what stands for all of an answer.
int Exclusions::FewestWords(const Candidate& candidate, bool cut) const {
  const bool russian = language_ == Language::kRussian;
  if (cut) return kFewestWords;
  const bool at_once = candidate.sentence == 0 && candidate.writer != Writer::kAbsent;
  // "My marriage is fine" is not.
  if (at_once && (russian || candidate.writer == Writer::kSubject)) {
    return russian ? kFewestRussianWordsAtOnce : kFewestWordsAtOnce;
  }
  return russian ? kFewestRussianWords : kFewestWords;
}

bool Exclusions::IsEcho(Clause clause) const {
  // Beside a word or two that answer already, a sentence is no echo.
  return 100 * WordsOf(clause) >= (sentences_that_say_ > 1 ? 90 : 75) * words_of_all_;
}

Exclusion Exclusions::OfWords(const Candidate& candidate) const {
  const Clause clause = candidate.clause;
  if (IsWithdrawn(candidate)) return Exclusion::kWithdrawn;
  if (words_.Has("PRETENCE", clause)) return Exclusion::kPretence;
  if (IsOtherView(clause)) return Exclusion::kOtherView;
  if (weighty_ && !words_.Has("WEIGHTY", clause)) return Exclusion::kTooLight;
  if (IsBackground(clause)) return Exclusion::kBackground;
  if (words_.Has("BLAME", clause)) return Exclusion::kBlame;
  if (words_.Has("HEDGE", clause)) return Exclusion::kHedge;
  if (words_.Has("REGISTER", clause) || words_.Has("SLIPS", clause) || IsMisspelt(clause)) {
    return Exclusion::kRegister;
  }
  return words_.Has("YOU", clause) ? Exclusion::kAddress : Exclusion::kNone;
}

bool Exclusions::IsTakenBack(size_t sentence) const {
  if (sentence + 1 >= sentences_.size()) return false;
  const Sentence& next = sentences_[sentence + 1];
  const size_t first = FirstWord(next.tokens, 0);
  if (next.question || words_.Match("REVERSAL", next.tokens, first) > 0) return true;
  return IsRetorted(sentence);
}

// "My neighbours did not."
bool Exclusions::IsDenied(size_t sentence) const {
  return IsRetorted(sentence) &&
         words_.Contains("NEGATION", sentences_[sentence + 1].tokens.back().lower);
}

// "My knees were not."
bool Exclusions::IsRetorted(size_t sentence) const {
  if (sentence + 1 >= sentences_.size()) return false;
  const Clause next = sentences_[sentence + 1].tokens;
  return WordsOf(next) <= kWordsOfRetort && words_.Has("NEGATION", next);
}

bool Exclusions::IsWithdrawn(const Candidate& candidate) const {
  const Clause sentence = sentences_[candidate.sentence].tokens;
  const Clause clause = candidate.clause;
  const size_t begin = static_cast<size_t>(clause.data() - sentence.data());
  const size_t end = begin + clause.size();
  // The rest of the sentence says what the clause comes to; what it explains stands before it.
  if (FirstWord(sentence, end) < sentence.size()) return true;
  if (begin > 0 && (Is(sentence, begin - 1, ":") || Is(sentence, begin - 1, "—"))) return true;
  if (words_.Has("PRETENCE", sentence.subspan(0, begin))) return true;
  if (IsTakenBack(candidate.sentence)) return true;
  // An answer to a question of the writer's own, or the end of what it only began to say.
  if (candidate.sentence == 0) return false;
  const Sentence& before = sentences_[candidate.sentence - 1];
  return before.question || words_.Has("PRETENCE", before.tokens);
}

bool Exclusions::IsFirstPerson(Clause clause, size_t at) const {
  return at < clause.size() && words_.Contains("I", clause[at].lower);
}

bool Exclusions::IsOtherView(Clause clause) const {
  for (size_t i = 0; i < clause.size(); ++i) {
    bool other = words_.Match("REPORTED", clause, i) > 0 || words_.Match("VIEW", clause, i) > 0;
    if (!other && words_.Match("VIEW_ANY", clause, i) > 0) {
      size_t subject = i;
      while (subject > 0 && words_.Contains("ADVERB", clause[subject - 1].lower)) --subject;
      other =
          !(subject == 0 && language_ == Language::kRussian) &&
          !(subject > 0 && (IsFirstPerson(clause, subject - 1) || Is(clause, subject - 1, "to"))) &&
          !IsFirstPerson(clause, i + 1) && !(subject > 0 && Is(clause, subject - 1, "nobody"));
      // "I walked in and said": the subject goes on.
      other = other && !(subject > 0 && words_.Match("CONTINUES", clause, subject - 1) > 0 &&
                         IsFirstPerson(clause, 0));
    }
    if (!other) continue;
    bool replies = false;
    for (size_t k = i + 1; k + 1 < clause.size(); ++k) {
      replies |= (words_.Contains("REPLY", clause[k].lower) || Is(clause, k, ";")) &&
                 IsFirstPerson(clause, k + 1);
    }
    if (!replies) return true;
  }
  return false;
}

bool Exclusions::IsBackground(Clause clause) const {
  if (words_.Has("NEGATED_BEING", clause)) return true;
  const bool going_on =
      (Is(clause, 0, "i") && (Is(clause, 1, "was") || Is(clause, 1, "am"))) || Is(clause, 0, "i'm");
  const size_t verb = Is(clause, 0, "i") ? 2 : 1;
  // "I am 42"
  if (going_on && verb + 1 == clause.size() &&
      IsDigit(static_cast<char32_t>(clause[verb].text[0]))) {
    return true;
  }
  if (going_on && verb < clause.size() && absl::EndsWith(clause[verb].lower, "ing") &&
      Is(clause, 1, "was")) {
    return true;
  }
  if (words_.Match("SETTING", clause, 0) == 0) return false;
  // "I moved four times before I was ten, so I got good at leaving" is more than that.
  if (language_ == Language::kRussian) return true;
  for (size_t i = 2; i < clause.size(); ++i) {
    const bool joined =
        Is(clause, i - 1, "and") || Is(clause, i - 1, "so") || Is(clause, i - 1, "but");
    if (joined && IsFirstPerson(clause, i) && words_.Match("SETTING", clause, i) == 0 &&
        !(Is(clause, i + 1, "work") || Is(clause, i + 1, "live"))) {
      return false;
    }
  }
  return true;
}

// "sooo", "LOVE IT", "I had like 2"
bool Exclusions::IsMisspelt(Clause clause) const {
  int capitals = 0;
  for (size_t i = 0; i + 1 < clause.size(); ++i) {
    const Token& next = clause[i + 1];
    const bool number = next.word && (IsDigit(static_cast<char32_t>(next.text[0])) ||
                                      words_.Contains("COUNT", next.lower));
    if (number && words_.Contains("LIKE", clause[i].lower)) return true;
  }
  for (const Token& token : clause) {
    if (!token.word) continue;
    char32_t last = 0;
    int same = 0, letters = 0, upper = 0;
    for (std::string_view rest = token.text; !rest.empty();) {
      const char32_t c = text::TakeCharacter(rest);
      if (IsDigit(c)) continue;
      ++letters;
      upper += IsCapital(c);
      same = c == last ? same + 1 : 1;
      last = c;
      if (same >= 3) return true;
    }
    capitals += letters >= 4 && upper == letters;
  }
  return capitals > 0;
}

// "Things that are clean", not "I know that is wrong".
bool Exclusions::IsRelative(Clause clause, size_t at) const {
  return at > 0 && clause[at - 1].word && at + 1 < clause.size() &&
         words_.Contains("FINITE", clause[at + 1].lower) &&
         !words_.Contains("BEFORE_THAT", clause[at - 1].lower);
}

bool Exclusions::PointsElsewhere(Clause clause) const {
  for (size_t i = 0; i < clause.size(); ++i) {
    if (clause[i].quoted || !clause[i].word) continue;
    if (words_.Match("ELSEWHERE", clause, i) > 0 || Is(clause, i, "it")) return i < kLatestPointer;
  }
  return false;
}

bool Exclusions::Dangles(Clause clause) const {
  bool person = false;
  for (size_t i = 0; i < clause.size(); ++i) {
    const Token& token = clause[i];
    if (!token.word || token.quoted) continue;
    if (words_.Contains("SOMEBODY", token.lower) && !person) return true;
    if (words_.Match("ELSEWHERE", clause, i) > 0) {
      // «О том, что …» says it itself.
      // «…, это ровно час» is what was just said.
      const bool said = i > 0 && Is(clause, i, "это") && Is(clause, i - 1, ",");
      if (language_ != Language::kRussian || !(Is(clause, i + 1, ",") || said)) return true;
    }
    const bool name =
        i > 0 && Uncapitalised(token.text) != token.text && words_.Match("I", clause, i) == 0;
    person |= name || words_.Contains("PERSON", token.lower);
    if (language_ == Language::kRussian) {
      if (token.lower == "так" && !Is(clause, i + 1, ",") && !Is(clause, i + 1, "и")) return true;
      continue;
    }
    if (token.lower == "that" && words_.Match("JOINED", clause, i + 1) == 0 &&
        !IsRelative(clause, i)) {
      return true;
    }
    if (token.lower == "it") {
      // "I do yoga every other morning and it helps"
      const auto joined = std::find_if(clause.begin(), clause.begin() + i, [](const Token& word) {
        return word.lower == "and" || word.lower == "or";
      });
      if (joined == clause.begin() + i ||
          static_cast<size_t>(joined - clause.begin()) < kFewestBeforeIt) {
        return true;
      }
    }
  }
  return false;
}

bool Exclusions::IsIncomplete(Clause clause) const {
  if (words_.Match("STRANDED", clause, 0) > 0 || words_.Match("POINTS_BACK", clause, 0) > 0 ||
      words_.Match("DEPENDENT", clause, 0) > 0) {
    return true;
  }
  // "Before I go in"
  const bool phrasal = clause.size() > 1 && words_.Match("PHRASAL", clause, clause.size() - 2) == 2;
  if ((!phrasal && words_.Match("ELLIPTIC", clause, clause.size() - 1) > 0) ||
      words_.Match("ENDS_BACK", clause, clause.size() - 1) > 0) {
    return true;
  }
  const bool subordinate = words_.Match("SUBORDINATE", clause, 0) > 0;
  const auto comma = std::find_if(clause.begin(), clause.end(),
                                  [](const Token& token) { return token.lower == ","; });
  if (subordinate) {
    const size_t main = static_cast<size_t>(comma - clause.begin()) + 1;
    if (comma == clause.end() || WriterIn(language_, clause.subspan(main)) != Writer::kSubject) {
      return true;
    }
    return language_ == Language::kEnglish && !IsFirstPerson(clause, main);
  }
  if (language_ == Language::kRussian) {
    // "Звонит каждый вечер": somebody who was named before.
    for (const std::string_view ending : {"ит", "ет", "ат", "ят", "ут", "ют", "ится", "ется"}) {
      if (absl::EndsWith(clause[0].lower, ending)) return true;
    }
    return false;
  }
  if (IsFirstPerson(clause, 0)) return false;
  const bool mine = Is(clause, 0, "my");
  // "My wife saves me the crispy bits"
  if (mine && WriterIn(language_, clause) != Writer::kSubject) return false;
  const bool opening =
      words_.Match("OPENING", clause, 0) > 0 || words_.Match("ADVERB", clause, 0) > 0;
  for (size_t i = 1; i < clause.size(); ++i) {
    if (!IsFirstPerson(clause, i)) continue;
    if (opening) return i > kLatestSubject;
    return !mine ||
           !(Is(clause, i - 1, "and") || Is(clause, i - 1, "so") || Is(clause, i - 1, "but") ||
             Is(clause, i - 1, "that") || Is(clause, i - 1, "much"));
  }
  return true;
}

}  // namespace selfology::reflection
