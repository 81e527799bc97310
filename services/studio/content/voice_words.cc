#include "services/studio/content/voice_words.h"

#include <utf8proc.h>

#include <algorithm>

#include "common/text/text.h"
#include "common/text/utf8.h"

namespace selfology::content {
namespace {

constexpr WordPair kPairs[] = {
    {"purchase", "buy"},
    {"children", "kids"},
    {"information", "info"},
    {"photographs", "pics"},
    {"perhaps", "maybe"},
    {"shortly", "soon"},
    {"large", "big"},
    {"as soon as possible", "asap"},
    {"going to", "gonna", false},
    {"thank you", "thanks"},
    {"approximately", "about", false},
    {"additional", "more", false},
    {"assist", "help", false},
    {"obtain", "get", false},
    {"commence", "start", false},
    {"commences", "starts", false},
    {"regarding", "about", false},
    {"prior to", "before", false},
    {"in order to", "to", false},
    {"utilize", "use", false},
    {"is able to", "can", false},
    {"в настоящее время", "сейчас"},
    {"в ближайшее время", "скоро"},
    {"поскольку", "потому что"},
    {"необходимо", "нужно"},
    {"ввиду", "из-за"},
    {"приобрести", "купить"},
    {"а также", "и", false},
    {"осуществляется", "идёт", false},
    {"располагается", "стоит", false},
    {"в связи с тем, что", "потому что", false},
    {"в случае если", "если", false},
};

constexpr WordPair kBeginnings[] = {
    {"however,", "but"},           {"therefore,", "so"},     {"furthermore,", "and"},
    {"in addition,", "also"},      {"однако", "но"},         {"кроме того,", "и ещё"},
    {"таким образом,", "так что"}, {"кроме того,", "а ещё"},
};

constexpr WordPair kContractions[] = {
    {"do not", "don't"},      {"does not", "doesn't"},   {"did not", "didn't"},
    {"is not", "isn't"},      {"are not", "aren't"},     {"was not", "wasn't"},
    {"were not", "weren't"},  {"cannot", "can't"},       {"could not", "couldn't"},
    {"will not", "won't"},    {"would not", "wouldn't"}, {"should not", "shouldn't"},
    {"have not", "haven't"},  {"has not", "hasn't"},     {"we are", "we're"},
    {"we have", "we've"},     {"we will", "we'll"},      {"you are", "you're"},
    {"you will", "you'll"},   {"you have", "you've"},    {"they are", "they're"},
    {"they will", "they'll"}, {"it will", "it'll"},      {"let us", "let's"},
    {"there is", "there's"},  {"it is", "it's"},         {"that is", "that's"},
};

constexpr std::string_view kGreetings[] = {
    "hi",        "hello",    "hey",     "dear",     "good morning", "good evening", "attention",
    "listen up", "heads up", "friends", "привет",   "здравствуйте", "добрый день",  "доброе утро",
    "уважаемые", "дорогие",  "друзья",  "внимание", "ребята",       "эй",           "народ"};

constexpr std::string_view kFarewells[] = {
    "thank you", "thanks", "regards", "kind regards", "sincerely",  "see you",     "hugs",
    "cheers",    "yours",  "love",    "спасибо",      "благодарим", "с уважением", "до встречи",
    "обнимаем",  "ваш",    "ваша",    "всем пока",    "целуем",     "увидимся"};

constexpr int kLongestPhrase = 60;  // Characters.

std::string WithFirst(std::string_view text, utf8proc_int32_t (*change)(utf8proc_int32_t)) {
  if (text.empty()) return "";
  const auto first = static_cast<utf8proc_int32_t>(text::TakeCharacter(text));
  std::string changed;
  text::AppendCharacter(static_cast<char32_t>(change(first)), changed);
  return changed.append(text);
}

// Part of a word: letters of any script, digits, and what holds words together.
bool IsWithinWord(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '\'' || c == '#' || c == '@' || c == '/' || c == '_';
}

int ReplaceExactly(std::string& text, std::string_view from, std::string_view to) {
  int times = 0;
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    const size_t end = at + from.size();
    const bool alone = (at == 0 || !IsWithinWord(text[at - 1])) &&
                       (end == text.size() || !IsWithinWord(text[end]));
    if (!alone) {
      at = end;
      continue;
    }
    text.replace(at, from.size(), to);
    at += to.size();
    ++times;
  }
  return times;
}

bool BeginsWithOneOf(std::string_view sentence, absl::Span<const std::string_view> phrases) {
  if (text::Characters(sentence) > kLongestPhrase) return false;
  const std::string small = WithSmall(text::Trim(sentence));
  return std::any_of(phrases.begin(), phrases.end(), [&](std::string_view phrase) {
    return small.starts_with(phrase) &&
           (small.size() == phrase.size() || !IsWithinWord(small[phrase.size()]));
  });
}

}  // namespace

absl::Span<const WordPair> WordPairs() { return kPairs; }
absl::Span<const WordPair> BeginningPairs() { return kBeginnings; }
absl::Span<const WordPair> Contractions() { return kContractions; }

int ReplaceWords(std::string& text, std::string_view from, std::string_view to) {
  return ReplaceExactly(text, from, to) + ReplaceExactly(text, WithLarge(from), WithLarge(to));
}

bool ReplaceBeginning(std::string& sentence, std::string_view from, std::string_view to) {
  const std::string large = WithLarge(from);
  const bool is_large = sentence.starts_with(large);
  if (!is_large && !sentence.starts_with(from)) return false;
  if (sentence.size() <= from.size() || sentence[from.size()] != ' ') return false;
  sentence.replace(0, from.size(), is_large ? WithLarge(to) : std::string(to));
  return true;
}

bool IsGreeting(std::string_view sentence) { return BeginsWithOneOf(sentence, kGreetings); }
bool IsFarewell(std::string_view sentence) { return BeginsWithOneOf(sentence, kFarewells); }

std::string WithLarge(std::string_view text) { return WithFirst(text, &utf8proc_toupper); }
std::string WithSmall(std::string_view text) { return WithFirst(text, &utf8proc_tolower); }

bool IsCyrillic(std::string_view text) {
  int cyrillic = 0, latin = 0;
  while (!text.empty()) {
    const char32_t c = text::TakeCharacter(text);
    cyrillic += c >= 0x400 && c <= 0x52F;
    latin += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0x24F);
  }
  return cyrillic > latin;
}

}  // namespace selfology::content
