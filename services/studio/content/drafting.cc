#include "services/studio/content/drafting.h"

#include <utf8proc.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/text/text.h"
#include "common/text/utf8.h"

namespace selfology::content {
namespace {

constexpr size_t kMostCandidates = 40;
constexpr int kLongestParted = 120;  // Characters of a sentence that stays whole.
constexpr int kShortestHashtag = 4;  // Characters.

// Words that say nothing by themselves: English and Russian.
const absl::flat_hash_set<std::string_view>& CommonWords() {
  static const auto* const words = new absl::flat_hash_set<std::string_view>{
      "about",   "after", "again", "also",  "been",    "before", "being", "between", "both",
      "could",   "does",  "doing", "down",  "each",    "even",   "every", "from",    "have",
      "having",  "here",  "into",  "just",  "like",    "made",   "make",  "many",    "more",
      "most",    "much",  "must",  "never", "only",    "other",  "over",  "same",    "should",
      "some",    "such",  "than",  "that",  "their",   "them",   "then",  "there",   "these",
      "they",    "this",  "those", "today", "under",   "very",   "want",  "were",    "what",
      "when",    "where", "which", "while", "will",    "with",   "would", "your",    "yours",
      "ours",    "till",  "until", "upon",  "without", "come",   "back",  "без",     "более",
      "будет",   "была",  "были",  "было",  "быть",    "вам",    "вас",   "ваш",     "ведь",
      "весь",    "вот",   "все",   "всех",  "всего",   "где",    "для",   "если",    "есть",
      "еще",     "ещё",   "затем", "из-за", "или",     "иногда", "как",   "какой",   "когда",
      "который", "либо",  "лишь",  "между", "меня",    "много",  "может", "можно",   "надо",
      "наш",     "него",  "него",  "нет",   "ними",    "один",   "они",   "очень",   "перед",
      "после",   "потом", "почти", "при",   "про",     "раз",    "свой",  "себя",    "сейчас",
      "так",     "также", "такой", "тебя",  "теперь",  "того",   "тоже",  "только",  "тот",
      "уже",     "чего",  "чем",   "через", "что",     "чтобы",  "чуть",  "эта",     "эти",
      "это",     "этого", "этой",  "этот"};
  return *words;
}

// Words that a sentence says the same without.
const absl::flat_hash_set<std::string_view>& Fillers() {
  static const auto* const words = new absl::flat_hash_set<std::string_view>{
      "actually", "basically", "just",  "literally", "quite",   "really",     "simply", "very",
      "вообще",   "вроде",     "очень", "просто",    "реально", "собственно", "типа"};
  return *words;
}

bool IsWordCharacter(char32_t c) {
  const utf8proc_category_t category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return c == '_' || (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO);
}

std::string Folded(std::string_view text) {
  utf8proc_uint8_t* out = nullptr;
  const utf8proc_ssize_t size = utf8proc_map(
      reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
      static_cast<utf8proc_ssize_t>(text.size()), &out,
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD));
  if (size < 0) return std::string(text);
  std::string folded(reinterpret_cast<const char*>(out), size);
  std::free(out);
  return folded;
}

struct Word {
  std::string folded = {};
  bool hashtag = false;  // It has a "#" before it.
  size_t begin = 0;
  size_t end = 0;
};

// Words of a text, those of links left out.
std::vector<Word> WordsOf(std::string_view text) {
  std::vector<Word> words;
  std::string_view rest = text;
  char32_t before = ' ';
  while (!rest.empty()) {
    const size_t begin = text.size() - rest.size();
    if (rest.starts_with("http://") || rest.starts_with("https://")) {
      const size_t end = rest.find_first_of(" \t\r\n");
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end);
      before = ' ';
      continue;
    }
    const char32_t first = text::TakeCharacter(rest);
    if (!IsWordCharacter(first)) {
      before = first;
      continue;
    }
    while (!rest.empty()) {
      std::string_view after = rest;
      if (!IsWordCharacter(text::TakeCharacter(after))) break;
      rest = after;
    }
    const size_t end = text.size() - rest.size();
    words.push_back({.folded = Folded(text.substr(begin, end - begin)),
                     .hashtag = before == '#',
                     .begin = begin,
                     .end = end});
    before = ' ';
  }
  return words;
}

bool IsTelling(const Word& word) {
  return text::Characters(word.folded) >= kShortestHashtag &&
         !CommonWords().contains(word.folded) &&
         !std::all_of(word.folded.begin(), word.folded.end(),
                      [](char c) { return c >= '0' && c <= '9'; });
}

// How much each sentence says of what the text is about; one that was there before says nothing.
std::vector<double> Worths(const std::vector<std::string>& sentences) {
  std::map<std::string, int> counts;
  std::vector<std::vector<Word>> words;
  std::vector<bool> is_new;
  std::set<std::string_view> seen;
  for (const std::string& sentence : sentences) {
    words.push_back(WordsOf(sentence));
    is_new.push_back(seen.insert(sentence).second);
    if (!is_new.back()) continue;
    for (const Word& word : words.back()) {
      if (IsTelling(word)) ++counts[word.folded];
    }
  }
  std::vector<double> worths;
  for (size_t i = 0; i < sentences.size(); ++i) {
    if (!is_new[i]) {
      worths.push_back(-1);
      continue;
    }
    double worth = 0;
    for (const Word& word : words[i]) {
      if (IsTelling(word)) worth += counts[word.folded];
    }
    worth /= std::sqrt(static_cast<double>(words[i].size()) + 1);
    // What a text begins with is what it is about, and a link is what it is for.
    if (i == 0) worth += 2;
    if (sentences[i].find("://") != std::string::npos) worth += 2;
    worths.push_back(worth);
  }
  return worths;
}

std::string Joined(const std::vector<std::string>& sentences) {
  return absl::StrJoin(sentences, " ");
}

}  // namespace

std::vector<std::string> Sentences(std::string_view text) {
  std::vector<std::string> sentences;
  size_t begin = 0;
  const auto take = [&](size_t end) {
    const std::string_view sentence = text::Trim(text.substr(begin, end - begin));
    if (!sentence.empty()) sentences.emplace_back(sentence);
    begin = end;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') {
      take(i);
      continue;
    }
    if (text[i] != '.' && text[i] != '!' && text[i] != '?') continue;
    size_t end = i + 1;
    while (end < text.size() && (text[end] == '.' || text[end] == '!' || text[end] == '?')) ++end;
    // A point within a number, a name or a link ends nothing.
    if (end == text.size() || text[end] == ' ' || text[end] == '\n' || text[end] == '\r') take(end);
    i = end - 1;
  }
  take(text.size());
  return sentences;
}

std::vector<std::string> Shorter(std::string_view text) {
  std::vector<std::string> candidates = {std::string(text::Trim(text))};
  std::vector<std::string> sentences = Sentences(text);
  if (sentences.empty()) return {};
  std::vector<double> worths = Worths(sentences);
  // Where there are more sentences than candidates, several go at once.
  const size_t at_once = sentences.size() / (kMostCandidates / 2) + 1;
  while (sentences.size() > 1) {
    for (size_t i = 0; i < at_once && sentences.size() > 1; ++i) {
      const auto least = std::min_element(worths.begin(), worths.end());
      sentences.erase(sentences.begin() + (least - worths.begin()));
      worths.erase(least);
    }
    candidates.push_back(Joined(sentences));
  }
  const std::string last = sentences.front();
  for (int characters = text::Characters(last) * 9 / 10;
       characters > 0 && candidates.size() < kMostCandidates; characters = characters * 8 / 10) {
    std::string_view cut = text::Prefix(last, characters);
    const size_t space = cut.find_last_of(" \t\n");
    if (space == std::string_view::npos) break;
    cut = text::Trim(cut.substr(0, space));
    candidates.push_back(absl::StrCat(cut, "…"));
  }
  return candidates;
}

std::string Rephrased(std::string_view text) {
  std::vector<std::string> lines;
  size_t begin = 0;
  while (begin <= text.size()) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    std::vector<std::string> sentences;
    for (const std::string& sentence : Sentences(text.substr(begin, end - begin))) {
      std::string kept;
      std::string before;
      size_t at = 0;
      for (const Word& word : WordsOf(sentence)) {
        const bool left_out =
            !word.hashtag && (Fillers().contains(word.folded) || word.folded == before);
        before = word.folded;
        // Not what a sentence begins with: it would have to be written large anew.
        if (!left_out || word.begin == 0) continue;
        size_t from = word.begin;
        while (from > at && sentence[from - 1] == ' ') --from;
        kept += sentence.substr(at, from - at);
        at = word.end;
      }
      kept += sentence.substr(at);
      if (text::Characters(kept) > kLongestParted) {
        for (const std::string_view mark : {"; ", " — ", " – "}) {
          const size_t found = kept.find(mark);
          if (found != std::string::npos) kept.replace(found, mark.size(), ".\n");
        }
      }
      sentences.push_back(std::move(kept));
    }
    if (!sentences.empty() || !lines.empty()) lines.push_back(Joined(sentences));
    begin = end + 1;
  }
  return std::string(text::Trim(absl::StrJoin(lines, "\n")));
}

std::vector<std::string> HashtagWords(std::string_view text) {
  struct Count {
    bool hashtag = false;
    int times = 0;
    size_t first = 0;
  };
  std::map<std::string, Count> counts;
  const std::vector<Word> words = WordsOf(text);
  for (const Word& word : words) {
    if (!word.hashtag && !IsTelling(word)) continue;
    Count& count = counts[word.folded];
    if (count.times == 0) count.first = word.begin;
    count.hashtag = count.hashtag || word.hashtag;
    ++count.times;
  }
  std::vector<std::pair<std::string, Count>> all(counts.begin(), counts.end());
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    if (a.second.hashtag != b.second.hashtag) return a.second.hashtag;
    if (a.second.times != b.second.times) return a.second.times > b.second.times;
    const int a_size = text::Characters(a.first);
    const int b_size = text::Characters(b.first);
    if (a_size != b_size) return a_size > b_size;
    return a.second.first < b.second.first;
  });
  std::vector<std::string> hashtags;
  for (auto& [word, count] : all) hashtags.push_back(word);
  return hashtags;
}

}  // namespace selfology::content
