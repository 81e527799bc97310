#include "services/growth/task/understanding/words.h"

#include <utf8proc.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "common/text/utf8.h"
#include "services/growth/task/tasks/letters.h"

namespace selfology::task {
namespace {

struct Character {
  char32_t value = 0;
  size_t begin = 0, end = 0;
};

std::vector<Character> Characters(std::string_view text) {
  std::vector<Character> all;
  const size_t size = text.size();
  for (std::string_view rest = text; !rest.empty();) {
    const size_t begin = size - rest.size();
    const char32_t value = text::TakeCharacter(rest);
    all.push_back({value, begin, size - rest.size()});
  }
  return all;
}

bool IsDigit(char32_t c) { return c >= U'0' && c <= U'9'; }

bool IsLetter(char32_t c) {
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
      return true;
    default:
      return false;
  }
}

bool IsSpace(char32_t c) {
  return (c <= U' ' && c != 0) ||
         utf8proc_category(static_cast<utf8proc_int32_t>(c)) == UTF8PROC_CATEGORY_ZS;
}

// Within a word: "mum's", "follow-up", "o’clock".
bool IsJoint(char32_t c) { return c == U'\'' || c == U'’' || c == U'-' || c == U'_'; }

bool Closes(char32_t open, char32_t c) {
  return (open == U'"' && c == U'"') || (open == U'«' && c == U'»') ||
         (open == U'“' && (c == U'”' || c == U'“')) || (open == U'„' && (c == U'“' || c == U'”'));
}

}  // namespace

const Word Words::kNothing = {};

Words::Words(std::string_view sentence) : sentence_(sentence) {
  const std::vector<Character> all = Characters(sentence_);
  bool adjoins = false;
  char32_t quote = 0;  // The mark that opened.
  for (size_t i = 0; i < all.size();) {
    if (IsSpace(all[i].value)) {
      adjoins = false;
      ++i;
      continue;
    }
    // An address, up to the next space.
    size_t chunk = i;
    while (chunk < all.size() && !IsSpace(all[chunk].value)) ++chunk;
    const std::string_view rest =
        std::string_view(sentence_).substr(all[i].begin, all[chunk - 1].end - all[i].begin);
    size_t end = i + 1;
    Word word;
    word.opaque = quote != 0;
    if (!adjoins && (absl::StrContains(rest, "://") ||
                     (absl::StrContains(rest, "@") && rest[0] != '@' && rest.size() > 2))) {
      end = chunk;
      word.kind = Word::kWord;
      word.opaque = true;
    } else if (IsDigit(all[i].value)) {
      while (end < all.size() && IsDigit(all[end].value)) ++end;
      word.kind = Word::kNumber;
    } else if (IsLetter(all[i].value)) {
      while (end < all.size() &&
             (IsLetter(all[end].value) ||
              (IsJoint(all[end].value) && end + 1 < all.size() && IsLetter(all[end + 1].value)))) {
        ++end;
      }
      word.kind = Word::kWord;
    } else {
      const char32_t c = all[i].value;
      if (quote != 0 && Closes(quote, c)) {
        quote = 0;
      } else if (quote == 0 && (c == U'"' || c == U'«' || c == U'“' || c == U'„')) {
        // Only what is closed again is a quotation.
        for (size_t j = i + 1; j < all.size(); ++j) {
          if (Closes(c, all[j].value)) {
            quote = c;
            break;
          }
        }
        word.opaque = quote != 0;
      }
    }
    word.begin = all[i].begin;
    word.end = all[end - 1].end;
    word.text = FoldCase(std::string_view(sentence_).substr(word.begin, word.end - word.begin));
    for (size_t at = word.text.find("’"); at != std::string::npos; at = word.text.find("’")) {
      word.text.replace(at, std::string_view("’").size(), "'");
    }
    if (word.kind == Word::kNumber &&
        (word.text.size() > 9 || !absl::SimpleAtoi(word.text, &word.number))) {
      word.number = -1;
    }
    word.adjoins = adjoins;
    words_.push_back(std::move(word));
    adjoins = true;
    i = end;
  }
}

bool Words::IsAny(size_t at, std::initializer_list<std::string_view> texts) const {
  return std::any_of(texts.begin(), texts.end(),
                     [&](std::string_view text) { return Is(at, text); });
}

bool Words::Begins(size_t at, std::string_view stem) const {
  return IsWord(at) && absl::StartsWith((*this)[at].text, stem);
}

bool Words::Joins(size_t mark, std::string_view text) const {
  return mark > 0 && Is(mark, text) && (*this)[mark].adjoins && IsNumber(mark - 1) &&
         IsNumber(mark + 1) && (*this)[mark + 1].adjoins;
}

bool Words::IsWhole(size_t at) const {
  if (!IsNumber(at) || (*this)[at].number < 0) return false;
  for (const std::string_view mark : {".", ",", ":", "/", "-"}) {
    if (Joins(at + 1, mark) || (at > 0 && Joins(at - 1, mark))) return false;
  }
  // A sum of money, a percentage, a part of "A4".
  if (at > 0 && (*this)[at].adjoins &&
      (IsWord(at - 1) || IsAny(at - 1, {"$", "€", "£", "№", "+"}))) {
    return false;
  }
  return !(IsAny(at + 1, {"%", "$", "€", "£", "₽"}) && (*this)[at + 1].adjoins);
}

}  // namespace selfology::task
