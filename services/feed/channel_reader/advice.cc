#include "services/feed/channel_reader/advice.h"

#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/language/plural.h"

namespace selfology::channel_reader {
namespace {

using language::FormFor;
using language::PluralForms;

struct Said {
  std::string_view english;
  std::string_view russian;
};

std::string In(Language language, const Said& said) {
  return std::string(language == Language::kRussian ? said.russian : said.english);
}

Said Words(v1::UnreadableReason reason) {
  switch (reason) {
    case v1::UNREADABLE_REASON_NO_SUCH_CHANNEL:
      return {
          "There is no channel by this name. Check how it is written, or send me a link to one "
          "of its posts.",
          "Канала с таким именем нет. Проверьте, как оно пишется, или пришлите ссылку на любой "
          "его пост."};
    case v1::UNREADABLE_REASON_NO_PREVIEW:
      return {
          "This channel shows no preview on the web: its owner or Telegram has switched it off. "
          "If the channel is yours, add me to it as an administrator; if not, ask its owner to, or "
          "forward me posts that you like.",
          "Этот канал нельзя посмотреть в вебе: просмотр отключил владелец или Telegram. Если "
          "канал ваш, добавьте меня в него администратором; если нет, попросите об этом "
          "владельца или пересылайте мне посты, которые вам нравятся."};
    case v1::UNREADABLE_REASON_NO_CHANNEL:
      return {"This is a group, a person or a bot. I read channels only.",
              "Это группа, человек или бот. Я читаю только каналы."};
    case v1::UNREADABLE_REASON_PRIVATE:
      return {
          "This channel is private, so I cannot see it from outside. Its owner can add me to it as "
          "an administrator; or forward me posts that you like.",
          "Это закрытый канал, снаружи его не видно. Владелец может добавить меня в него "
          "администратором, или пересылайте мне посты, которые вам нравятся."};
    case v1::UNREADABLE_REASON_TOO_OFTEN:
      return {
          "The other side asks me to read less often. I will try again later by myself; you need "
          "not do anything.",
          "Другая сторона просит читать пореже. Я сам попробую позже, делать ничего не нужно."};
    case v1::UNREADABLE_REASON_UNREACHABLE:
      return {
          "The channel does not answer right now. I will try again later by myself; if that lasts "
          "for more than a day, check its address.",
          "Канал сейчас не отвечает. Я сам попробую позже; если так будет дольше суток, проверьте "
          "его адрес."};
    case v1::UNREADABLE_REASON_NO_FEED:
      return {
          "I found no feed there that I understand. Send me the address of its RSS or Atom feed; "
          "sites often link it at the bottom of the page.",
          "Я не нашёл там ленты, которую умею читать. Пришлите адрес ленты RSS или Atom: сайты "
          "часто дают её внизу страницы."};
    case v1::UNREADABLE_REASON_MARKUP_CHANGED:
      return {
          "The channel's page looks different than before, and I cannot read it yet. We know about "
          "it; you need not do anything.",
          "Страница канала выглядит иначе, чем раньше, и я пока не могу её прочитать. Мы об этом "
          "знаем, делать ничего не нужно."};
    case v1::UNREADABLE_REASON_BOT_REMOVED:
      return {
          "I was removed from this channel. If you want me to read it, add me again as an "
          "administrator.",
          "Меня удалили из этого канала. Если хотите, чтобы я его читал, снова добавьте меня "
          "администратором."};
    case v1::UNREADABLE_REASON_NOT_CONFIGURED:
      return {
          "Channels of this kind are not read here at the moment. Choose another channel, or ask "
          "the operator to switch them on.",
          "Каналы такого вида здесь сейчас не читаются. Выберите другой канал или попросите "
          "оператора их включить."};
    default:
      return {"", ""};
  }
}

}  // namespace

std::string AdviceOf(v1::UnreadableReason reason, Language language) {
  return In(language, Words(reason));
}

std::string UnknownAddressAdvice(Language language) {
  return In(
      language,
      {"I do not see a channel in this. Write @name, a t.me link, the address of a site or feed, "
       "name.bsky.social, or @name@server of Mastodon.",
       "Я не вижу здесь канала. Напишите @имя, ссылку t.me, адрес сайта или ленты, "
       "name.bsky.social или @имя@сервер для Mastodon."});
}

std::string BroughtWords(int stored, int edited, int deleted, Language language) {
  const bool russian = language == Language::kRussian;
  std::vector<std::string> parts;
  if (stored > 0) {
    constexpr PluralForms kEnglish = {.one = "new post", .other = "new posts"};
    constexpr PluralForms kRussian = {
        .one = "новый пост", .few = "новых поста", .many = "новых постов", .other = "нового поста"};
    parts.push_back(
        absl::StrCat(stored, " ", FormFor(language, stored, russian ? kRussian : kEnglish)));
  }
  if (edited > 0) parts.push_back(absl::StrCat(russian ? "изменено: " : "edited: ", edited));
  if (deleted > 0) parts.push_back(absl::StrCat(russian ? "удалено: " : "deleted: ", deleted));
  if (parts.empty()) return russian ? "Ничего нового." : "Nothing new.";
  return absl::StrCat(absl::StrJoin(parts, ", "), ".");
}

std::string NothingToJoin(Language language) {
  return In(
      language,
      {"There is nothing to join: public channels are read without joining. To have a private "
       "one read, its owner adds the bot to it.",
       "Вступать некуда: открытые каналы читаются и так. Чтобы читать закрытый, владелец "
       "добавляет в него бота."});
}

std::string Joined(Language language) { return In(language, {"Joined.", "Вступил."}); }

}  // namespace selfology::channel_reader
