#include "services/platform/notification/decisions/texts.h"

#include <ctemplate/template.h>
#include <ctemplate/template_cache.h>
#include <ctemplate/template_dictionary.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/text/text.h"
#include "common/text/utf8.h"

namespace selfology::notification {
namespace {

using ctemplate::DO_NOT_STRIP;
using ctemplate::TemplateDictionary;

// Styles stand in the elements: mail programs drop style sheets.
constexpr std::string_view kMailHtml =
    R"({{%AUTOESCAPE context="HTML"}}<!DOCTYPE html>
<html lang="{{LANGUAGE}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{TITLE}}</title></head>
<body style="margin:0;padding:24px;background:#f4f4f2;color:#222;font:16px/1.5 sans-serif">
<div style="max-width:560px;margin:0 auto;padding:24px;background:#fff;border-radius:8px">
<h1 style="margin:0 0 16px;font-size:20px">{{TITLE}}</h1>
{{#PARAGRAPH}}<p style="margin:0 0 16px">{{#LINE}}{{WORDS}}{{#LINE_separator}}<br>{{/LINE_separator}}{{/LINE}}</p>
{{/PARAGRAPH}}{{#BUTTON}}<p style="margin:24px 0"><a href="{{LINK}}" style="padding:12px 20px;border-radius:6px;background:#2a5db0;color:#fff;text-decoration:none">{{LABEL}}</a></p>
{{/BUTTON}}</div>
{{#UNSUBSCRIBE}}<p style="max-width:560px;margin:16px auto;font-size:13px;color:#666">{{WHY}} <a href="{{LINK}}" style="color:#666">{{LABEL}}</a></p>
{{/UNSUBSCRIBE}}</body></html>
)";

constexpr std::string_view kUnsubscribeHtml =
    R"({{%AUTOESCAPE context="HTML"}}<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Notifications</title>
<style>body{font:16px/1.5 sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem}button{font:inherit;padding:.5rem 1rem}</style></head><body>
{{#QUESTION}}<h1>No more of this?</h1><p>Notifications of the topic “{{TOPIC}}” would only lie in your inbox.<br>Уведомления темы «{{TOPIC}}» останутся только во входящих.</p>
<form method="post"><button name="List-Unsubscribe" value="One-Click">Unsubscribe · Отписаться</button></form>
{{/QUESTION}}{{#DONE}}<h1>Done</h1><p>Notifications of the topic “{{TOPIC}}” now only lie in your inbox.<br>Уведомления темы «{{TOPIC}}» теперь остаются только во входящих.</p>
{{/DONE}}</body></html>
)";

constexpr char kMailKey[] = "mail";
constexpr char kUnsubscribeKey[] = "unsubscribe";

struct Phrases {
  std::string_view why;
  std::string_view unsubscribe;
};

Phrases PhrasesOf(Language language) {
  if (language == Language::kRussian) {
    return {"Вы получаете это письмо, потому что у вас есть аккаунт.", "Отписаться"};
  }
  return {"You get this mail because you have an account.", "Unsubscribe"};
}

const KindWords& In(const Kind& kind, Language language) {
  return language == Language::kRussian ? kind.russian : kind.english;
}

std::string KeyOf(const Kind& kind, Language language, std::string_view part) {
  return absl::StrCat(kind.name, "|", TagOf(language), "|", part);
}

// Only what leads somewhere harmless.
bool IsWebLink(std::string_view link) {
  return link.starts_with("https://") || link.starts_with("http://");
}

ctemplate::TemplateString View(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

std::string OneLine(std::string_view words) {
  std::string line;
  for (std::string_view rest = words; !rest.empty();) {
    const char32_t character = text::TakeCharacter(rest);
    const bool breaks = character == '\n' || character == '\r' || character == '\t' ||
                        character == 0x2028 || character == 0x2029;
    if (breaks) {
      line += ' ';
    } else if (character >= 0x20 && (character < 0x7f || character > 0x9f)) {
      text::AppendCharacter(character, line);
    }
  }
  return std::string(text::Trim(line));
}

class Texts::Templates {
 public:
  Templates() {
    Add(kMailKey, kMailHtml);
    Add(kUnsubscribeKey, kUnsubscribeHtml);
    for (const Kind& kind : Kinds()) {
      for (const Language language : language::kLanguages) {
        Add(KeyOf(kind, language, "title"), In(kind, language).title);
        Add(KeyOf(kind, language, "text"), In(kind, language).text);
      }
    }
  }

  std::string Expand(const std::string& key, const TemplateDictionary& dictionary) const {
    std::string out;
    cache_->ExpandWithData(key, DO_NOT_STRIP, &dictionary, nullptr, &out);
    return out;
  }

 private:
  void Add(const std::string& key, std::string_view words) {
    cache_->StringToTemplateCache(key, View(words), DO_NOT_STRIP);
  }

  // Filled here and never again; it locks by itself.
  const std::unique_ptr<ctemplate::TemplateCache> cache_ =
      std::make_unique<ctemplate::TemplateCache>();
};

Texts::Texts() : templates_(std::make_unique<Templates>()) {}
Texts::~Texts() = default;

Words Texts::WordsOf(const Kind& kind, Language language,
                     const std::map<std::string, std::string>& parameters) const {
  TemplateDictionary dictionary("words");
  for (const auto& [name, value] : parameters) dictionary.SetValue(name, value);
  const std::string title = OneLine(templates_->Expand(KeyOf(kind, language, "title"), dictionary));
  const std::string text = templates_->Expand(KeyOf(kind, language, "text"), dictionary);
  return {.title = std::string(text::Prefix(title, kLongestTitle)),
          .text = std::string(text::Prefix(text::Trim(text), kLongestText))};
}

std::string Texts::MailHtml(const MailWords& words) const {
  TemplateDictionary dictionary("mail");
  dictionary.SetValue("LANGUAGE", std::string(TagOf(words.language)));
  dictionary.SetValue("TITLE", std::string(words.title));
  for (const std::string_view text : absl::StrSplit(words.text, "\n\n", absl::SkipWhitespace())) {
    TemplateDictionary* const paragraph = dictionary.AddSectionDictionary("PARAGRAPH");
    for (const std::string_view line : absl::StrSplit(text, '\n')) {
      paragraph->AddSectionDictionary("LINE")->SetValue("WORDS", std::string(line));
    }
  }
  if (IsWebLink(words.link)) {
    TemplateDictionary* const button = dictionary.AddSectionDictionary("BUTTON");
    button->SetValue("LINK", std::string(words.link));
    button->SetValue("LABEL", std::string(words.button));
  }
  if (IsWebLink(words.unsubscribe)) {
    TemplateDictionary* const unsubscribe = dictionary.AddSectionDictionary("UNSUBSCRIBE");
    unsubscribe->SetValue("LINK", std::string(words.unsubscribe));
    unsubscribe->SetValue("WHY", std::string(PhrasesOf(words.language).why));
    unsubscribe->SetValue("LABEL", std::string(PhrasesOf(words.language).unsubscribe));
  }
  return templates_->Expand(kMailKey, dictionary);
}

std::string Texts::MailText(const MailWords& words) const {
  std::string text = absl::StrCat(words.title, "\n");
  if (!words.text.empty()) absl::StrAppend(&text, "\n", words.text, "\n");
  if (IsWebLink(words.link)) absl::StrAppend(&text, "\n", words.button, ": ", words.link, "\n");
  if (IsWebLink(words.unsubscribe)) {
    absl::StrAppend(&text, "\n-- \n", PhrasesOf(words.language).why, "\n",
                    PhrasesOf(words.language).unsubscribe, ": ", words.unsubscribe, "\n");
  }
  return text;
}

std::string Texts::UnsubscribePage(std::string_view topic, bool done) const {
  TemplateDictionary dictionary("unsubscribe");
  dictionary.AddSectionDictionary(done ? "DONE" : "QUESTION")
      ->SetValue("TOPIC", std::string(topic));
  return templates_->Expand(kUnsubscribeKey, dictionary);
}

}  // namespace selfology::notification
