#include "services/studio/social/platforms/read_back.h"

#include <utf8proc.h>

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/text/utf8.h"
#include "services/studio/social/platforms/channel_page.h"

namespace selfology::social {
namespace {

constexpr std::string_view kReserved = "\\|{}@[]()<>#*_~";

// Of a JSON object; empty where there is none.
std::string_view Word(const nlohmann::json& object, const char* name) {
  if (!object.is_object()) return "";
  const auto at = object.find(name);
  if (at == object.end() || !at->is_string()) return "";
  return at->get_ref<const std::string&>();
}

bool IsInTag(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || static_cast<unsigned char>(c) > 127;
}

// "#word" at the begin of a word.
bool StartsTag(std::string_view text, size_t at) {
  return text[at] == '#' && at + 1 < text.size() && IsInTag(text[at + 1]) &&
         (at == 0 || absl::ascii_isspace(static_cast<unsigned char>(text[at - 1])));
}

std::string_view WithoutScheme(std::string_view word) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (word.starts_with(scheme)) word.remove_prefix(scheme.size());
  }
  while (word.size() > 1 && word.ends_with('/')) word.remove_suffix(1);
  return word;
}

std::string Canonical(std::string_view text) {
  std::vector<std::string_view> words =
      absl::StrSplit(text, absl::ByAnyChar(" \t\r\n"), absl::SkipEmpty());
  for (std::string_view& word : words) word = WithoutScheme(word);
  return absl::StrJoin(words, " ");
}

std::string LettersOf(std::string_view text) {
  std::string letters;
  while (!text.empty()) {
    const std::string_view before = text;
    const char32_t c = text::TakeCharacter(text);
    const utf8proc_category_t category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
    if (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO) {
      letters += before.substr(0, before.size() - text.size());
    }
  }
  return letters;
}

}  // namespace

std::string PlainOfX(const nlohmann::json& post) {
  std::string text(Word(post, "text"));
  const auto entities = post.is_object() ? post.find("entities") : post.end();
  if (entities != post.end() && entities->is_object()) {
    const auto urls = entities->find("urls");
    if (urls != entities->end() && urls->is_array()) {
      for (const nlohmann::json& url : *urls) {
        const std::string_view from = Word(url, "url");
        const std::string_view to = Word(url, "expanded_url");
        if (!from.empty() && !to.empty()) text = absl::StrReplaceAll(text, {{from, to}});
      }
    }
  }
  return absl::StrReplaceAll(text, {{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}});
}

std::string LittleOf(std::string_view text) {
  std::string little;
  for (size_t i = 0; i < text.size(); ++i) {
    if (absl::StrContains(kReserved, text[i]) && !StartsTag(text, i)) little += '\\';
    little += text[i];
  }
  return little;
}

std::string PlainOfLittle(std::string_view little) {
  constexpr std::string_view kTag = "{hashtag|";
  std::string plain;
  for (size_t i = 0; i < little.size();) {
    if (little[i] == '\\' && i + 1 < little.size()) {
      plain += little[i + 1];
      i += 2;
      continue;
    }
    // "{hashtag|\#|word}".
    const size_t end = little.find('}', i);
    if (little.substr(i).starts_with(kTag) && end != std::string_view::npos) {
      const std::vector<std::string_view> parts =
          absl::StrSplit(little.substr(i + kTag.size(), end - i - kTag.size()), '|');
      absl::StrAppend(&plain, "#", parts.back());
      i = end + 1;
      continue;
    }
    plain += little[i++];
  }
  return plain;
}

bool SameText(std::string_view a, std::string_view b) { return Canonical(a) == Canonical(b); }

bool SameLetters(std::string_view a, std::string_view b) {
  const std::string letters = LettersOf(a);
  return letters == LettersOf(b) && (!letters.empty() || SameWords(a, b));
}

absl::Time ReadTime(const std::string& text) {
  absl::Time at = absl::InfinitePast();
  std::string error;
  if (absl::ParseTime(absl::RFC3339_full, text, &at, &error) ||
      absl::ParseTime("%Y-%m-%dT%H:%M:%E*S%z", text, &at, &error)) {
    return at;
  }
  return absl::InfinitePast();
}

}  // namespace selfology::social
