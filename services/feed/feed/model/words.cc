#include "services/feed/feed/model/words.h"

#include <libstemmer.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/match.h"

namespace selfology::feed {
namespace {

// The commonest words of both languages that tell nothing about what a post is about. Sorted.
constexpr auto kStopWords = std::to_array<std::string_view>(
    {"about",   "after", "all",   "also", "and",   "any",    "are",  "been",  "but",    "can",
     "could",   "did",   "does",  "for",  "from",  "had",    "has",  "have",  "her",    "here",
     "him",     "his",   "how",   "into", "its",   "just",   "like", "more",  "most",   "not",
     "now",     "only",  "other", "our",  "out",   "over",   "said", "she",   "should", "some",
     "such",    "than",  "that",  "the",  "their", "them",   "then", "there", "these",  "they",
     "this",    "those", "too",   "very", "was",   "were",   "what", "when",  "where",  "which",
     "while",   "who",   "why",   "will", "with",  "would",  "you",  "your",  "без",    "более",
     "будет",   "был",   "была",  "были", "было",  "быть",   "вам",  "вас",   "вот",    "все",
     "всё",     "для",   "его",   "если", "есть",  "еще",    "ещё",  "или",   "как",    "когда",
     "который", "кто",   "меня",  "мне",  "может", "можно",  "над",  "нам",   "нас",    "него",
     "нее",     "нет",   "них",   "она",  "они",   "оно",    "под",  "при",   "про",    "так",
     "также",   "там",   "тем",   "того", "тоже",  "только", "чем",  "что",   "чтобы",  "это",
     "этого",   "этой",  "этом",  "этот"});
static_assert(std::is_sorted(kStopWords.begin(), kStopWords.end()));

bool IsLetter(utf8proc_int32_t character) {
  switch (utf8proc_category(character)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
      return true;
    default:
      return false;
  }
}

bool IsDigit(utf8proc_int32_t character) {
  return utf8proc_category(character) == UTF8PROC_CATEGORY_ND;
}

struct Character {
  utf8proc_int32_t code = 0;
  size_t bytes = 1;
};

// A byte that is no UTF-8 is a character of its own, which is no letter.
Character At(std::string_view text, size_t at) {
  utf8proc_int32_t code = 0;
  const utf8proc_ssize_t bytes =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
                       static_cast<utf8proc_ssize_t>(text.size() - at), &code);
  if (bytes <= 0) return {0xFFFD, 1};
  return {code, static_cast<size_t>(bytes)};
}

void AppendLower(utf8proc_int32_t code, std::string& word) {
  std::array<utf8proc_uint8_t, 4> bytes{};
  const utf8proc_ssize_t size = utf8proc_encode_char(utf8proc_tolower(code), bytes.data());
  word.append(reinterpret_cast<const char*>(bytes.data()), static_cast<size_t>(size));
}

bool IsCyrillic(std::string_view word) {
  const auto lead = static_cast<unsigned char>(word[0]);
  return lead == 0xD0 || lead == 0xD1;
}

// Behind the white space that ends an address, or the name after "@".
size_t SkipToSpace(std::string_view text, size_t at) {
  while (at < text.size()) {
    const Character next = At(text, at);
    if (next.code <= ' ' || utf8proc_category(next.code) == UTF8PROC_CATEGORY_ZS) break;
    at += next.bytes;
  }
  return at;
}

}  // namespace

void WordReader::Delete::operator()(sb_stemmer* stemmer) const { sb_stemmer_delete(stemmer); }

WordReader::WordReader()
    : english_(sb_stemmer_new("english", "UTF_8")), russian_(sb_stemmer_new("russian", "UTF_8")) {}

std::string WordReader::Stem(const std::string& word) const {
  sb_stemmer* const stemmer = IsCyrillic(word) ? russian_.get() : english_.get();
  if (stemmer == nullptr) return word;
  const sb_symbol* const stem = sb_stemmer_stem(
      stemmer, reinterpret_cast<const sb_symbol*>(word.data()), static_cast<int>(word.size()));
  if (stem == nullptr) return word;
  return {reinterpret_cast<const char*>(stem), static_cast<size_t>(sb_stemmer_length(stemmer))};
}

std::vector<Word> WordReader::Read(std::string_view text, size_t limit) const {
  std::vector<Word> words;
  size_t at = 0;
  while (at < text.size() && words.size() < limit) {
    const std::string_view rest = text.substr(at);
    if (rest[0] == '@' || absl::StartsWithIgnoreCase(rest, "http://") ||
        absl::StartsWithIgnoreCase(rest, "https://") || absl::StartsWithIgnoreCase(rest, "t.me/") ||
        absl::StartsWithIgnoreCase(rest, "www.")) {
      at = SkipToSpace(text, at);
      if (at < text.size()) ++at;
      continue;
    }
    const bool is_tag = rest[0] == '#';
    if (is_tag) ++at;
    const size_t begin = at;
    std::string lower;
    int letters = 0;
    while (at < text.size()) {
      const Character next = At(text, at);
      const bool joins = is_tag && next.code == '_';
      if (!IsLetter(next.code) && !IsDigit(next.code) && !joins) break;
      letters += IsLetter(next.code) ? 1 : 0;
      AppendLower(next.code, lower);
      at += next.bytes;
    }
    if (at == begin) {
      if (!is_tag) at += At(text, at).bytes;
      continue;
    }
    if (letters < 3 || lower.size() > 64) continue;
    const std::string surface(text.substr(begin, at - begin));
    if (is_tag) {
      words.push_back({"#" + lower, "#" + surface});
    } else if (!std::binary_search(kStopWords.begin(), kStopWords.end(), lower)) {
      words.push_back({Stem(lower), surface});
    }
  }
  return words;
}

uint64_t StableHash(std::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : bytes) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  }
  // FNV's high bits depend little on the last bytes.
  hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
  return hash ^ (hash >> 33);
}

}  // namespace selfology::feed
