#include "services/feed/feed_dialog/addresses.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "common/text/text.h"

namespace selfology::feed_dialog {
namespace {

constexpr size_t kLongest = 2048;  // Bytes.

// Without what stands around words in sentences.
std::string_view Bare(std::string_view word) {
  while (!word.empty() && std::string_view("(<[\"'").find(word.front()) != std::string_view::npos) {
    word.remove_prefix(1);
  }
  while (!word.empty() &&
         std::string_view(".,;:!?)>]\"'").find(word.back()) != std::string_view::npos) {
    word.remove_suffix(1);
  }
  return word;
}

bool IsName(std::string_view word) {
  return word.size() >= 4 && word.size() <= 32 &&
         absl::ascii_isalpha(static_cast<unsigned char>(word[0])) &&
         std::all_of(word.begin(), word.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
         });
}

// "example.org/blog", "alice.bsky.social": letters on both sides of the last point before a slash.
bool LooksLikeAHost(std::string_view word) {
  const std::string_view host = word.substr(0, word.find('/'));
  const size_t point = host.rfind('.');
  if (point == std::string_view::npos || point == 0 || host.size() - point < 3) return false;
  const auto is_letter = [](char c) {
    return absl::ascii_isalpha(static_cast<unsigned char>(c)) ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  return is_letter(host[point + 1]) && host.find('@') == std::string_view::npos;
}

bool LooksLikeAnAddress(std::string_view word) {
  if (absl::StartsWith(word, "@")) return word.size() > 4;
  for (const std::string_view scheme : {"https://", "http://", "tg://"}) {
    if (absl::StartsWithIgnoreCase(word, scheme)) return word.size() > scheme.size();
  }
  return LooksLikeAHost(word);
}

// A bare word that nobody writes in a sentence: "small_code", "space2024".
bool LooksLikeAName(std::string_view word) {
  return IsName(word) && std::any_of(word.begin(), word.end(), [](char c) {
           return c == '_' || absl::ascii_isdigit(static_cast<unsigned char>(c));
         });
}

// One name a line, or several with commas between; "okay, thanks" is none.
bool IsList(std::string_view words, bool has_found) {
  words = text::Trim(words);
  const std::vector<std::string_view> items =
      absl::StrSplit(words, absl::ByAnyChar("\n,;"), absl::SkipWhitespace());
  const bool has_lines = words.find_first_of(",;") == std::string_view::npos;
  if (items.size() < (has_lines || has_found ? 2 : 3)) return false;
  return std::all_of(items.begin(), items.end(), [](std::string_view item) {
    return text::Trim(item).find(' ') == std::string_view::npos;
  });
}

bool IsFiller(std::string_view word) {
  // Between the names of a list.
  for (const std::string_view filler : {"and", "also", "or", "и", "а", "также", "ещё", "еще"}) {
    if (absl::EqualsIgnoreCase(word, filler)) return true;
  }
  return false;
}

// What people say when they are asked for names, and mean none by.
bool IsSmallTalk(std::string_view word) {
  static const auto& words = *new absl::flat_hash_set<std::string_view>{
      // Greetings and thanks.
      "hello", "helloo", "hallo", "hiya", "heya", "howdy", "welcome", "greetings", "morning",
      "evening", "goodbye", "byebye", "thanks", "thankyou", "thank", "thanx", "cheers", "please",
      "sorry", "privet", "zdravstvuyte", "spasibo", "poka", "hola", "salut", "ciao", "servus",
      // Yes, no, and neither.
      "okay", "okey", "yeah", "yess", "sure", "fine", "good", "great", "nice", "cool", "awesome",
      "perfect", "super", "right", "agreed", "alright", "nope", "nooo", "never", "none", "nothing",
      "nobody", "maybe", "perhaps", "dunno", "idk", "whatever", "later", "wait", "soon", "today",
      "tomorrow", "hmmm", "haha", "hahaha", "ahem", "lol",
      // Questions.
      "what", "which", "where", "when", "whom", "whose", "that", "this", "there", "here", "really",
      "seriously", "huh",
      // Commands without their stroke.
      "help", "start", "stop", "skip", "next", "back", "menu", "cancel", "continue", "done",
      "ready", "exit", "quit", "test", "testing", "channel", "channels", "feed", "settings"};
  return words.contains(absl::AsciiStrToLower(word));
}

// Nobody asks or exclaims a name.
bool IsAskedOrExclaimed(std::string_view part) {
  const std::string_view end = part.substr(std::min(part.size(), part.find_last_not_of("?!") + 1));
  return !end.empty();
}

}  // namespace

Addresses FindAddresses(std::string_view words) {
  Addresses addresses;
  std::vector<std::string>& found = addresses.found;
  std::vector<std::string> bare;   // Might be names.
  std::vector<std::string> other;  // Are none.
  const auto add = [](std::vector<std::string>& to, std::string_view word) {
    if (std::find(to.begin(), to.end(), word) == to.end()) to.emplace_back(word);
  };
  const auto parts = absl::StrSplit(text::Trim(words), absl::ByAnyChar(" \t\r\n,;"));
  for (const std::string_view part : parts) {
    if (part.empty()) continue;
    const std::string_view word = Bare(part);
    if (IsFiller(word)) continue;
    const bool is_of_a_sentence =
        part.back() == ':' || IsAskedOrExclaimed(part) || IsSmallTalk(word);
    if (word.size() <= kLongest && (LooksLikeAnAddress(word) || LooksLikeAName(word))) {
      add(found, word);
      if (found.size() > kMaxAddresses) return addresses;
    } else if (IsName(word) && !is_of_a_sentence) {
      add(bare, word);
    } else {
      add(other, word);
    }
  }
  // A word alone, and a list one a line or with commas between, is of names; a sentence is not.
  const bool is_one = found.empty() && bare.size() == 1 && other.empty();
  if (is_one || (other.empty() && IsList(words, !found.empty()))) {
    for (const std::string& word : bare) {
      if (found.size() <= kMaxAddresses) add(found, word);
    }
    return addresses;
  }
  // "@daily_tea @night_sky technews": a list; more words are a sentence about what was found.
  if (other.empty() && bare.size() < found.size()) addresses.unclear = std::move(bare);
  return addresses;
}

}  // namespace selfology::feed_dialog
