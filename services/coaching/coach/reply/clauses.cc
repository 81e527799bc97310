#include "services/coaching/coach/reply/clauses.h"

#include <algorithm>
#include <string_view>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_split.h"
#include "services/coaching/coach/coach_texts.h"
#include "services/coaching/lib/safety/characters.h"

namespace selfology::coach {
namespace {

constexpr int kMostWords = 12;
constexpr int kMostWordsOfOneClause = 14;

const absl::flat_hash_set<std::string_view>& EmptyWords() {
  static const auto& words = *new absl::flat_hash_set<std::string_view>(
      absl::StrSplit(kEmptyWordsTxt, absl::ByAnyChar(" \n"), absl::SkipEmpty()));
  return words;
}

WordRange SentenceOf(const Utterance& message, int word) {
  const int count = static_cast<int>(message.words.size());
  WordRange sentence{word, word + 1};
  while (sentence.begin > 0 && !message.words[sentence.begin - 1].ends_sentence) --sentence.begin;
  while (sentence.end < count && !message.words[sentence.end - 1].ends_sentence) ++sentence.end;
  return sentence;
}

WordRange Trimmed(const Utterance& message, WordRange clause) {
  static constexpr std::string_view kBefore[] = {
      "and",    "but",    "so",  "well",    "anyway", "also", "oh", "yes", "no",  "hi",
      "hello",  "like",   "и",   "но",      "а",      "ну",   "да", "вот", "так", "еще",
      "привет", "короче", "нет", "because", "cause",  "cos",  "or", "или", "что", "that"};
  while (clause.end - clause.begin > 2 &&
         absl::c_linear_search(kBefore, message.words[clause.begin].text)) {
    ++clause.begin;
  }
  if (clause.end - clause.begin > 3 && message.words[clause.begin].text == "потому" &&
      message.words[clause.begin + 1].text == "что") {
    clause.begin += 2;
  }
  return clause;
}

}  // namespace

bool IsContentWord(std::string_view word) {
  return safety::Utf32(word).size() > 2 && !EmptyWords().contains(word);
}

int ContentWords(const Utterance& message, WordRange words) {
  int count = 0;
  for (int i = words.begin; i < words.end; ++i) count += IsContentWord(message.words[i].text);
  return count;
}

WordRange ClauseAround(const Utterance& message, int word) {
  if (message.words.empty()) return {};
  word = std::clamp(word, 0, static_cast<int>(message.words.size()) - 1);
  const WordRange sentence = SentenceOf(message, word);
  const auto length = [](WordRange range) { return range.end - range.begin; };
  if (length(sentence) <= kMostWords) return Trimmed(message, sentence);
  WordRange clause{word, word + 1};
  while (clause.begin > sentence.begin && !message.words[clause.begin - 1].ends_clause) {
    --clause.begin;
  }
  while (clause.end < sentence.end && !message.words[clause.end - 1].ends_clause) ++clause.end;
  // A clause of a few words needs the next one to be understood.
  while (clause.end < sentence.end) {
    int next = clause.end + 1;
    while (next < sentence.end && !message.words[next - 1].ends_clause) ++next;
    if (next - clause.begin > kMostWords || length(clause) >= 5) break;
    clause.end = next;
  }
  if (length(clause) > kMostWordsOfOneClause) {
    clause.begin = std::max(clause.begin, std::min(word, clause.end - 4));
    clause.end = std::min(clause.end, clause.begin + kMostWords);
    // Not ending in the middle of a thought, as far as small words tell.
    while (length(clause) > 4 && !IsContentWord(message.words[clause.end - 1].text)) --clause.end;
  }
  return Trimmed(message, clause);
}

WordRange MainClause(const Utterance& message) {
  WordRange best;
  int most = -1;
  for (int word = 0; word < static_cast<int>(message.words.size());) {
    const WordRange clause = ClauseAround(message, word);
    int weight = ContentWords(message, clause) * 2;
    for (int i = clause.begin; i < clause.end; ++i) {
      static constexpr std::string_view kOwn[] = {"i", "i'm", "my",   "me",  "i've",
                                                  "я", "мне", "меня", "мой", "моя"};
      weight += absl::c_linear_search(kOwn, message.words[i].text);
    }
    if (weight >= most) {
      most = weight;
      best = clause;
    }
    word = std::max(clause.end, word + 1);
  }
  return best;
}

bool IsStatement(const Utterance& message, WordRange clause) {
  static constexpr std::string_view kSubjects[] = {
      "i",     "i'm",     "i've",   "i'd",      "i'll",      "my",   "he",    "she",
      "they",  "we",      "it",     "he's",     "she's",     "it's", "we're", "they're",
      "there", "there's", "nobody", "everyone", "everybody", "his",  "her",   "their",
      "our",   "the",     "we've",  "someone",  "somebody"};
  if (clause.end - clause.begin < 3) return false;
  if (!absl::c_linear_search(kSubjects, message.words[clause.begin].text)) return false;
  for (int i = clause.begin; i < clause.end; ++i) {
    const std::string& word = message.words[i].text;
    if (message.words[i].question || word == "you" || word == "your" || word == "you're") {
      return false;
    }
    // More than one sentence.
    if (message.words[i].ends_sentence && i + 1 < clause.end) return false;
  }
  return true;
}

}  // namespace selfology::coach
