#include "services/coaching/lib/trait_evidence/rules.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "services/coaching/lib/trait_evidence/sign_lists.h"

namespace selfology::trait_evidence {
namespace {

constexpr size_t kGap = 3;

// The first letter, by which rules are looked up.
std::string FirstLetter(std::string_view word) { return std::string(text::Prefix(word, 1)); }

std::optional<Pole> PoleOf(std::string_view section) {
  if (section.size() != 4 || section[0] != '[' || section[3] != ']') return std::nullopt;
  const bool high = section[2] == '+';
  if (!high && section[2] != '-') return std::nullopt;
  switch (section[1]) {
    case 'O':
      return Pole{Trait::kOpenness, high};
    case 'C':
      return Pole{Trait::kConscientiousness, high};
    case 'E':
      return Pole{Trait::kExtraversion, high};
    case 'A':
      return Pole{Trait::kAgreeableness, high};
    case 'N':
      return Pole{Trait::kNeuroticism, high};
    default:
      return std::nullopt;
  }
}

}  // namespace

bool IsNegator(std::string_view word) {
  static const auto& negators = *new std::set<std::string_view>{
      "not",     "no",       "never",   "nothing", "nobody", "none",     "neither",  "nor",
      "without", "hardly",   "barely",  "rarely",  "seldom", "don't",    "dont",     "doesn't",
      "didn't",  "can't",    "cant",    "cannot",  "won't",  "wouldn't", "couldn't", "isn't",
      "aren't",  "wasn't",   "weren't", "haven't", "hasn't", "hadn't",   "ain't",    "не",
      "нет",     "ни",       "никогда", "без",     "нельзя", "редко",    "вряд",     "ничего",
      "никого",  "никто",    "нету",    "некогда", "нечего", "незачем",  "ничуть",   "никакой",
      "никаких", "никакого", "неохота"};
  return negators.contains(word);
}

absl::StatusOr<Pattern> Pattern::Parse(std::string_view text) {
  Pattern pattern;
  for (const std::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    Element element;
    if (word == "~") {
      element.kind = Kind::kGap;
    } else if (word == "^") {
      element.kind = Kind::kBegin;
    } else if (word == "$") {
      element.kind = Kind::kEnd;
    } else {
      for (std::string_view alternative : absl::StrSplit(word, '|')) {
        const bool is_stem = alternative.ends_with('*');
        if (is_stem) alternative.remove_suffix(1);
        Alternative& one = element.alternatives.emplace_back();
        one.words = absl::StrSplit(alternative, '_', absl::SkipEmpty());
        one.is_stem = is_stem;
        if (one.words.empty()) {
          return absl::InternalError(absl::StrCat("an empty word in \"", text, "\""));
        }
        pattern.has_negator_ |= std::any_of(one.words.begin(), one.words.end(), &IsNegator);
      }
    }
    pattern.elements_.push_back(std::move(element));
  }
  if (pattern.FirstWords().empty()) {
    return absl::InternalError(absl::StrCat("\"", text, "\" does not begin with a word"));
  }
  return pattern;
}

std::vector<std::string> Pattern::FirstWords() const {
  const size_t first = !elements_.empty() && elements_[0].kind == Kind::kBegin ? 1 : 0;
  std::vector<std::string> words;
  if (first >= elements_.size()) return words;
  for (const Alternative& alternative : elements_[first].alternatives) {
    words.push_back(alternative.words[0]);
  }
  return words;
}

bool Pattern::MatchFrom(absl::Span<const lexicon::Word> words, size_t first, size_t at,
                        size_t element, size_t& end) const {
  if (element == elements_.size()) {
    end = at;
    return at > first;
  }
  const Element& wanted = elements_[element];
  const auto ends_before = [&](size_t index) {
    return index == 0 || words[index - 1].ends_sentence;
  };
  switch (wanted.kind) {
    case Kind::kBegin:
      return ends_before(at) && MatchFrom(words, first, at, element + 1, end);
    case Kind::kEnd:
      return (at == words.size() || ends_before(at)) &&
             MatchFrom(words, first, at, element + 1, end);
    case Kind::kGap:
      for (size_t skipped = 0; skipped <= kGap && at + skipped <= words.size(); ++skipped) {
        if (skipped > 0 && ends_before(at + skipped)) return false;
        if (MatchFrom(words, first, at + skipped, element + 1, end)) return true;
      }
      return false;
    case Kind::kWords:
      break;
  }
  if (at >= words.size() || (at > first && ends_before(at))) return false;
  return std::any_of(
      wanted.alternatives.begin(), wanted.alternatives.end(), [&](const Alternative& alternative) {
        return Fits(alternative, words, at) &&
               MatchFrom(words, first, at + alternative.words.size(), element + 1, end);
      });
}

bool Pattern::Fits(const Alternative& alternative, absl::Span<const lexicon::Word> words,
                   size_t at) {
  for (size_t i = 0; i < alternative.words.size(); ++i) {
    if (at + i >= words.size() || (i > 0 && words[at + i - 1].ends_sentence)) return false;
    const std::string& word = words[at + i].text;
    const bool is_stem = alternative.is_stem && i + 1 == alternative.words.size();
    if (is_stem ? !word.starts_with(alternative.words[i]) : word != alternative.words[i]) {
      return false;
    }
  }
  return true;
}

size_t Pattern::Match(absl::Span<const lexicon::Word> words, size_t at) const {
  size_t end = at;
  return MatchFrom(words, at, at, 0, end) ? end - at : 0;
}

bool Pattern::Contains(absl::Span<const lexicon::Word> words) const {
  for (size_t at = 0; at < words.size(); ++at) {
    if (Match(words, at) > 0) return true;
  }
  return false;
}

absl::StatusOr<SignRules> SignRules::BuiltIn() {
  return Parse({kEnglishSignsTxt, kRussianSignsTxt});
}

absl::StatusOr<SignRules> SignRules::Parse(absl::Span<const std::string_view> files) {
  SignRules rules;
  for (const std::string_view file : files) {
    std::optional<Pole> pole;
    int number = 0;
    for (const std::string_view raw : absl::StrSplit(file, '\n')) {
      ++number;
      const std::string_view line = text::Trim(raw);
      if (line.empty() || line.starts_with('#')) continue;
      if (line.starts_with('[')) {
        pole = PoleOf(line);
        if (!pole.has_value()) return absl::InternalError(absl::StrCat(number, ": no such pole"));
        continue;
      }
      if (!pole.has_value()) return absl::InternalError(absl::StrCat(number, ": no pole before"));
      const absl::Status parsed = rules.ParseLine(line, *pole);
      if (!parsed.ok()) return absl::InternalError(absl::StrCat(number, ": ", parsed.message()));
    }
  }
  for (size_t i = 0; i < rules.rules_.size(); ++i) {
    std::set<std::string> letters;
    for (const std::string& word : rules.rules_[i].pattern.FirstWords()) {
      letters.insert(FirstLetter(word));
    }
    for (const std::string& letter : letters) {
      rules.by_letter_[letter].push_back(static_cast<int>(i));
    }
  }
  return rules;
}

absl::Status SignRules::ParseLine(std::string_view line, Pole pole) {
  Rule rule;
  rule.pole = pole;
  if (line.starts_with("? ")) {
    const std::vector<std::string_view> parts = absl::StrSplit(line.substr(2), " => ");
    if (parts.size() != 2) return absl::InternalError("\"?\" needs one \"=>\"");
    ASSIGN_OR_RETURN(Pattern question, Pattern::Parse(parts[0]));
    rule.question.push_back(std::move(question));
    line = parts[1];
  }
  bool first = true;
  for (std::string_view pattern : absl::StrSplit(line, ';')) {
    pattern = text::Trim(pattern);
    if (pattern.empty()) continue;
    const double of_line = rule.weight;
    const size_t space = pattern.find(' ');
    if (double weight = 0;
        space != pattern.npos && absl::SimpleAtod(pattern.substr(0, space), &weight)) {
      rule.weight = weight;
      pattern.remove_prefix(space + 1);
    }
    ASSIGN_OR_RETURN(rule.pattern, Pattern::Parse(pattern));
    rules_.push_back(rule);
    if (!first) rule.weight = of_line;
    first = false;
  }
  return absl::OkStatus();
}

absl::Span<const int> SignRules::StartingWith(std::string_view word) const {
  const auto found = by_letter_.find(FirstLetter(word));
  if (found == by_letter_.end()) return {};
  return found->second;
}

}  // namespace selfology::trait_evidence
