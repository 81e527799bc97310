#include "services/coaching/coach/understanding/pattern.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status_macros.h"
#include "services/coaching/lib/safety/characters.h"
#include "services/coaching/lib/safety/spelling.h"

namespace selfology::coach {
namespace {

constexpr int kLongestCapture = 14;
constexpr int kLongestGap = 4;
constexpr size_t kMayBeMisspelled = 6;

// Where a clause goes on without punctuation: what follows is another thought.
bool BeginsAnotherThought(const Utterance& message, int word) {
  static constexpr std::string_view kAlways[] = {"but", "because", "cos",    "cuz",  "although",
                                                 "but", "но",      "потому", "хотя", "однако"};
  static constexpr std::string_view kBeforeSubject[] = {"and", "so", "и", "а"};
  static constexpr std::string_view kSubjects[] = {
      "i",     "i'm",  "he",    "she",   "they",   "we",       "it",   "my",   "the",
      "then",  "now",  "that",  "this",  "you",    "his",      "her",  "i've", "i'll",
      "it's",  "he's", "she's", "there", "nobody", "everyone", "я",    "он",   "она",
      "они",   "мы",   "ты",    "вы",    "это",    "мне",      "меня", "тут",  "теперь",
      "потом", "все",  "никто", "мой",   "моя",    "мои"};
  const std::string& text = message.words[word].text;
  if (absl::c_linear_search(kAlways, text)) return true;
  return absl::c_linear_search(kBeforeSubject, text) &&
         word + 1 < static_cast<int>(message.words.size()) &&
         absl::c_linear_search(kSubjects, message.words[word + 1].text);
}

bool TakeSuffix(std::string_view& word, char suffix) {
  if (!word.ends_with(suffix)) return false;
  word.remove_suffix(1);
  return true;
}

bool IsCorrectlyOrNearly(std::u32string_view word, std::u32string_view form) {
  if (word == form) return true;
  if (form.size() < kMayBeMisspelled || word.size() + 1 < form.size() ||
      form.size() + 1 < word.size() || word.front() != form.front()) {
    return false;
  }
  // A form that differs in its ending is another form, not a misspelled one.
  if (word.back() != form.back()) return false;
  return safety::EditDistance(word, form, 1) <= 1;
}

}  // namespace

Utterance::Utterance(std::string_view written) : text(written), words(safety::SplitTokens(text)) {
  for (const Token& word : words) letters.push_back(safety::Utf32(word.text));
}

std::string_view Utterance::Between(int begin, int end) const {
  if (begin >= end) return {};
  return std::string_view(text).substr(words[begin].begin, words[end - 1].end - words[begin].begin);
}

absl::Status Pattern::AddAlternatives(std::string_view text, const WordClasses& classes,
                                      Term& term) {
  for (const std::string_view alternative : absl::StrSplit(text, '|')) {
    if (alternative.starts_with('%')) {
      const auto found = classes.find(alternative.substr(1));
      if (found == classes.end()) {
        return absl::InvalidArgumentError(absl::StrCat("no class ", alternative));
      }
      RETURN_IF_ERROR(AddAlternatives(found->second, classes, term));
      continue;
    }
    Alternative forms;
    for (std::string_view word : absl::StrSplit(alternative, '_')) {
      const bool open = TakeSuffix(word, '*');
      if (word.empty()) {
        return absl::InvalidArgumentError(absl::StrCat("an empty word in \"", text, "\""));
      }
      forms.push_back({safety::Utf32(word), open});
    }
    term.alternatives.push_back(std::move(forms));
  }
  return absl::OkStatus();
}

absl::StatusOr<Pattern> Pattern::Parse(std::string_view text, const WordClasses& classes) {
  using Kind = Term::Kind;
  Pattern pattern;
  for (std::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    Term term;
    term.optional = word.size() > 1 && TakeSuffix(word, '?');
    if (word == "^") {
      term.kind = Kind::kMessageBegin;
    } else if (word == "<") {
      term.kind = Kind::kClauseBegin;
    } else if (word == "$") {
      term.kind = Kind::kMessageEnd;
    } else if (word == "_") {
      term.kind = Kind::kAny;
    } else if (word == "...") {
      term.kind = Kind::kGap;
    } else if (word.starts_with('{')) {
      word.remove_prefix(1);
      if (!TakeSuffix(word, '}')) {
        return absl::InvalidArgumentError(absl::StrCat("malformed pattern \"", text, "\""));
      }
      term.kind = Kind::kCapture;
      term.to_sentence_end = TakeSuffix(word, '+');
      term.name = std::string(word);
    } else {
      RETURN_IF_ERROR(AddAlternatives(word, classes, term));
    }
    pattern.terms_.push_back(std::move(term));
  }
  if (pattern.terms_.empty()) return absl::InvalidArgumentError("an empty pattern");
  return pattern;
}

std::optional<Match> Pattern::Find(const Utterance& message) const {
  const int words = static_cast<int>(message.words.size());
  for (int begin = 0; begin < words; ++begin) {
    Match match;
    match.begin = begin;
    if (Fits(message, 0, begin, match)) return match;
    if (terms_.front().kind == Term::Kind::kMessageBegin) break;
  }
  return std::nullopt;
}

bool Pattern::FitsCapture(const Utterance& message, size_t index, int word, Match& match) const {
  const Term& term = terms_[index];
  const int words = static_cast<int>(message.words.size());
  int end = word;
  while (end < words && end - word < kLongestCapture) {
    if (end > word && !term.to_sentence_end && BeginsAnotherThought(message, end)) break;
    const Token& token = message.words[end++];
    if (term.to_sentence_end ? token.ends_sentence : token.ends_clause) break;
  }
  if (end == word) return false;
  const bool last = index + 1 == terms_.size();
  const auto take = [&](int until) {
    match.captures[term.name] = {word, until};
    return Fits(message, index + 1, until, match);
  };
  if (last) return take(end);
  for (int until = word + 1; until <= end; ++until) {
    if (take(until)) return true;
  }
  match.captures.erase(term.name);
  return false;
}

bool Pattern::Fits(const Utterance& message, size_t index, int word, Match& match) const {
  using Kind = Term::Kind;
  const int words = static_cast<int>(message.words.size());
  if (index == terms_.size()) {
    match.end = word;
    return true;
  }
  const Term& term = terms_[index];
  const auto go_on = [&](int next) { return Fits(message, index + 1, next, match); };
  switch (term.kind) {
    case Kind::kMessageBegin:
      return word == 0 && go_on(word);
    case Kind::kClauseBegin:
      return (word == 0 || message.words[word - 1].ends_clause) && go_on(word);
    case Kind::kMessageEnd:
      return word == words && go_on(word);
    case Kind::kAny:
      return (word < words && go_on(word + 1)) || (term.optional && go_on(word));
    case Kind::kGap:
      for (int skipped = 0; skipped <= kLongestGap && word + skipped <= words; ++skipped) {
        if (skipped > 0 && message.words[word + skipped - 1].ends_sentence) break;
        if (go_on(word + skipped)) return true;
      }
      return false;
    case Kind::kCapture:
      return FitsCapture(message, index, word, match) || (term.optional && go_on(word));
    case Kind::kWords:
      break;
  }
  for (const Alternative& forms : term.alternatives) {
    const int length = static_cast<int>(forms.size());
    if (word + length > words) continue;
    bool fits = true;
    for (int i = 0; fits && i < length; ++i) {
      const std::u32string& letters = message.letters[word + i];
      const Form& form = forms[i];
      fits = form.open ? std::u32string_view(letters).starts_with(form.letters)
                       : IsCorrectlyOrNearly(letters, form.letters);
    }
    if (fits && go_on(word + length)) return true;
  }
  return term.optional && go_on(word);
}

}  // namespace selfology::coach
