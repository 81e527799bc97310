#include "services/coaching/lib/lexicon/lexicon.h"

#include <memory>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status_macros.h"
#include "common/text/utf8.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "services/coaching/lib/lexicon/lists.h"

namespace selfology::lexicon {
namespace {

class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    if (text_.empty()) text_ = absl::StrCat(line + 1, ":", column + 1, ": ", message);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

template <typename Message>
absl::Status ParseText(std::string_view text, std::string_view name, Message& message) {
  google::protobuf::TextFormat::Parser parser;
  FirstError error;
  parser.RecordErrorsTo(&error);
  if (parser.ParseFromString(std::string(text), &message)) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(name, ":", error.text()));
}

// Whoever composes sentences may rely on it that every theme has its own.
absl::Status CheckPhrases(const Phrases& phrases) {
  std::set<int> themes;
  for (const ThemePhrases& theme : phrases.theme()) themes.insert(theme.theme());
  for (int theme = CREATIVITY; theme < Theme_ARRAYSIZE; ++theme) {
    if (!themes.contains(theme)) {
      return absl::InternalError(absl::StrCat("no phrases for ", Theme_Name(theme)));
    }
  }
  return absl::OkStatus();
}

std::vector<std::string_view> Entries(std::string_view words) {
  return absl::StrSplit(words, ' ', absl::SkipEmpty());
}

}  // namespace

absl::StatusOr<Lexicon> Lexicon::BuiltIn() {
  return Parse({kEnglishTextproto, kRussianTextproto}, kEnglishPhrasesTextproto,
               kRussianPhrasesTextproto);
}

absl::StatusOr<Lexicon> Lexicon::Parse(absl::Span<const std::string_view> word_lists,
                                       std::string_view english_phrases,
                                       std::string_view russian_phrases) {
  Lexicon lexicon;
  for (const std::string_view text : word_lists) {
    auto list = std::make_unique<WordList>();
    RETURN_IF_ERROR(ParseText(text, "word list", *list));
    for (const Group& group : list->group()) lexicon.Add(group);
    lexicon.lists_.push_back(std::move(list));
  }
  RETURN_IF_ERROR(ParseText(english_phrases, "English phrases", lexicon.english_));
  RETURN_IF_ERROR(ParseText(russian_phrases, "Russian phrases", lexicon.russian_));
  RETURN_IF_ERROR(CheckPhrases(lexicon.english_));
  RETURN_IF_ERROR(CheckPhrases(lexicon.russian_));
  return lexicon;
}

Lexicon::Pattern Lexicon::ParsePattern(std::string_view text) {
  const bool open = text.ends_with('*');
  if (open) text.remove_suffix(1);
  return {.stem = std::string(text), .open = open};
}

void Lexicon::Add(const Group& group) {
  for (const std::string_view text : Entries(group.words())) {
    Entry entry{.group = &group, .rest = {}};
    for (const std::string_view word : absl::StrSplit(text, '_')) {
      entry.rest.push_back(ParsePattern(word));
    }
    const Pattern first = std::move(entry.rest.front());
    entry.rest.erase(entry.rest.begin());
    (first.open ? open_ : whole_)[first.stem].push_back(std::move(entry));
  }
  for (const std::string_view text : Entries(group.except())) {
    exceptions_[&group].push_back(ParsePattern(text));
  }
}

bool Lexicon::Excepted(const Group& group, std::string_view word) const {
  const auto found = exceptions_.find(&group);
  if (found == exceptions_.end()) return false;
  return absl::c_any_of(found->second, [&](const Pattern& pattern) { return pattern.Fits(word); });
}

void Lexicon::Collect(const std::vector<Entry>& entries, absl::Span<const Word> words, size_t start,
                      Match& match) const {
  for (const Entry& entry : entries) {
    const int length = static_cast<int>(entry.rest.size()) + 1;
    if (length < match.words || start + length > words.size()) continue;
    bool fits = length > 1 || !Excepted(*entry.group, words[start].text);
    for (int i = 1; fits && i < length; ++i) {
      fits = !words[start + i - 1].ends_clause && entry.rest[i - 1].Fits(words[start + i].text);
    }
    if (!fits) continue;
    if (length > match.words) match = {.words = length, .groups = {}};
    if (!absl::c_linear_search(match.groups, entry.group)) match.groups.push_back(entry.group);
  }
}

Lexicon::Match Lexicon::Find(absl::Span<const Word> words, size_t start) const {
  Match match;
  const std::string_view word = words[start].text;
  if (const auto found = whole_.find(word); found != whole_.end()) {
    Collect(found->second, words, start, match);
  }
  for (std::string_view rest = word; !rest.empty();) {
    text::TakeCharacter(rest);
    const auto found = open_.find(word.substr(0, word.size() - rest.size()));
    if (found != open_.end()) Collect(found->second, words, start, match);
  }
  return match;
}

const ThemePhrases& Lexicon::phrases(Language language, Theme theme) const {
  const Phrases& all = phrases(language);
  return *absl::c_find_if(all.theme(),
                          [&](const ThemePhrases& one) { return one.theme() == theme; });
}

}  // namespace selfology::lexicon
