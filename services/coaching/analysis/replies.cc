#include "services/coaching/analysis/replies.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/enums/word.h"
#include "common/prompt/json_reply.h"
#include "common/prompt/quoted.h"
#include "common/status/status.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/coaching/lib/lexicon/words.h"
#include "services/coaching/lib/trait_evidence/signs.h"

namespace selfology::analysis {
namespace {

using nlohmann::json;

constexpr int kMaxThemes = 5;
constexpr int kMaxInsights = 4;
constexpr int kMaxPatterns = 3;
constexpr int kMaxEvidence = 8;
constexpr int kLeastQuote = 3;  // Characters.
constexpr int kThemeCharacters = 40;
constexpr int kSentenceCharacters = 300;
constexpr size_t kStyleBytes = 40;
constexpr double kTolerance = 0.1;

constexpr const char* kTraits[] = {"openness", "conscientiousness", "extraversion", "agreeableness",
                                   "neuroticism"};
// question.proto's vocabulary.
constexpr std::string_view kDomains[] = {"IDENTITY", "EMOTIONS",     "RELATIONSHIPS", "GROWTH",
                                         "WORK",     "MONEY",        "HEALTH",        "CREATIVITY",
                                         "VALUES",   "SPIRITUALITY", "PAST",          "FUTURE"};

absl::Status NothingUsable() {
  return status::Error(mesh::v1::ERROR_CODE_ANALYSIS_FAILED, "the AI answered with nothing usable");
}

// Null when `value` is no object or has no such field.
const json* Field(const json* value, const char* name) {
  if (value == nullptr || !value->is_object()) return nullptr;
  const auto found = value->find(name);
  return found == value->end() ? nullptr : &*found;
}

std::optional<double> Fraction(const json* value) {
  if (value == nullptr) return std::nullopt;
  double number = NAN;
  if (value->is_number()) number = value->get<double>();
  if (const auto* text = value->get_ptr<const std::string*>()) {
    if (!absl::SimpleAtod(*text, &number)) return std::nullopt;
  }
  // NaN fails both.
  if (!(number >= -kTolerance && number <= 1 + kTolerance)) return std::nullopt;
  return std::clamp(number, 0.0, 1.0);
}

// One line of text, at most so many characters; empty when there is none.
std::string Line(const json* value, int characters) {
  const auto* raw = value == nullptr ? nullptr : value->get_ptr<const std::string*>();
  if (raw == nullptr) return "";
  const std::string visible =
      absl::StrReplaceAll(prompt::Visible(*raw), {{"\n", " "}, {"\t", " "}});
  const std::string_view line = text::Trim(visible);
  if (text::Characters(line) <= characters) return std::string(line);
  std::string_view cut = text::Prefix(line, characters - 1);
  // Between words, unless that would lose much.
  if (const size_t space = cut.rfind(' '); space != cut.npos && space > cut.size() / 2) {
    cut = cut.substr(0, space);
  }
  return absl::StrCat(text::Trim(cut), "…");
}

std::vector<std::string> Lines(const json* value, size_t at_most, int characters) {
  std::vector<std::string> lines;
  if (value == nullptr || !value->is_array()) return lines;
  std::set<std::string> seen;
  for (const json& element : *value) {
    std::string line = Line(&element, characters);
    if (line.empty() || !seen.insert(line).second) continue;
    lines.push_back(std::move(line));
    if (lines.size() == at_most) break;
  }
  return lines;
}

// "Visual / kinesthetic" as "visual-kinesthetic"; empty for what is no such word.
std::string Style(const json* value) {
  const auto* raw = value == nullptr ? nullptr : value->get_ptr<const std::string*>();
  if (raw == nullptr) return "";
  const std::vector<std::string> parts =
      absl::StrSplit(absl::AsciiStrToLower(*raw), absl::ByAnyChar(" _-/,"), absl::SkipEmpty());
  const std::string word = absl::StrJoin(parts, "-");
  const bool is_word = word.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string::npos &&
                       word.size() <= kStyleBytes;
  return is_word ? word : "";
}

v1::Sentiment SentimentOf(const json* value) {
  const auto* word = value == nullptr ? nullptr : value->get_ptr<const std::string*>();
  if (word == nullptr) return v1::SENTIMENT_UNSPECIFIED;
  constexpr std::string_view kPrefix = "SENTIMENT_";
  std::string_view bare = text::Trim(*word);
  if (bare.starts_with(kPrefix)) bare.remove_prefix(kPrefix.size());
  return enums::FromWord<v1::Sentiment>(bare);
}

void TakePatterns(const json* value, v1::DeepAnalysis& deep) {
  if (value == nullptr || !value->is_array()) return;
  for (const json& element : *value) {
    std::string name = Line(Field(&element, "name"), kThemeCharacters);
    if (name.empty() || deep.patterns_size() == kMaxPatterns) continue;
    v1::AnswerPattern& pattern = *deep.add_patterns();
    pattern.set_name(std::move(name));
    pattern.set_description(Line(Field(&element, "description"), kSentenceCharacters));
    pattern.set_confidence(Fraction(Field(&element, "confidence")).value_or(0.5));
  }
}

// Where words stand in a row in a text; empty when they do not.
std::string_view FindQuote(std::string_view text, std::string_view quote) {
  const std::vector<lexicon::Word> words = lexicon::SplitWords(text);
  const std::vector<lexicon::Word> wanted = lexicon::SplitWords(quote);
  if (wanted.empty()) return {};
  const auto found =
      std::search(words.begin(), words.end(), wanted.begin(), wanted.end(),
                  [](const lexicon::Word& a, const lexicon::Word& b) { return a.text == b.text; });
  if (found == words.end()) return {};
  const size_t end = (found + static_cast<int64_t>(wanted.size()) - 1)->end;
  return text.substr(found->begin, end - found->begin);
}

void TakeEvidence(const json* value, std::string_view answer, v1::DeepAnalysis& deep) {
  if (value == nullptr || !value->is_array()) return;
  std::set<std::pair<std::string, std::string>> seen;
  for (const json& element : *value) {
    const json* direction = Field(&element, "direction");
    const json* name = Field(&element, "trait");
    if (deep.evidence_size() == kMaxEvidence || name == nullptr || !name->is_string() ||
        direction == nullptr || !direction->is_number() || direction->get<double>() == 0) {
      continue;
    }
    const std::string trait = absl::AsciiStrToLower(name->get<std::string>());
    if (std::count(std::begin(kTraits), std::end(kTraits), trait) == 0) continue;
    const std::string_view quote =
        FindQuote(answer, Line(Field(&element, "quote"), trait_evidence::kLongestQuote));
    if (text::Characters(quote) < kLeastQuote ||
        text::Characters(quote) > trait_evidence::kLongestQuote ||
        !seen.emplace(trait, quote).second) {
      continue;
    }
    trait::v1::TraitEvidence& evidence = *deep.add_evidence();
    evidence.set_trait_name(trait);
    evidence.set_kind(trait::v1::EVIDENCE_KIND_TEXT);
    evidence.set_direction(direction->get<double>() > 0 ? 1 : -1);
    evidence.set_weight(1);
    evidence.set_quote(std::string(quote));
  }
}

void TakeCoreDynamics(const json* value, v1::DeepAnalysis& deep) {
  profile::v1::CoreDynamics& dynamics = *deep.mutable_core_dynamics();
  if (const auto x = Fraction(Field(value, "self_awareness"))) dynamics.set_self_awareness(*x);
  if (const auto x = Fraction(Field(value, "emotional_regulation"))) {
    dynamics.set_emotional_regulation(*x);
  }
  if (const auto x = Fraction(Field(value, "motivation"))) dynamics.set_motivation(*x);
  if (const auto x = Fraction(Field(value, "resilience"))) dynamics.set_resilience(*x);
}

void TakeStyles(const json& object, v1::DeepAnalysis& deep) {
  const json* adaptive = Field(&object, "adaptive_traits");
  deep.mutable_adaptive_traits()->set_learning_style(Style(Field(adaptive, "learning_style")));
  deep.mutable_adaptive_traits()->set_stress_response(Style(Field(adaptive, "stress_response")));
  deep.mutable_adaptive_traits()->set_decision_pattern(Style(Field(adaptive, "decision_pattern")));
  const json* signature = Field(&object, "unique_signature");
  deep.mutable_unique_signature()->set_thinking_style(Style(Field(signature, "thinking_style")));
  deep.mutable_unique_signature()->set_decision_pattern(
      Style(Field(signature, "decision_pattern")));
  deep.mutable_unique_signature()->set_energy_rhythm(Style(Field(signature, "energy_rhythm")));
}

void TakeDomains(const json* value, v1::DeepAnalysis& deep) {
  if (value == nullptr || !value->is_object()) return;
  for (const auto& [name, affinity] : value->items()) {
    const std::string domain = absl::AsciiStrToUpper(name);
    const std::optional<double> fraction = Fraction(&affinity);
    if (!fraction.has_value() ||
        std::count(std::begin(kDomains), std::end(kDomains), domain) == 0) {
      continue;
    }
    (*deep.mutable_domain_affinities())[domain] = *fraction;
  }
}

}  // namespace

absl::StatusOr<v1::InstantAnalysis> ParseInstant(std::string_view reply,
                                                 const v1::InstantAnalysis& otherwise) {
  const std::optional<json> object = prompt::FindJsonObject(reply);
  if (!object.has_value()) return NothingUsable();
  const v1::Sentiment sentiment = SentimentOf(Field(&*object, "sentiment"));
  std::string insight = Line(Field(&*object, "brief_insight"), kSentenceCharacters);
  if (sentiment == v1::SENTIMENT_UNSPECIFIED && insight.empty()) return NothingUsable();

  v1::InstantAnalysis instant = otherwise;
  if (sentiment != v1::SENTIMENT_UNSPECIFIED) instant.set_sentiment(sentiment);
  if (!insight.empty()) instant.set_brief_insight(std::move(insight));
  if (const auto quality = Fraction(Field(&*object, "quality_score"))) {
    instant.set_quality_score(*quality);
  }
  const std::vector<std::string> themes =
      Lines(Field(&*object, "key_themes"), kMaxThemes, kThemeCharacters);
  if (!themes.empty()) instant.mutable_key_themes()->Assign(themes.begin(), themes.end());
  return instant;
}

absl::StatusOr<v1::DeepAnalysis> ParseDeep(std::string_view reply, std::string_view answer) {
  const std::optional<json> object = prompt::FindJsonObject(reply);
  if (!object.has_value()) return NothingUsable();
  v1::DeepAnalysis deep;
  for (std::string& line : Lines(Field(&*object, "insights"), kMaxInsights, kSentenceCharacters)) {
    deep.add_insights(std::move(line));
  }
  TakePatterns(Field(&*object, "patterns"), deep);
  TakeEvidence(Field(&*object, "evidence"), answer, deep);
  TakeCoreDynamics(Field(&*object, "core_dynamics"), deep);
  TakeStyles(*object, deep);
  TakeDomains(Field(&*object, "domain_affinities"), deep);
  deep.set_summary(Line(Field(&*object, "summary"), kSentenceCharacters));
  if (deep.insights().empty() && deep.patterns().empty() && deep.evidence().empty() &&
      deep.summary().empty()) {
    return NothingUsable();
  }
  return deep;
}

}  // namespace selfology::analysis
