#include "services/coaching/coach/understanding/people.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/coaching/lib/safety/characters.h"

namespace selfology::coach {
namespace {

using Letters = std::u32string;

bool IsUpper(std::string_view written) {
  const Letters letters = safety::Utf32(written.substr(0, 4));
  if (letters.empty()) return false;
  const char32_t c = letters.front();
  return (c >= U'A' && c <= U'Z') || (c >= U'А' && c <= U'Я') || c == U'Ё';
}

bool IsCyrillic(std::string_view word) {
  const Letters letters = safety::Utf32(word);
  return !letters.empty() && safety::IsCyrillic(letters.front());
}

// The forms of a name in the cases, its last letters replaced.
std::vector<std::string> FormsOf(const std::string& name) {
  if (!IsCyrillic(name)) return {name, absl::StrCat(name, "'s")};
  const Letters letters = safety::Utf32(name);
  const Letters stem = letters.substr(0, letters.size() - 1);
  std::vector<std::u32string_view> endings;
  Letters base = stem;
  switch (letters.back()) {
    case U'а':
      endings = {U"а", U"ы", U"и", U"е", U"у", U"ой", U"ей"};
      break;
    case U'я':
      endings = {U"я", U"и", U"е", U"ю", U"ей"};
      break;
    case U'й':
    case U'ь':
      endings = {letters.back() == U'й' ? U"й" : U"ь", U"я", U"ю", U"ем", U"е", U"и"};
      break;
    default:
      base = letters;
      endings = {U"", U"а", U"у", U"ом", U"ем", U"е"};
  }
  std::vector<std::string> forms;
  for (const std::u32string_view ending : endings)
    forms.push_back(safety::Utf8(base + Letters(ending)));
  return forms;
}

// A name that is in no table, as it is called.
std::string Called(std::string_view form, bool male) {
  Letters letters = safety::Utf32(form);
  if (letters.size() < 4 || !IsCyrillic(form)) return std::string(form);
  const auto replace = [&](std::u32string_view ending, std::u32string_view by) {
    if (!std::u32string_view(letters).ends_with(ending)) return false;
    letters.resize(letters.size() - ending.size());
    letters += by;
    return true;
  };
  if (male) {
    replace(U"ом", U"") || replace(U"ем", U"й") || replace(U"у", U"") || replace(U"ю", U"й");
  } else {
    replace(U"ой", U"а") || replace(U"ей", U"я") || replace(U"у", U"а") || replace(U"ю", U"я") ||
        replace(U"ы", U"а");
  }
  return safety::Utf8(letters);
}

std::string WithCapital(std::string_view name) {
  Letters letters = safety::Utf32(name);
  if (letters.empty()) return "";
  char32_t& c = letters.front();
  if ((c >= U'a' && c <= U'z') || (c >= U'а' && c <= U'я')) c -= 0x20;
  return safety::Utf8(letters);
}

}  // namespace

People::People(const Speech& speech) {
  for (const Relation& relation : speech.relation()) {
    for (const std::string_view form : absl::StrSplit(relation.forms(), ' ', absl::SkipEmpty())) {
      relations_.emplace(form, &relation);
    }
  }
  for (const std::string& names : speech.names()) {
    for (const std::string_view name : absl::StrSplit(names, ' ', absl::SkipEmpty())) {
      for (const std::string& form : FormsOf(std::string(name))) {
        names_.emplace(form, WithCapital(name));
      }
    }
  }
}

const Relation* People::RelationAt(const Utterance& message, int word) const {
  if (word < 0 || word >= static_cast<int>(message.words.size())) return nullptr;
  const auto found = relations_.find(message.words[word].text);
  return found == relations_.end() ? nullptr : found->second;
}

std::string People::NameAt(const Utterance& message, int word, bool expected, bool male) const {
  if (word < 0 || word >= static_cast<int>(message.words.size())) return "";
  const Token& token = message.words[word];
  const bool upper = IsUpper(std::string_view(message.text).substr(token.begin));
  const auto found = names_.find(token.text);
  if (found != names_.end() && (upper || expected)) return found->second;
  const bool ordinary = token.text.size() < 3 || token.text == "i'm" || token.text == "i've" ||
                        token.text == "i'd" || token.text == "i'll";
  if (!expected || !upper || ordinary) return "";
  return Called(message.Between(word, word + 1), male);
}

std::vector<PersonMention> People::Find(const Utterance& message) const {
  const auto& words = message.words;
  const int count = static_cast<int>(words.size());
  const auto is = [&](int i, std::initializer_list<std::string_view> any) {
    return i >= 0 && i < count && absl::c_linear_search(any, words[i].text);
  };
  std::vector<PersonMention> found;
  for (int i = 0; i < count; ++i) {
    // "a single mum" says what somebody is, not who.
    const bool of_anybody = is(i - 1, {"a", "an", "single", "every", "any", "no", "another"});
    if (const Relation* relation = of_anybody ? nullptr : RelationAt(message, i)) {
      PersonMention mention{{i, i + 1}, relation->name(), ""};
      int at = i + 1;
      // "my brother's name is Sasha", "my brother is called Sasha", «брата зовут Саша»
      if (is(at, {"name", "is", "named", "called", "зовут"})) {
        int name = at;
        while (is(name, {"name", "is", "named", "called", "зовут", "s"})) ++name;
        const bool named = is(name - 1, {"named", "called", "зовут"}) || is(name - 2, {"name"});
        if (named) mention.name = NameAt(message, name, true, relation->male());
        at = name;
      } else if (!words[i].ends_sentence) {
        mention.name = NameAt(message, at, true, relation->male());
      }
      if (!mention.name.empty()) mention.words.end = at + 1;
      // "Sasha, my brother", "Sasha is my brother", «Лена — моя сестра»
      int before = i - 1;
      while (before >= 0 && is(before, {"my", "our", "моя", "мой", "is", "это", "наш", "наша"})) {
        --before;
      }
      if (mention.name.empty() && before < i - 1 && !found.empty() &&
          found.back().words.end == before + 1 && found.back().relation.empty()) {
        mention.name = found.back().name;
        mention.words.begin = found.back().words.begin;
        found.pop_back();
      }
      const int end = mention.words.end;
      found.push_back(std::move(mention));
      i = end - 1;
    } else if (const std::string name = NameAt(message, i, false, false); !name.empty()) {
      found.push_back({{i, i + 1}, "", name});
    }
  }
  return found;
}

}  // namespace selfology::coach
