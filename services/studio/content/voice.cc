#include "services/studio/content/voice.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "services/studio/content/drafting.h"
#include "services/studio/content/voice_tones.h"
#include "services/studio/content/voice_words.h"

namespace selfology::content {
namespace {

constexpr int kShortSentence = 45;   // Characters, of whom writes short ones.
constexpr int kLongSentence = 95;    // Of whom writes long ones.
constexpr int kShortestPart = 12;    // Of a sentence that is parted.
constexpr int kLongestJoined = 160;  // Of two that are joined.
constexpr int kMostEmoji = 4;
constexpr int kMostHashtags = 5;
constexpr int kLongestOpener = 40;
constexpr int kLongestCloser = 60;

// Marks at which a sentence falls into two. The words among them are left out.
constexpr std::string_view kPartings[] = {"; ",     " — ",  " – ",   ", and ", ", so ",
                                          ", but ", ", и ", ", но ", ", а ",   ", поэтому "};

// Words that are small within a sentence.
constexpr std::string_view kCommonBeginnings[] = {
    "The ", "A ",   "We ",  "It ",   "This ", "Our ", "You ", "They ",  "There ",  "In ",
    "On ",  "At ",  "All ", "Each ", "Мы ",   "Это ", "Наш ", "Наши ",  "Вы ",     "Он ",
    "Она ", "Они ", "В ",   "На ",   "По ",   "Для ", "Все ", "Здесь ", "Каждый ", "У "};

using Lines = std::vector<std::vector<std::string>>;

bool IsEmoji(char32_t c) {
  return c >= 0x1F000 || (c >= 0x2600 && c <= 0x27BF) || (c >= 0x2B00 && c <= 0x2BFF);
}
// It belongs to the emoji before it: variation, joining, skin.
bool IsOfEmoji(char32_t c) { return c == 0xFE0F || c == 0x200D || (c >= 0x1F3FB && c <= 0x1F3FF); }

// The line without its emoji, which are added to `emoji`. One before a large letter ends a sentence: a
// line break is in its place.
std::string TakeEmoji(std::string_view line, std::vector<std::string>& emoji) {
  std::string rest;
  bool after_emoji = false;  // Perhaps with spaces between.
  bool touches = false;      // Without.
  bool joined = false;
  while (!line.empty()) {
    const char32_t c = text::TakeCharacter(line);
    if (touches && (IsOfEmoji(c) || joined)) {
      text::AppendCharacter(c, emoji.back());
      joined = c == 0x200D;
      continue;
    }
    touches = joined = false;
    if (IsEmoji(c)) {
      emoji.emplace_back();
      text::AppendCharacter(c, emoji.back());
      after_emoji = touches = true;
    } else if (!after_emoji || c != ' ') {
      if (after_emoji) {
        std::string letter;
        text::AppendCharacter(c, letter);
        const std::string_view before = text::Trim(rest);
        rest = absl::StrCat(before, before.empty() ? "" : WithSmall(letter) != letter ? "\n" : " ");
      }
      after_emoji = false;
      text::AppendCharacter(c, rest);
    }
  }
  return std::string(text::Trim(rest));
}

bool IsHashtagLine(std::string_view sentence) {
  const std::vector<std::string_view> words = absl::StrSplit(sentence, ' ', absl::SkipWhitespace());
  return !words.empty() && std::all_of(words.begin(), words.end(),
                                       [](std::string_view word) { return word.starts_with('#'); });
}

// A link, a name or a hashtag takes no other mark after it.
bool EndsWithMark(std::string_view sentence) {
  const size_t space = sentence.rfind(' ');
  const std::string_view last =
      space == std::string_view::npos ? sentence : sentence.substr(space + 1);
  return !absl::StrContains(last, "://") && !last.starts_with('#') && !last.starts_with('@') &&
         (sentence.ends_with('.') || sentence.ends_with('!')) && !sentence.ends_with("..");
}

void Exclaim(std::string& sentence, bool exclaimed) {
  if (!EndsWithMark(sentence)) return;
  while (sentence.ends_with('!') || sentence.ends_with('.')) sentence.pop_back();
  sentence += exclaimed ? '!' : '.';
}

void Part(std::vector<std::string>& sentences) {
  for (size_t i = 0; i < sentences.size(); ++i) {
    if (text::Characters(sentences[i]) <= kShortSentence) continue;
    for (const std::string_view mark : kPartings) {
      const size_t at = sentences[i].find(mark);
      if (at == std::string::npos) continue;
      const std::string before = sentences[i].substr(0, at);
      const std::string after = sentences[i].substr(at + mark.size());
      const bool whole = text::Characters(before) >= kShortestPart &&
                         text::Characters(after) >= kShortestPart &&
                         std::count(after.begin(), after.end(), ' ') >= 2;
      if (!whole) continue;
      sentences[i] = absl::StrCat(before, ".");
      sentences.insert(sentences.begin() + static_cast<ptrdiff_t>(i) + 1, WithLarge(after));
      break;
    }
  }
}

void Join(std::vector<std::string>& sentences) {
  for (size_t i = 0; i + 1 < sentences.size(); ++i) {
    std::string& one = sentences[i];
    const std::string& next = sentences[i + 1];
    const bool common = std::any_of(std::begin(kCommonBeginnings), std::end(kCommonBeginnings),
                                    [&](std::string_view word) { return next.starts_with(word); });
    if (!common || !EndsWithMark(one) || !one.ends_with('.') || !next.ends_with('.') ||
        text::Characters(one) + text::Characters(next) > kLongestJoined) {
      continue;
    }
    one.pop_back();
    absl::StrAppend(&one, "; ", WithSmall(next));
    sentences.erase(sentences.begin() + static_cast<ptrdiff_t>(i) + 1);
  }
}

void ChooseWords(std::string& sentence, WordChoice words) {
  if (words == WordChoice::kAsIs) return;
  const bool formal = words == WordChoice::kFormal;
  for (const WordPair& pair : BeginningPairs()) {
    if (ReplaceBeginning(sentence, formal ? pair.plain : pair.formal,
                         formal ? pair.formal : pair.plain)) {
      break;
    }
  }
  for (const WordPair& pair : WordPairs()) {
    if (!formal) {
      ReplaceWords(sentence, pair.formal, pair.plain);
    } else if (pair.both_ways) {
      ReplaceWords(sentence, pair.plain, pair.formal);
    }
  }
  for (const WordPair& pair : Contractions()) {
    // "As it is." ends with what cannot be contracted.
    const std::string from = formal ? std::string(pair.plain) : absl::StrCat(pair.formal, " ");
    const std::string to = formal ? std::string(pair.formal) : absl::StrCat(pair.plain, " ");
    if (formal) {
      ReplaceWords(sentence, from, to);
      continue;
    }
    for (const bool large : {false, true}) {
      const std::string looked_for = large ? WithLarge(from) : from;
      const size_t at = sentence.find(looked_for);
      if (at != std::string::npos && (at == 0 || sentence[at - 1] == ' ')) {
        sentence.replace(at, looked_for.size(), large ? WithLarge(to) : to);
      }
    }
  }
}

// One of those in the text's script, the same for the same text.
std::string_view OneOf(const std::vector<std::string>& phrases, std::string_view text) {
  const bool cyrillic = IsCyrillic(text);
  std::vector<std::string_view> fitting;
  for (const std::string& phrase : phrases) {
    if (IsCyrillic(phrase) == cyrillic) fitting.push_back(phrase);
  }
  if (fitting.empty()) return "";
  uint32_t number = 2166136261;  // FNV-1a.
  for (const char c : text) number = (number ^ static_cast<unsigned char>(c)) * 16777619;
  return fitting[number % fitting.size()];
}

// What many texts show together.
struct Habits {
  int texts = 0;
  int sentences = 0;
  int characters = 0;
  int marked = 0;     // Sentences that end with a full stop or an exclamation mark.
  int exclaimed = 0;  // Of those.
  int small = 0;      // Sentences that begin with a small letter.
  int breaks = 0;     // Sentences that begin on a line of their own, but for the first.
  int hashtags = 0;
  int formal = 0;
  int plain = 0;
  std::map<std::string, int> emoji = {};
  std::vector<std::string> first = {};
  std::vector<std::string> last = {};
};

bool BeginsSmall(std::string_view sentence) {
  return !sentence.empty() && WithSmall(sentence) == sentence && WithLarge(sentence) != sentence;
}

void CountWords(const std::string& sentence, Habits& habits) {
  std::string tried = sentence;
  for (const auto& pairs : {WordPairs(), Contractions()}) {
    for (const WordPair& pair : pairs) {
      habits.formal += ReplaceWords(tried, pair.formal, pair.formal);
      if (pair.both_ways) habits.plain += ReplaceWords(tried, pair.plain, pair.plain);
    }
  }
}

Habits HabitsOf(const google::protobuf::RepeatedPtrField<std::string>& samples) {
  Habits habits;
  for (const std::string& sample : samples) {
    std::vector<std::string> sentences;
    for (const std::string_view line : absl::StrSplit(sample, '\n')) {
      const size_t before = sentences.size();
      std::vector<std::string> emoji;
      const std::string words = TakeEmoji(line, emoji);
      for (const std::string& one : emoji) ++habits.emoji[one];
      if (IsHashtagLine(words)) {
        habits.hashtags += static_cast<int>(1 + std::count(words.begin(), words.end(), ' '));
        continue;
      }
      for (std::string& sentence : Sentences(words)) sentences.push_back(std::move(sentence));
      habits.breaks += before > 0 && sentences.size() > before;
    }
    if (sentences.empty()) continue;
    ++habits.texts;
    habits.first.push_back(sentences.front());
    if (sentences.size() > 1) habits.last.push_back(sentences.back());
    for (const std::string& sentence : sentences) {
      ++habits.sentences;
      habits.characters += text::Characters(sentence);
      habits.marked += EndsWithMark(sentence);
      habits.exclaimed += EndsWithMark(sentence) && sentence.ends_with('!');
      habits.small += BeginsSmall(sentence);
      CountWords(sentence, habits);
    }
  }
  return habits;
}

// Those that say nothing but that a text begins or ends, or that several texts have.
std::vector<std::string> Phrases(const std::vector<std::string>& all, int longest,
                                 bool (*is_one)(std::string_view)) {
  std::vector<std::string> phrases;
  for (const std::string& phrase : all) {
    const bool again = std::count(all.begin(), all.end(), phrase) > 1;
    const bool known = std::find(phrases.begin(), phrases.end(), phrase) != phrases.end();
    if (!known && text::Characters(phrase) <= longest && (again || is_one(phrase))) {
      phrases.push_back(phrase);
    }
  }
  return phrases;
}

}  // namespace

Voice VoiceOf(v1::Tone tone, const google::protobuf::RepeatedPtrField<std::string>& samples) {
  Voice voice = VoiceOfTone(tone);
  const Habits habits = HabitsOf(samples);
  if (habits.texts == 0) return voice;
  const int average = habits.characters / habits.sentences;
  voice.sentences = average <= kShortSentence  ? SentenceLength::kShort
                    : average >= kLongSentence ? SentenceLength::kLong
                                               : SentenceLength::kAsIs;
  if (habits.marked > 0) {
    voice.exclaimed = static_cast<double>(habits.exclaimed) / habits.marked;
  }
  voice.emoji.clear();
  int emoji = 0;
  for (const auto& [one, times] : habits.emoji) {
    voice.emoji.push_back(one);
    emoji += times;
  }
  std::stable_sort(voice.emoji.begin(), voice.emoji.end(), [&](const auto& a, const auto& b) {
    return habits.emoji.at(a) > habits.emoji.at(b);
  });
  voice.emoji_count =
      std::min<int>(kMostEmoji, static_cast<int>(std::lround(1.0 * emoji / habits.texts)));
  voice.lines = habits.breaks * 10 > (habits.sentences - habits.texts) * 6;
  voice.small = habits.small * 10 > habits.sentences * 7;
  voice.hashtags = std::min<int>(
      kMostHashtags, static_cast<int>(std::lround(1.0 * habits.hashtags / habits.texts)));
  if (habits.formal != habits.plain) {
    voice.words = habits.formal > habits.plain ? WordChoice::kFormal : WordChoice::kPlain;
  }
  voice.openers = Phrases(habits.first, kLongestOpener, &IsGreeting);
  voice.closers = Phrases(habits.last, kLongestCloser, &IsFarewell);
  return voice;
}

std::string InVoice(std::string_view text, const Voice& voice) {
  Lines lines;
  for (const std::string_view line : absl::StrSplit(text, '\n')) {
    std::vector<std::string> gone;
    std::vector<std::string>& sentences = lines.emplace_back(
        Sentences(voice.emoji_count.has_value() ? TakeEmoji(line, gone) : std::string(line)));
    for (std::string& sentence : sentences) ChooseWords(sentence, voice.words);
    if (voice.sentences == SentenceLength::kShort) Part(sentences);
    if (voice.sentences == SentenceLength::kLong) Join(sentences);
  }
  std::vector<std::string*> all;
  for (std::vector<std::string>& line : lines) {
    for (std::string& sentence : line) all.push_back(&sentence);
  }
  if (all.empty()) return std::string(text);
  if (voice.exclaimed.has_value()) {
    const auto marked = std::count_if(all.begin(), all.end(),
                                      [](const std::string* one) { return EndsWithMark(*one); });
    auto left = std::lround(*voice.exclaimed * static_cast<double>(marked));
    // The last ones: a text works up to them.
    for (auto one = all.rbegin(); one != all.rend(); ++one) {
      if (!EndsWithMark(**one)) continue;
      Exclaim(**one, left-- > 0);
    }
  }
  if (voice.small) {
    for (std::string* sentence : all) *sentence = WithSmall(*sentence);
  }
  const std::string_view opener = OneOf(voice.openers, text);
  const std::string_view closer = OneOf(voice.closers, text);
  std::vector<std::string> parts;
  if (!opener.empty()) parts.emplace_back(opener);
  for (const std::vector<std::string>& line : lines) {
    if (voice.lines) {
      parts.insert(parts.end(), line.begin(), line.end());
    } else if (parts.size() == 1 && !opener.empty() && &line == &lines.front()) {
      parts.back() = absl::StrCat(parts.back(), " ", absl::StrJoin(line, " "));
    } else {
      parts.push_back(absl::StrJoin(line, " "));
    }
  }
  if (!closer.empty()) {
    if (voice.lines) {
      parts.emplace_back(closer);
    } else {
      absl::StrAppend(&parts.back(), parts.back().empty() ? "" : " ", closer);
    }
  }
  const int count = voice.emoji.empty() ? 0 : voice.emoji_count.value_or(0);
  for (int i = 0; i < count; ++i) {
    // The first one ends the text, the others end lines from the first on.
    std::string& part = i == 0 ? parts.back() : parts[(i - 1) % parts.size()];
    absl::StrAppend(&part, " ", voice.emoji[(text.size() + i) % voice.emoji.size()]);
  }
  if (voice.hashtags > 0) {
    std::vector<std::string> words = HashtagWords(text);
    words.resize(std::min<size_t>(words.size(), voice.hashtags));
    std::vector<std::string> hashtags;
    for (const std::string& word : words) {
      if (!absl::StrContains(text, absl::StrCat("#", word))) {
        hashtags.push_back(absl::StrCat("#", word));
      }
    }
    if (!hashtags.empty()) parts.push_back(absl::StrJoin(hashtags, " "));
  }
  return absl::StrJoin(parts, "\n");
}

}  // namespace selfology::content
