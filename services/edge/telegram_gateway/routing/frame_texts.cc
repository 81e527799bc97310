#include "services/edge/telegram_gateway/routing/frame_texts.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "common/language/plural.h"
#include "common/language/tag.h"
#include "common/text/html.h"

namespace selfology::telegram_gateway::frame {
namespace {

using language::LanguageOf;
using language::PluralForms;

// https://core.telegram.org/bots/api#setmycommands
constexpr size_t kLongestMenu = 100;

std::string_view In(Language language, std::string_view english, std::string_view russian) {
  return language == Language::kRussian ? russian : english;
}

std::string CountedSeconds(Language language, int64_t number) {
  constexpr PluralForms kEnglish = {.one = "second", .other = "seconds"};
  constexpr PluralForms kRussian = {
      .one = "секунду", .few = "секунды", .many = "секунд", .other = "секунды"};
  return absl::StrCat(
      number, " ",
      language::FormFor(language, number, language == Language::kRussian ? kRussian : kEnglish));
}

std::string_view MenuStart(Language language) {
  return In(language, "Begin, or see where we are", "Начать или узнать, где мы");
}

std::string_view MenuHelp(Language language) {
  return In(language, "How this works", "Как это устроено");
}

}  // namespace

std::string TooFast(Language language, absl::Duration wait) {
  const int64_t seconds = absl::ToInt64Seconds(absl::Ceil(wait, absl::Seconds(1)));
  return absl::Substitute(
      In(language,
         "You write faster than I can read 🙂 I have not taken down your latest messages. Please "
         "wait $0 and send again what matters.",
         "Вы пишете быстрее, чем я читаю 🙂 Последние сообщения я не записал. Подождите, "
         "пожалуйста, $0 и отправьте важное ещё раз."),
      CountedSeconds(language, std::max<int64_t>(1, seconds)));
}

std::string UnknownCommand(Language language, std::string_view nearest) {
  if (nearest.empty()) {
    return std::string(In(language, "I do not know this command. /help lists those I know.",
                          "Такой команды я не знаю. Все команды: /help."));
  }
  return absl::Substitute(
      In(language, "I do not know this command. Did you mean /$0? /help lists those I know.",
         "Такой команды я не знаю. Может быть, /$0? Все команды: /help."),
      absl::string_view(nearest.data(), nearest.size()));
}

std::string_view TakesAWhile(Language language) {
  return In(language,
            "This takes longer than usual: something on my side is not working right now. What you "
            "send is safe, and I will answer as soon as I can.",
            "Это займёт больше времени, чем обычно: что-то на моей стороне сейчас не работает. "
            "Ничего из отправленного не пропадёт, и я отвечу, как только смогу.");
}

std::string_view Failure(Language language) {
  return In(
      language,
      "Something went wrong on my side, and I could not answer what you sent. It is kept, and "
      "we will look into it.",
      "Что-то пошло не так на моей стороне, и ответить на отправленное не удалось. Оно "
      "сохранено, мы разберёмся.");
}

std::string WhomToTalkWith(Language language, bool kept) {
  return absl::StrCat(
      In(language, "What would you like to talk about?", "О чём поговорим?"),
      kept ? In(language, " I keep what you sent and pass it on as soon as you have chosen.",
                " Отправленное я сохраню и передам, как только вы выберете.")
           : "");
}

std::string_view SomethingElse(Language language) {
  return In(language, "Talk about something else", "Поговорить о другом");
}

std::string_view NothingToCancel(Language language) {
  return In(language, "There is nothing to cancel.", "Отменять сейчас нечего.");
}

std::string_view NothingToSet(Language language) {
  return In(language, "There is nothing to set here. /help lists what I know.",
            "Настраивать здесь нечего. Все команды: /help.");
}

std::string_view StaleButton(Language language) {
  return In(language, "This button is no longer in use.", "Эта кнопка больше не действует.");
}

std::string_view OnlyInPrivate(Language language) {
  return In(language,
            "Hello! I talk with people in private only: write to me in a chat of our own. Here I "
            "will be silent.",
            "Здравствуйте! Я разговариваю только в личной переписке: напишите мне туда. Здесь я "
            "буду молчать.");
}

std::string Help(std::string_view tag, const Directory& dialogs) {
  std::vector<const v1::DialogDescription*> helpful;
  for (const v1::DialogDescription& description : dialogs.all()) {
    if (!description.help().empty()) helpful.push_back(&description);
  }
  if (helpful.size() == 1) return std::string(TextFor(helpful[0]->help(), tag));
  std::string help = absl::StrCat("<b>", MenuHelp(LanguageOf(tag)), "</b>");
  for (const v1::DialogDescription* description : helpful) {
    absl::StrAppend(&help, "\n\n");
    if (!description->titles().empty()) {
      absl::StrAppend(&help, "<b>", text::EscapeHtml(TextFor(description->titles(), tag)),
                      "</b>\n");
    }
    absl::StrAppend(&help, TextFor(description->help(), tag));
  }
  if (!helpful.empty()) return help;
  for (const auto& [command, effect] : CommandMenu(dialogs, tag)) {
    absl::StrAppend(&help, "\n/", command, " — ", text::EscapeHtml(effect));
  }
  return help;
}

std::vector<std::pair<std::string, std::string>> CommandMenu(const Directory& dialogs,
                                                             std::string_view tag,
                                                             const Menus& menus) {
  const Language language = LanguageOf(tag);
  std::vector<std::pair<std::string, std::string>> menu = {
      {"start", std::string(MenuStart(language))}};
  const auto find = [&menu](std::string_view command) {
    return std::find_if(menu.begin(), menu.end(),
                        [command](const auto& entry) { return entry.first == command; });
  };
  for (const v1::DialogDescription& description : dialogs.all()) {
    const auto wanted = menus.find(description.dialog());
    for (const v1::DialogCommand& command : description.commands()) {
      if (command.descriptions().empty()) continue;
      const bool is_in = wanted == menus.end() || command.menus().empty() ||
                         std::find(command.menus().begin(), command.menus().end(),
                                   wanted->second) != command.menus().end();
      if (!is_in) continue;
      std::string effect(TextFor(command.descriptions(), tag));
      const auto known = find(command.name());
      if (known == menu.end()) {
        menu.emplace_back(command.name(), std::move(effect));
      } else if (command.name() == "start" && !dialogs.HasChoice()) {
        known->second = std::move(effect);
      }
    }
  }
  if (find("help") == menu.end()) {
    menu.resize(std::min(menu.size(), kLongestMenu - 1));
    menu.emplace_back("help", std::string(MenuHelp(language)));
  }
  menu.resize(std::min(menu.size(), kLongestMenu));
  return menu;
}

std::set<std::string> MenuLanguages(const Directory& dialogs) {
  std::set<std::string> languages;
  for (const v1::DialogDescription& description : dialogs.all()) {
    for (const v1::DialogCommand& command : description.commands()) {
      for (const v1::LocalizedText& localized : command.descriptions()) {
        const auto tag = language::Tag::Parse(localized.language());
        if (tag.has_value() && tag->language().size() == 2 && tag->language() != "en") {
          languages.emplace(tag->language());
        }
      }
    }
  }
  return languages;
}

}  // namespace selfology::telegram_gateway::frame
