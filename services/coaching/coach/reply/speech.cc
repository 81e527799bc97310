#include "services/coaching/coach/reply/speech.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/status/status_macros.h"
#include "google/protobuf/text_format.h"
#include "services/coaching/coach/coach_texts.h"
#include "services/coaching/lib/safety/characters.h"

namespace selfology::coach {
namespace {

using language::Language;

constexpr std::string_view kClosers = ".,;:!?…";

// What each language's tables are.
std::vector<std::string_view> Tables(Language language) {
  if (language == Language::kRussian) {
    return {kRussianPeopleTextproto,  kRussianIntentsTextproto, kRussianFramesTextproto,
            kRussianRepliesTextproto, kRussianPlansTextproto,   kRussianCuesTextproto};
  }
  return {kEnglishPeopleTextproto,  kEnglishIntentsTextproto, kEnglishFramesTextproto,
          kEnglishRepliesTextproto, kEnglishPlansTextproto,   kEnglishCuesTextproto};
}

// The first letter changed by `change` if it is a letter.
template <typename Change>
std::string WithFirst(std::string_view text, Change change) {
  std::u32string letters = safety::Utf32(text);
  if (!letters.empty()) letters.front() = change(letters.front());
  return safety::Utf8(letters);
}

char32_t Upper(char32_t c) {
  if ((c >= U'a' && c <= U'z') || (c >= U'а' && c <= U'я')) return c - 0x20;
  return c == U'ё' ? U'Ё' : c;
}

char32_t Lower(char32_t c) {
  if ((c >= U'A' && c <= U'Z') || (c >= U'А' && c <= U'Я')) return c + 0x20;
  return c == U'Ё' ? U'ё' : c;
}

bool BeginsSentence(std::string_view before) {
  const std::string_view trimmed = before.substr(0, before.find_last_not_of(" \n") + 1);
  return trimmed.empty() || absl::EndsWith(trimmed, ".") || absl::EndsWith(trimmed, "!") ||
         absl::EndsWith(trimmed, "?") || absl::EndsWith(trimmed, "…");
}

// "[вы|ты]" as it is said to one or the other.
std::string ChooseForm(std::string_view text, bool informal) {
  std::string chosen;
  while (!text.empty()) {
    const size_t open = text.find('[');
    chosen += text.substr(0, open);
    if (open == std::string_view::npos) break;
    const size_t close = text.find(']', open);
    const std::string_view both = text.substr(open + 1, close - open - 1);
    const size_t bar = both.find('|');
    chosen += informal ? both.substr(bar + 1) : both.substr(0, bar);
    text.remove_prefix(close + 1);
  }
  return chosen;
}

// Longest texts between slots and choices, in their order.
std::vector<std::string_view> FixedParts(std::string_view reply) {
  std::vector<std::string_view> parts;
  while (!reply.empty()) {
    const size_t open = reply.find_first_of("{[");
    const std::string_view part = reply.substr(0, open);
    if (part.size() >= 3) parts.push_back(part);
    if (open == std::string_view::npos) break;
    const size_t close = reply.find_first_of("}]", open);
    if (close == std::string_view::npos) break;
    reply.remove_prefix(close + 1);
  }
  return parts;
}

}  // namespace

std::optional<std::string> Fill(std::string_view reply, const Slots& slots, bool informal) {
  const std::string chosen = ChooseForm(reply, informal);
  std::string_view rest = chosen;
  std::string filled;
  while (!rest.empty()) {
    const size_t open = rest.find('{');
    absl::StrAppend(&filled, rest.substr(0, open));
    if (open == std::string_view::npos) break;
    const size_t close = rest.find('}', open);
    const auto slot = slots.find(rest.substr(open + 1, close - open - 1));
    if (slot == slots.end() || slot->second.empty()) return std::nullopt;
    rest.remove_prefix(close + 1);
    std::string_view value = slot->second;
    // "...?" said back before a full stop.
    if (!rest.empty() && kClosers.find(rest.front()) != std::string_view::npos) {
      while (!value.empty() && kClosers.find(value.back()) != std::string_view::npos) {
        value.remove_suffix(1);
      }
    }
    absl::StrAppend(&filled, BeginsSentence(filled) ? WithFirst(value, Upper) : std::string(value));
  }
  return filled;
}

bool WasMadeOf(std::string_view text, std::string_view reply) {
  size_t at = 0;
  bool any = false;
  for (const std::string_view part : FixedParts(reply)) {
    const size_t found = text.find(part, at);
    if (found == std::string_view::npos) return false;
    at = found + part.size();
    any = true;
  }
  return any;
}

std::string Quoted(std::string_view text, Language language) {
  // The sentence around it has a full stop of its own.
  if (text.ends_with('.') && !text.ends_with("..")) text.remove_suffix(1);
  return language == Language::kRussian ? absl::StrCat("«", text, "»")
                                        : absl::StrCat("“", text, "”");
}

absl::StatusOr<LoadedSpeech> LoadedSpeech::Load(Language language) {
  LoadedSpeech loaded;
  loaded.language_ = language;
  auto speech = std::make_shared<Speech>();
  for (const std::string_view table : Tables(language)) {
    Speech part;
    if (!google::protobuf::TextFormat::ParseFromString(std::string(table), &part)) {
      return absl::InternalError("a table of the coach's speech is malformed");
    }
    speech->MergeFrom(part);
  }
  WordClasses classes;
  for (const WordClass& one : speech->word_class()) classes.emplace(one.name(), one.words());
  const auto compile = [&](const auto& texts, std::vector<Pattern>& patterns) -> absl::Status {
    for (const std::string& text : texts) {
      ASSIGN_OR_RETURN(Pattern pattern, Pattern::Parse(text, classes));
      patterns.push_back(std::move(pattern));
    }
    return absl::OkStatus();
  };
  for (const Frame& frame : speech->frame()) {
    CompiledFrame& compiled = loaded.frames_.emplace_back();
    compiled.frame = &frame;
    RETURN_IF_ERROR(compile(frame.pattern(), compiled.patterns));
    RETURN_IF_ERROR(compile(frame.unless(), compiled.unless));
  }
  for (const MemoryRule& rule : speech->memory()) {
    CompiledMemoryRule& compiled = loaded.memory_rules_.emplace_back();
    compiled.rule = &rule;
    RETURN_IF_ERROR(compile(rule.pattern(), compiled.patterns));
  }
  for (const Replies& replies : speech->replies()) {
    if (replies.reply().empty()) return absl::InternalError("replies without any");
    loaded.replies_.emplace(replies.name(), &replies);
  }
  for (const std::string& pair : speech->said_back()) {
    const size_t colon = pair.find(": ");
    if (colon == std::string::npos) return absl::InternalError("\"said_back\" is malformed");
    loaded.said_back_.emplace(pair.substr(0, colon), pair.substr(colon + 2));
  }
  loaded.people_ = std::make_shared<People>(*speech);
  loaded.speech_ = std::move(speech);
  return loaded;
}

const ReplyTexts& LoadedSpeech::replies(std::string_view name) const {
  static const auto& none = *new ReplyTexts;
  const auto found = replies_.find(name);
  return found == replies_.end() ? none : found->second->reply();
}

std::string LoadedSpeech::SaidBack(const Utterance& message, WordRange words, bool informal) const {
  std::string text;
  for (int i = words.begin; i < words.end; ++i) {
    const Token& token = message.words[i];
    if (i > words.begin) {
      const size_t end = message.words[i - 1].end;
      absl::StrAppend(&text, std::string_view(message.text).substr(end, token.begin - end));
    }
    if (i + 1 < words.end) {
      const auto pair = said_back_.find(absl::StrCat(token.text, "_", message.words[i + 1].text));
      if (pair != said_back_.end()) {
        absl::StrAppend(&text, ChooseForm(pair->second, informal));
        ++i;
        continue;
      }
    }
    if (const auto one = said_back_.find(token.text); one != said_back_.end()) {
      absl::StrAppend(&text, ChooseForm(one->second, informal));
      continue;
    }
    const std::string_view written = message.Between(i, i + 1);
    const bool begins = i == 0 || message.words[i - 1].ends_sentence;
    // A name keeps its capital.
    bool name = false;
    if (begins) {
      for (const PersonMention& person : people_->Find(message)) {
        name |= !person.name.empty() && person.words.begin == i;
      }
    }
    absl::StrAppend(&text, begins && !name ? WithFirst(written, Lower) : std::string(written));
  }
  return text;
}

}  // namespace selfology::coach
