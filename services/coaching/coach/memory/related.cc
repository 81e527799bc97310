#include "services/coaching/coach/memory/related.h"

#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_split.h"
#include "services/coaching/coach/coach_texts.h"
#include "services/coaching/lib/safety/characters.h"
#include "services/coaching/lib/safety/stem.h"

namespace selfology::coach {
namespace {

using safety::Token;

struct Form {
  std::string letters;  // A stem; of an open form, what the word begins with.
  bool open = false;
};
struct Entry {
  int group = 0;
  bool is_name = false;
  bool of_question = false;
  std::vector<Form> rest;  // The words that follow, of a phrase.
};

class Table {
 public:
  Table() {
    for (const std::string_view text : {kRecallEnglishTxt, kRecallRussianTxt}) {
      for (const std::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
        if (line.front() != '#') AddLine(line);
      }
    }
  }

  std::vector<Related> Find(const std::vector<Token>& tokens) const {
    std::vector<std::string> stems;
    for (const Token& token : tokens) stems.push_back(safety::Stem(token.text));
    std::vector<Related> found;
    for (int i = 0; i < static_cast<int>(tokens.size()); ++i) {
      const auto take = [&](const absl::flat_hash_map<std::string, std::vector<Entry>>& table,
                            std::string_view key) {
        const auto entries = table.find(key);
        if (entries == table.end()) return;
        for (const Entry& entry : entries->second) {
          if (!Follows(tokens, stems, i + 1, entry.rest)) continue;
          found.push_back({entry.group, entry.is_name, entry.of_question, i,
                           static_cast<int>(entry.rest.size()) + 1});
        }
      };
      take(by_stem_, stems[i]);
      // Every beginning of whole letters; a form of the table has two at least.
      const std::string& word = tokens[i].text;
      for (size_t end = 1; end <= word.size(); ++end) {
        const bool within = end < word.size() && (word[end] & 0xC0) == 0x80;
        if (!within) take(by_beginning_, std::string_view(word).substr(0, end));
      }
    }
    return found;
  }

 private:
  static Form FormOf(std::string_view word) {
    if (word.ends_with('*')) return {std::string(word.substr(0, word.size() - 1)), true};
    return {safety::Stem(word), false};
  }

  static bool Follows(const std::vector<Token>& tokens, const std::vector<std::string>& stems,
                      size_t at, const std::vector<Form>& rest) {
    if (at + rest.size() > tokens.size()) return false;
    for (size_t i = 0; i < rest.size(); ++i) {
      const bool fits = rest[i].open ? tokens[at + i].text.starts_with(rest[i].letters)
                                     : stems[at + i] == rest[i].letters;
      if (!fits) return false;
    }
    return true;
  }

  void AddLine(std::string_view line) {
    const bool of_question = line.starts_with("? ");
    if (of_question) line.remove_prefix(2);
    const size_t colon = line.find(':');
    AddWords(line.substr(0, colon), true, of_question);
    if (colon != std::string_view::npos) AddWords(line.substr(colon + 1), false, of_question);
    ++groups_;
  }

  void AddWords(std::string_view words, bool names, bool of_question) {
    for (const std::string_view written : absl::StrSplit(words, ' ', absl::SkipEmpty())) {
      const std::vector<std::string_view> parts = absl::StrSplit(written, '_');
      Entry entry{groups_, names, of_question, {}};
      for (size_t i = 1; i < parts.size(); ++i) entry.rest.push_back(FormOf(parts[i]));
      const Form first = FormOf(parts[0]);
      (first.open ? by_beginning_ : by_stem_)[first.letters].push_back(std::move(entry));
    }
  }

  int groups_ = 0;
  absl::flat_hash_map<std::string, std::vector<Entry>> by_stem_;
  absl::flat_hash_map<std::string, std::vector<Entry>> by_beginning_;
};

}  // namespace

std::vector<Related> RelatedIn(const std::vector<Token>& tokens) {
  static const auto& table = *new Table;
  return table.Find(tokens);
}

}  // namespace selfology::coach
