#include "services/feed/feed_dialog/texts.h"

#include "absl/strings/str_cat.h"

namespace selfology::feed_dialog {
namespace {

struct Said {
  std::string_view english;
  std::string_view russian;
};

// NOLINTNEXTLINE(readability-function-size): a table.
Said Of(Text text) {
  switch (text) {
    case Text::kTitle:
      return {"My feed", "Моя лента"};
    case Text::kHelp:
      return {
          "Send me channels that you like, rate some posts, and I will show you "
          "what "
          "you care about.\n/feed opens it, /train teaches it, /channels shows what it reads, "
          "/saved what you kept, /digest the best of the day, /feedsettings how it behaves, /mute "
          "leaves out posts with a word and /unmute brings them back.",
          "Пришлите каналы, которые вам нравятся, оцените несколько постов, и я буду "
          "показывать то, что вам важно.\n/feed открывает ленту, /train учит её, /channels "
          "показывает каналы, /saved сохранённое, /digest лучшее за день, /feedsettings "
          "настройки, /mute убирает посты со словом, /unmute возвращает."};
    case Text::kMenuFeed:
      return {"What is new for me", "Что нового для меня"};
    case Text::kMenuTrain:
      return {"Teach the feed my taste", "Научить ленту моему вкусу"};
    case Text::kMenuChannels:
      return {"My channels", "Мои каналы"};
    case Text::kMenuSaved:
      return {"What I kept", "Что я сохранил"};
    case Text::kMenuDigest:
      return {"The best of the day", "Лучшее за день"};
    case Text::kMenuSettings:
      return {"How the feed behaves", "Настройки ленты"};
    case Text::kMenuMute:
      return {"Leave out posts with a word", "Не показывать посты со словом"};
    case Text::kMenuUnmute:
      return {"Show posts with that word again", "Снова показывать посты с этим словом"};
    case Text::kWelcome:
      return {
          "<b>A feed that learns</b>\nIt takes three steps: name a few channels that you read, "
          "rate "
          "about twenty posts, and open your feed. I learn from what you do only, and you can look "
          "at "
          "why each post is there.",
          "<b>Лента, которая учится</b>\nТри шага: назовите несколько каналов, которые вы читаете, "
          "оцените около двадцати постов и откройте ленту. Я учусь только на ваших действиях, и "
          "про "
          "каждый пост можно спросить, почему он здесь."};
    case Text::kAskChannels:
      return {
          "Send me channels, one a line or all in one message: @name, a t.me link, a link to one "
          "of its "
          "posts, the address of a site or feed, name.bsky.social or @name@server. You can also "
          "forward "
          "a post that has a link to its channel.",
          "Пришлите каналы, по одному в строке или все сразу: @имя, ссылку t.me, ссылку на пост, "
          "адрес "
          "сайта или ленты, name.bsky.social или @имя@сервер. Можно и переслать пост, в котором "
          "есть "
          "ссылка на его канал."};
    case Text::kNoChannelsYet:
      return {"You have no channels yet.", "Каналов пока нет."};
    case Text::kChannelsHead:
      return {"<b>Your channels</b>", "<b>Ваши каналы</b>"};
    case Text::kChannelAdded:
      return {"✅ <b>{}</b> is in your feed.", "✅ <b>{}</b> теперь в вашей ленте."};
    case Text::kChannelKnown:
      return {"<b>{}</b> is in your feed already.", "<b>{}</b> уже в вашей ленте."};
    case Text::kChannelUnreadable:
      return {"⚠️ <b>{}</b>: {}", "⚠️ <b>{}</b>: {}"};
    case Text::kChannelRefused:
      return {
          "I cannot take <b>{}</b>: it is private, or no channel. If it is yours, add me to it as "
          "an "
          "administrator.",
          "Не могу взять <b>{}</b>: канал закрытый, или это не канал. Если он ваш, добавьте меня в "
          "него "
          "администратором."};
    case Text::kChannelRemoved:
      return {"<b>{}</b> is not in your feed any more.", "<b>{}</b> больше не в вашей ленте."};
    case Text::kNoAddress:
      return {
          "I see no channel in this. Write @name, or send a link. Telegram does not tell me where "
          "a "
          "forwarded post comes from, so a link has to be in it.",
          "Не вижу здесь канала. Напишите @имя или пришлите ссылку. Telegram не говорит мне, "
          "откуда "
          "переслан пост, поэтому ссылка должна быть в нём самом."};
    case Text::kUnclearAddresses:
      return {"Not understood: {}. If it is a channel, write @ before its name.",
              "Не понял: {}. Если это канал, напишите @ перед именем."};
    case Text::kTooManyAddresses:
      return {"I took the first {}. Send the rest in another message.",
              "Взял первые {}. Остальные пришлите следующим сообщением."};
    case Text::kTooManyChannels:
      return {
          "You follow 100 channels, which is as many as I can take. Remove some with /channels.",
          "У вас уже 100 каналов, больше не возьму. Уберите лишние: /channels."};
    case Text::kTrainingOf:
      return {"<b>Post {} of {}</b>", "<b>Пост {} из {}</b>"};
    case Text::kTrainingWaits:
      return {
          "📖 Still reading: {}. I will send the first post as soon as there are enough of them.",
          "📖 Ещё читаю: {}. Пришлю первый пост, как только их наберётся достаточно."};
    case Text::kTrainingReading:
      return {"📖 Still reading: {}", "📖 Ещё читаю: {}"};
    case Text::kTrainingMore:
      return {
          "You have rated {} posts, and I need {}. Your channels have no more of them now: add one "
          "or "
          "two, or come back when there is something new.",
          "Вы оценили постов: {}, а нужно {}. Больше в ваших каналах сейчас нет: добавьте ещё "
          "один-два "
          "или возвращайтесь, когда выйдет новое."};
    case Text::kTrainingDone:
      return {
          "🎉 Done: the feed knows your taste from {} posts. It goes on learning from each of your "
          "reactions.",
          "🎉 Готово: лента знает ваш вкус по постам: {}. Она учится и дальше, на каждой вашей "
          "реакции."};
    case Text::kTrainingEnough:
      return {
          "You have rated all that your channels have to train with. The feed learns from your "
          "reactions there, too.",
          "Вы оценили всё, что есть для обучения. В самой ленте я тоже учусь на ваших реакциях."};
    case Text::kNotTrained:
      return {
          "The feed is not trained yet, so it cannot know your taste: you have rated {} posts of "
          "the "
          "{} that it needs. Rate some first?",
          "Лента ещё не обучена и не знает вашего вкуса: оценено постов {} из {} нужных. Сначала "
          "оценим несколько?"};
    case Text::kFeedHead:
      return {"<b>Your feed</b>", "<b>Ваша лента</b>"};
    case Text::kFeedEmpty:
      return {"Nothing new for you right now. Add channels, or look at what you kept.",
              "Сейчас для вас нет ничего нового. Добавьте каналы или загляните в сохранённое."};
    case Text::kFeedStale:
      return {"The newest post of your channels is {} old.",
              "Самому новому посту уже {}: ваши каналы давно не удаётся прочитать."};
    case Text::kFeedEnd:
      return {"More?", "Ещё?"};
    case Text::kSavedHead:
      return {"<b>What you kept</b>", "<b>Сохранённое</b>"};
    case Text::kSavedEmpty:
      return {"You have kept nothing yet: press 🔖 under a post.",
              "Пока ничего не сохранено: нажмите 🔖 под постом."};
    case Text::kDigestHead:
      return {"<b>The best of the day</b>", "<b>Лучшее за день</b>"};
    case Text::kDigestEmpty:
      return {"Your channels have been quiet in the last day.",
              "За последние сутки в ваших каналах тихо."};
    case Text::kSettingsHead:
      return {
          "<b>How the feed behaves</b>\nNudges: {}\nDigest: {}\nNew things to try: {} of 100 "
          "posts\n"
          "Words left out: {}",
          "<b>Настройки ленты</b>\nНапоминания: {}\nДайджест: {}\nНового на пробу: {} из 100 "
          "постов\n"
          "Скрытые слова: {}"};
    case Text::kSettingsSaved:
      return {"Saved", "Сохранено"};
    case Text::kMuteHelp:
      return {"Write the word behind the command: <code>/mute football</code>. Left out now: {}",
              "Напишите слово после команды: <code>/mute футбол</code>. Сейчас скрыто: {}"};
    case Text::kMuted:
      return {"Posts with “{}” are left out from now on.",
              "Посты со словом «{}» больше не показываются."};
    case Text::kUnmuted:
      return {"Posts with “{}” are shown again.", "Посты со словом «{}» снова показываются."};
    case Text::kNudge:
      return {"This one is for you:", "Кажется, это для вас:"};
    case Text::kOwnerAdded:
      return {
          "I am in your channel <b>{}</b> now. I show its posts, with link and author, to people "
          "who "
          "follow it here, and keep them. I do not learn from their text unless you allow it: then "
          "the feed "
          "can tell people why a post suits them. You can change that at any time, and removing me "
          "takes "
          "it all back.",
          "Я теперь в вашем канале <b>{}</b>. Я показываю его посты со ссылкой и автором тем, кто "
          "на него "
          "здесь подписан, и храню их. На их тексте я не учусь, пока вы не разрешите: тогда лента "
          "сможет "
          "объяснить, почему пост подходит человеку. Это можно изменить в любой момент, а если "
          "убрать "
          "меня из канала, разрешение кончится."};
    case Text::kOwnerRemoved:
      return {"I am not in <b>{}</b> any more; what you allowed is taken back.",
              "Меня больше нет в <b>{}</b>; ваше разрешение отозвано."};
    case Text::kScopeSaved:
      return {"Saved. What may be done with posts of <b>{}</b> from now on: {}.",
              "Сохранено. С постами <b>{}</b> теперь можно: {}."};
    case Text::kScopeNotYours:
      return {"This channel is not yours any more.", "Этот канал больше не ваш."};
    case Text::kLiked:
      return {"👍 More of this", "👍 Больше такого"};
    case Text::kDisliked:
      return {"👎 Less of this", "👎 Меньше такого"};
    case Text::kSkipped:
      return {"⏭ Passed over", "⏭ Пропущено"};
    case Text::kSaved:
      return {"🔖 Kept: /saved", "🔖 Сохранено: /saved"};
    case Text::kTakenBack:
      return {"↩️ Taken back", "↩️ Отменено"};
    case Text::kDrafted:
      return {"📝 A draft in /studio", "📝 Черновик в /studio"};
    case Text::kNothingToUndo:
      return {"There is nothing to take back.", "Отменять нечего."};
    case Text::kGone:
      return {"This post is not there any more.", "Этого поста больше нет."};
    case Text::kPlace:
      return {"Place {} of {}.", "Место {} из {}."};
    case Text::kWhyHead:
      return {"Why this:", "Почему это здесь:"};
    case Text::kAway:
      return {"The feed does not answer right now. Try again in a minute.",
              "Лента сейчас не отвечает. Попробуйте через минуту."};
    case Text::kProposal:
      return {"<b>You may like these, too</b>", "<b>Вам может понравиться ещё</b>"};
    case Text::kNoProposal:
      return {"I know no other channel for you yet.", "Пока не знаю для вас других каналов."};
    case Text::kSuggested:
      return {"You could begin with these; send me those that you like:\n{}",
              "Можно начать с этих; пришлите те, что понравятся:\n{}"};
    case Text::kButtonAdd:
      return {"➕ Add channels", "➕ Добавить каналы"};
    case Text::kButtonTrain:
      return {"🎯 Rate posts", "🎯 Оценить посты"};
    case Text::kButtonFeed:
      return {"📰 Open the feed", "📰 Открыть ленту"};
    case Text::kButtonMore:
      return {"⬇️ More", "⬇️ Ещё"};
    case Text::kButtonChannels:
      return {"📚 Channels", "📚 Каналы"};
    case Text::kButtonSettings:
      return {"⚙️ Settings", "⚙️ Настройки"};
    case Text::kButtonSaved:
      return {"🔖 Kept", "🔖 Сохранённое"};
    case Text::kButtonUndo:
      return {"↩️ Undo", "↩️ Отменить"};
    case Text::kButtonStop:
      return {"⏹ Enough for now", "⏹ Пока хватит"};
    case Text::kButtonEnough:
      return {"✅ That is enough: my feed", "✅ Достаточно: к ленте"};
    case Text::kButtonWhy:
      return {"Why?", "Почему?"};
    case Text::kButtonOpen:
      return {"Open ↗", "Открыть ↗"};
    case Text::kButtonRemove:
      return {"✖️ {}", "✖️ {}"};
    case Text::kButtonPropose:
      return {"💡 Propose some", "💡 Предложить"};
    case Text::kButtonBack:
      return {"◀️ Back", "◀️ Назад"};
    case Text::kButtonOthers:
      return {"💬 Something else", "💬 Другое"};
    case Text::kButtonLater:
      return {"Try again", "Ещё раз"};
    case Text::kButtonNudgesOn:
      return {"Nudges: on", "Напоминания: вкл"};
    case Text::kButtonNudgesOff:
      return {"Nudges: off", "Напоминания: выкл"};
    case Text::kButtonDigestOff:
      return {"Digest: none", "Дайджест: нет"};
    case Text::kButtonDigestAt:
      return {"Digest: {}:00", "Дайджест: {}:00"};
    case Text::kButtonExplore:
      return {"New things: {} %", "Нового: {} %"};
    case Text::kButtonLanguage:
      return {"🌐 English", "🌐 Русский"};
    case Text::kButtonLearn:
      return {"Show, keep and learn", "Показывать, хранить, учиться"};
    case Text::kButtonShowOnly:
      return {"Show and keep", "Показывать и хранить"};
    case Text::kButtonNothing:
      return {"Nothing", "Ничего"};
    case Text::kReasonChannel:
      return {"you like this channel", "вам нравится этот канал"};
    case Text::kReasonWords:
      return {"you like posts about {}", "вам нравятся посты про {}"};
    case Text::kReasonMedia:
      return {"you like such pictures or films", "вам нравятся такие картинки или видео"};
    case Text::kReasonNoMedia:
      return {"you like posts without pictures", "вам нравятся посты без картинок"};
    case Text::kReasonLength:
      return {"you like posts of this length", "вам нравятся посты такой длины"};
    case Text::kReasonTime:
      return {"you like posts of this time of day", "вам нравятся посты этого времени"};
    case Text::kReasonAlike:
      return {"people who like what you like enjoy it", "это нравится тем, у кого вкусы как у вас"};
    case Text::kReasonPopular:
      return {"others like it", "это нравится другим"};
    case Text::kReasonFresh:
      return {"it is new", "это свежий пост"};
    case Text::kReasonExploration:
      return {"to find out whether you like such posts", "чтобы узнать, нравится ли вам такое"};
    case Text::kMedia:
      return {"📎 picture, film or file: open the post to see it",
              "📎 картинка, видео или файл: откройте пост, чтобы посмотреть"};
    case Text::kNoText:
      return {"(no text)", "(без текста)"};
    case Text::kCount:
      break;
  }
  return {"", ""};
}

}  // namespace

std::string_view Phrase(Language language, Text text) {
  const Said said = Of(text);
  return language == Language::kRussian ? said.russian : said.english;
}

std::string Fill(std::string_view phrase, std::initializer_list<std::string_view> values) {
  std::string filled;
  auto value = values.begin();
  for (size_t at = phrase.find("{}"); at != std::string_view::npos; at = phrase.find("{}")) {
    absl::StrAppend(&filled, phrase.substr(0, at));
    if (value != values.end()) absl::StrAppend(&filled, *value++);
    phrase.remove_prefix(at + 2);
  }
  return absl::StrCat(filled, phrase);
}

}  // namespace selfology::feed_dialog
