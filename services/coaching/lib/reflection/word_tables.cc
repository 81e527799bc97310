#include "services/coaching/lib/reflection/word_tables.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status_macros.h"
#include "google/protobuf/text_format.h"
#include "services/coaching/lib/reflection/reflection.pb.h"
#include "services/coaching/lib/reflection/texts.h"

namespace selfology::reflection {

absl::StatusOr<WordTable> WordTable::Parse(std::initializer_list<std::string_view> textprotos) {
  WordTable table;
  for (const std::string_view text : textprotos) {
    Tables parsed;
    if (!google::protobuf::TextFormat::ParseFromString(std::string(text), &parsed)) {
      return absl::InvalidArgumentError("a table is no selfology.reflection.Tables");
    }
    for (const Words& words : parsed.words()) {
      Set& set = table.sets_[words.name()];
      for (const std::string& pattern :
           std::vector<std::string>(absl::StrSplit(words.words(), ' ', absl::SkipEmpty()))) {
        std::string_view word = pattern;
        Entry entry;
        entry.open = word.ends_with('*');
        if (entry.open) word.remove_suffix(1);
        entry.words = absl::StrSplit(word, '_');
        if (entry.words.size() == 1 && entry.open) {
          set.stems.push_back(std::move(entry));
        } else {
          set.by_first[entry.words[0]].push_back(std::move(entry));
        }
      }
    }
    for (const Forms& forms : parsed.forms()) {
      for (std::string_view pair : absl::StrSplit(forms.forms(), ' ', absl::SkipEmpty())) {
        const std::pair<std::string, std::string> form =
            absl::StrSplit(pair, absl::MaxSplits(':', 1));
        if (form.first.empty() || form.second.empty()) {
          return absl::InvalidArgumentError(absl::StrCat("no pair of forms: ", pair));
        }
        table.forms_[forms.name()].insert(form);
        table.results_[forms.name()].insert(Lower(form.second));
      }
    }
    for (const Frames& frames : parsed.frames()) {
      table.frames_[frames.name()].assign(frames.text().begin(), frames.text().end());
    }
  }
  return table;
}

const WordTable& WordTable::Of(language::Language language) {
  static const WordTable* const english =
      new WordTable(Parse({kEnglishTextproto, kEnglishNamesTextproto}).value());
  static const WordTable* const russian = new WordTable(
      Parse({kRussianTextproto, kRussianFormsTextproto, kRussianNamesTextproto}).value());
  return language == language::Language::kRussian ? *russian : *english;
}

size_t WordTable::Match(std::string_view name, absl::Span<const Token> tokens, size_t at) const {
  const auto set = sets_.find(name);
  if (set == sets_.end() || at >= tokens.size()) return 0;
  const std::string& first = tokens[at].lower;
  size_t longest = 0;
  for (const Entry& entry : set->second.stems) {
    if (absl::StartsWith(first, entry.words[0])) longest = 1;
  }
  const auto found = set->second.by_first.find(first);
  if (found == set->second.by_first.end()) return longest;
  for (const Entry& entry : found->second) {
    const size_t count = entry.words.size();
    if (count <= longest || at + count > tokens.size()) continue;
    bool fits = true;
    for (size_t i = 1; i < count && fits; ++i) {
      const std::string& word = tokens[at + i].lower;
      fits = entry.open && i + 1 == count ? absl::StartsWith(word, entry.words[i])
                                          : word == entry.words[i];
    }
    if (fits) longest = count;
  }
  return longest;
}

bool WordTable::Has(std::string_view set, absl::Span<const Token> tokens) const {
  return Count(set, tokens) > 0;
}

int WordTable::Count(std::string_view set, absl::Span<const Token> tokens) const {
  int count = 0;
  for (size_t i = 0; i < tokens.size();) {
    const size_t matched = Match(set, tokens, i);
    count += matched > 0;
    i += std::max<size_t>(matched, 1);
  }
  return count;
}

bool WordTable::Contains(std::string_view set, std::string_view word) const {
  Token token;
  token.lower = std::string(word);
  return Match(set, {&token, 1}, 0) == 1;
}

const std::string* WordTable::FormOf(std::string_view forms, std::string_view word) const {
  const auto list = forms_.find(forms);
  if (list == forms_.end()) return nullptr;
  const auto found = list->second.find(word);
  return found == list->second.end() ? nullptr : &found->second;
}

bool WordTable::IsForm(std::string_view forms, std::string_view form) const {
  const auto list = results_.find(forms);
  return list != results_.end() && list->second.contains(form);
}

const std::vector<std::string>& WordTable::frames(std::string_view name) const {
  static const std::vector<std::string>* const none = new std::vector<std::string>;
  const auto found = frames_.find(name);
  return found == frames_.end() ? *none : found->second;
}

}  // namespace selfology::reflection
