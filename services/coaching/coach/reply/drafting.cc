#include "services/coaching/coach/reply/drafting.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "services/coaching/lib/safety/characters.h"

namespace selfology::coach {
namespace {

using language::Language;

bool Says(const Utterance& message, absl::Span<const std::string_view> beginnings) {
  return absl::c_any_of(message.words, [&](const Token& word) {
    return absl::c_any_of(
        beginnings, [&](std::string_view beginning) { return word.text.starts_with(beginning); });
  });
}

bool IsOfAWoman(std::string_view pronoun) {
  return pronoun == "she" || pronoun == "her" || pronoun == "she's";
}

// What is said of them becomes what is said to them. Of two people, "she lost him", the first is
// the one who reads it.
std::string ToThem(const Utterance& message, WordRange words) {
  static constexpr std::pair<std::string_view, std::string_view> kPairs[] = {
      {"he", "you"},   {"she", "you"},     {"him", "you"},     {"her", ""},
      {"his", "your"}, {"he's", "you're"}, {"she's", "you're"}};
  std::optional<bool> woman;
  std::string text;
  for (int i = words.begin; i < words.end; ++i) {
    if (i > words.begin) {
      const size_t end = message.words[i - 1].end;
      absl::StrAppend(&text,
                      std::string_view(message.text).substr(end, message.words[i].begin - end));
    }
    const std::string& word = message.words[i].text;
    const auto pair = absl::c_find_if(kPairs, [&](const auto& one) { return one.first == word; });
    const bool of_them =
        pair != std::end(kPairs) && woman.value_or(IsOfAWoman(word)) == IsOfAWoman(word);
    if (of_them) woman = IsOfAWoman(word);
    if (of_them && !pair->second.empty()) {
      absl::StrAppend(&text, pair->second);
    } else if (of_them) {
      // "her birthday", but "without her" and "lend her money".
      static constexpr std::string_view kToHer[] = {
          "lend", "give",  "tell", "ask",   "see",  "help", "love",   "miss",
          "want", "let",   "make", "call",  "show", "send", "owe",    "pay",
          "need", "leave", "hurt", "bring", "told", "gave", "hurting"};
      const bool object =
          i + 1 == words.end || message.words[i].ends_clause ||
          (i > words.begin && absl::c_linear_search(kToHer, message.words[i - 1].text));
      absl::StrAppend(&text, object ? "you" : "your");
    } else {
      absl::StrAppend(&text, message.Between(i, i + 1));
    }
  }
  // A sign belongs to the number before it: "20%".
  std::string_view rest = message.text;
  if (words.end > words.begin) rest.remove_prefix(message.words[words.end - 1].end);
  for (const std::string_view sign : {"%", "€", "₽", "$"}) {
    if (rest.starts_with(sign)) absl::StrAppend(&text, sign);
  }
  return text;
}

// Without how it is wanted: "no, softer. She lost him too".
WordRange ContentOf(const Utterance& message) {
  static constexpr std::string_view kNo[] = {"no", "not", "нет", "не", "но", "but"};
  WordRange content{0, static_cast<int>(message.words.size())};
  for (int begin = 0, i = 0; i < content.end; ++i) {
    if (!message.words[i].ends_clause && i + 1 < content.end) continue;
    const bool only_no = i == begin && absl::c_linear_search(kNo, message.words[i].text);
    if (!only_no && RevisionIn(message, {begin, i + 1}).empty()) break;
    content.begin = begin = i + 1;
  }
  return content;
}

// Something for many, which greets nobody.
bool IsPost(absl::Span<const Said> dialogue) {
  static constexpr std::string_view kPosts[] = {
      "post", "caption", "tweet", "announcement", "пост", "поста", "посту", "постик", "объявление"};
  int looked_at = 0;
  for (auto said = dialogue.rbegin(); said != dialogue.rend() && looked_at < 3; ++said) {
    if (!said->by_person) continue;
    ++looked_at;
    const Utterance message(said->text);
    if (absl::c_any_of(message.words, [](const Token& word) {
          return absl::c_linear_search(kPosts, word.text);
        })) {
      return true;
    }
  }
  return false;
}

std::string Capital(std::string_view text) {
  std::u32string letters = safety::Utf32(text);
  if (letters.empty()) return "";
  char32_t& first = letters.front();
  // Latin and Cyrillic alike.
  if ((first >= U'a' && first <= U'z') || (first >= U'а' && first <= U'я')) first -= 0x20;
  return safety::Utf8(letters);
}

std::string Greeting(const LoadedSpeech& speech, absl::Span<const Said> dialogue) {
  const bool russian = speech.language() == Language::kRussian;
  int looked_at = 0;
  for (auto said = dialogue.rbegin(); said != dialogue.rend() && looked_at < 3; ++said) {
    if (!said->by_person) continue;
    ++looked_at;
    for (const PersonMention& person : speech.people().Find(Utterance(said->text))) {
      if (!person.name.empty()) return absl::StrCat(person.name, ", ");
      for (const std::string_view called : {"mum", "dad", "мама", "папа", "бабушка", "дедушка"}) {
        if (person.relation != called) continue;
        return absl::StrCat(Capital(called), ", ");
      }
    }
  }
  return russian ? "Пишу прямо: " : "Hi, ";
}

// "my boss for a raise": where what is wanted begins; 0 when it is not said.
int WishIn(const Utterance& message, WordRange words, std::string_view before) {
  for (int i = words.begin + 1; i + 1 < words.end; ++i) {
    if (message.words[i].text == before) return i + 1;
  }
  return 0;
}

}  // namespace

DraftRequest ReadDraft(const LoadedSpeech& speech, const Turn& turn,
                       absl::Span<const Said> dialogue) {
  const Utterance& message = *turn.message;
  DraftRequest request{.replies = "draft_tell", .say = "", .greeting = Greeting(speech, dialogue)};
  static constexpr std::string_view kSorry[] = {"apolog", "sorry", "извин", "прощени"};
  static constexpr std::string_view kNo[] = {"decline", "refuse", "отказ"};
  if (Says(message, kSorry)) request.replies = "draft_sorry";
  if (Says(message, kNo)) request.replies = "draft_no";
  if (turn.draft_content) {
    // "that I can't come" as what follows it.
    const std::string& first = message.words.front().text;
    const bool that = message.words.size() > 2 && (first == "that" || first == "что");
    WordRange content = ContentOf(message);
    if (that) content.begin = std::max(content.begin, 1);
    if (content.begin < content.end) request.say = ToThem(message, content);
    if (IsPost(dialogue)) {
      request.replies = "draft_post";
      request.greeting.clear();
      request.say = Capital(request.say);
    }
    return request;
  }
  for (const Understanding& one : turn.understandings) {
    if (one.frame->intent() != DRAFT) continue;
    const auto told = one.match.captures.find("x");
    if (told != one.match.captures.end()) {
      request.say = ToThem(message, told->second);
      return request;
    }
    const auto to_whom = one.match.captures.find("w");
    if (to_whom == one.match.captures.end()) break;
    const WordRange words = to_whom->second;
    static constexpr std::string_view kAsk[] = {"ask"};
    if (!Says(message, kAsk)) break;
    if (const int wish = WishIn(message, words, "to"); wish > 0) {
      request.replies = "draft_ask";
      request.say = ToThem(message, {wish, words.end});
    } else if (const int thing = WishIn(message, words, "for"); thing > 0) {
      request.replies = "draft_for";
      request.say = ToThem(message, {thing, words.end});
    }
    break;
  }
  return request;
}

}  // namespace selfology::coach
