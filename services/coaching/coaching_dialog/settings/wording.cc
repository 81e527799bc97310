#include "services/coaching/coaching_dialog/settings/wording.h"

#include <iterator>

namespace selfology::coaching_dialog {
namespace {

struct Entry {
  Wording wording;
  std::string_view english;
  std::string_view russian;
};

// In the order of Wording.
constexpr Entry kEntries[] = {
    {Wording::kSettingsTitle, "⚙️ <b>Settings</b>", "⚙️ <b>Настройки</b>"},
    {Wording::kLineLanguage, "Language: $0", "Язык: $0"},
    {Wording::kLineAddress, "Form of address: $0", "Обращение: $0"},
    {Wording::kLineReminders, "Reminders: $0", "Напоминания: $0"},
    {Wording::kLineZone, "Time zone: $0, it is $1 there", "Часовой пояс: $0, сейчас там $1"},
    {Wording::kLineNoZone, "Time zone: not chosen, so I go by UTC",
     "Часовой пояс: не выбран, считаю по UTC"},
    {Wording::kLineQuiet, "Quiet hours: $0–$1", "Тихие часы: $0–$1"},
    {Wording::kLineNoQuiet, "Quiet hours: none", "Тихие часы: нет"},
    {Wording::kLineStatements, "One-tap statements between questions: $0",
     "Утверждения с ответом в одно касание: $0"},
    {Wording::kLineHeavy, "Heavy questions: $0", "Тяжёлые вопросы: $0"},
    {Wording::kRemindersDaily, "at $0, once a day at most", "в $0, не чаще раза в день"},
    {Wording::kRemindersSeldom, "at $0, once in $1 at most", "в $0, не чаще раза в $1"},
    {Wording::kOn, "on", "включены"},
    {Wording::kOff, "off", "выключены"},
    {Wording::kAddressAsYou, "as you address me", "как вы ко мне"},
    {Wording::kAddressFormal, "formal", "на «вы»"},
    {Wording::kAddressInformal, "informal", "на «ты»"},
    {Wording::kHeavyAsk, "I ask first", "сначала спрашиваю, можно ли"},
    {Wording::kHeavyWelcome, "welcome", "можно без предупреждения"},
    {Wording::kChooseTime, "At what time may I remind you?", "В какое время напоминать?"},
    {Wording::kChooseZone,
     "What time is it where you are? Press the button that shows it. Any other zone can be set in "
     "words: <code>/settings Asia/Tokyo</code>",
     "Который час там, где вы? Нажмите кнопку с этим временем. Любой другой пояс можно задать "
     "словами: <code>/settings Asia/Tokyo</code>"},
    {Wording::kChooseQuiet, "When should I keep quiet?", "Когда мне молчать?"},
    {Wording::kChooseAddress, "How shall I address you?", "Как к вам обращаться?"},
    {Wording::kUnknownZone,
     "I do not know a time zone called “$0”. Names look like Europe/Berlin or Asia/Tokyo.",
     "Не знаю часового пояса «$0». Названия выглядят так: Europe/Moscow, Asia/Tokyo."},
    {Wording::kSettingsDone, "⚙️ Saved. /settings opens this again.",
     "⚙️ Сохранено. Снова открыть настройки: /settings."},
    {Wording::kReminderOffer,
     "Would you like me to check in now and then, with one short message? If so, choose a time; "
     "once a day is the most, and one button stops it.",
     "Хотите, чтобы я время от времени писал вам одно короткое сообщение — узнать, как дела? "
     "Если да, выберите время. Чаще раза в день не будет, а выключить можно одной кнопкой."},
    {Wording::kReminderOfferDeclined,
     "All right, I will not write first. /settings can change that.",
     "Хорошо, первым писать не буду. Передумаете — загляните в /settings."},
    {Wording::kRemindersOn, "Good: I may write at $0. /settings changes it.",
     "Договорились: могу написать в $0. Изменить можно в /settings."},
    {Wording::kRemindersOnNoZone,
     "Good: I may write at $0. So that it is $0 for you, tell me your time zone:",
     "Договорились: могу написать в $0. Чтобы это было $0 по вашим часам, подскажите часовой "
     "пояс:"},
    {Wording::kRemindersFewer, "Fine, less often: once in $0 at most. /settings changes it.",
     "Хорошо, буду писать реже: не чаще раза в $0. Изменить можно в /settings."},
    {Wording::kRemindersOff, "Done, no more reminders. /settings switches them on again.",
     "Готово, больше не напоминаю. Включить снова можно в /settings."},
    {Wording::kPrivacy,
     "🔒 <b>Your data</b>\n\n"
     "<b>What I keep, and what for</b>\n"
     "• your Telegram ID, language and settings — to write to you at all, and when it suits you;\n"
     "• your answers and our conversation — so that I can take up what you said;\n"
     "• what follows from them: profile, memory, plan — shown in /profile and /memory;\n"
     "• the moods you tap in /mood — for your own chart;\n"
     "• your tasks, points and badges — for your lists and your level; others see points in /top, "
     "under a number and without your name;\n"
     "• your channels and how you rated posts — so that the feed fits you;\n"
     "• your decision about all this.\n\n"
     "<b>How long</b>\nUntil you erase it.\n\n"
     "<b>Who reads it</b>\nNo person reads along. AI providers get your words to analyse them, "
     "without being told whose they are. Of signs of danger I keep the kind, not the words, and "
     "those who run the service may be told of it.\n\n"
     "<b>What you can do</b>\n/export gives you everything as files, /memory shows and forgets "
     "single things, /delete erases all of it for good.",
     "🔒 <b>Ваши данные</b>\n\n"
     "<b>Что я храню и зачем</b>\n"
     "• ваш ID в Telegram, язык и настройки — чтобы писать вам, и в удобное время;\n"
     "• ваши ответы и наш разговор — чтобы помнить, о чём вы говорили;\n"
     "• выводы из них: профиль, память, план — их показывают /profile и /memory;\n"
     "• настроение, которое вы отмечаете в /mood, — для вашего же графика;\n"
     "• ваши задачи, очки и значки — для ваших списков и уровня; другие видят очки в /top, под "
     "номером и без имени;\n"
     "• ваши каналы и оценки постов — чтобы лента была по вам;\n"
     "• ваше решение обо всём этом.\n\n"
     "<b>Как долго</b>\nПока вы это не сотрёте.\n\n"
     "<b>Кто это читает</b>\nЛюди вашу переписку не читают. Сервисы ИИ получают ваши слова для "
     "анализа, но не знают, чьи они. О признаках опасности я храню только их вид, без слов; о нём "
     "могут узнать те, кто отвечает за сервис.\n\n"
     "<b>Что можно сделать</b>\n/export выдаст всё файлами, /memory покажет и забудет отдельные "
     "вещи, /delete сотрёт всё навсегда."},
    {Wording::kExportCaption,
     "Everything that is kept about you: one file to read in a browser, one for programs. Take "
     "care whom you pass them on to.",
     "Всё, что о вас хранится: один файл — чтобы читать в браузере, другой — для программ. Будьте "
     "осторожны, кому вы их передаёте."},
    {Wording::kExportTooSoon, "You have just had an export. The next one can be made in $0.",
     "Вы только что получили выгрузку. Следующую можно сделать через $0."},
    {Wording::kExportFailed,
     "I could not collect everything just now, and half an export would be no export, so I send "
     "none. Please try /export again in a few minutes.",
     "Сейчас не получилось собрать всё, а половина выгрузки никому не нужна — поэтому не отправляю "
     "ничего. Попробуйте, пожалуйста, /export ещё раз через несколько минут."},
    {Wording::kLinkHow,
     "🔗 To use this chat and a web account as one, log in on the web, ask for a code there, and "
     "send it to me within ten minutes: <code>/link CODE</code>",
     "🔗 Чтобы этот чат и аккаунт на сайте стали одним, войдите на сайте, получите там код и в "
     "течение десяти минут отправьте его мне: <code>/link КОД</code>"},
    {Wording::kLinked,
     "🔗 This chat and your web account are one now. On the web, please log in again.",
     "🔗 Этот чат и ваш аккаунт на сайте теперь одно. На сайте войдите, пожалуйста, ещё раз."},
    {Wording::kLinkedAlready,
     "This chat, or that web account, is linked already, so I changed nothing.",
     "Этот чат или тот аккаунт на сайте уже связан, поэтому я ничего не менял."},
    {Wording::kLinkCodeInvalid,
     "This code is not valid. A code is good once, and for ten minutes: please ask for a new one "
     "on the web.",
     "Этот код не подходит. Код действует один раз и десять минут: получите, пожалуйста, новый на "
     "сайте."},
    {Wording::kLinkUncertain,
     "I cannot tell right now whether it worked. If I do not confirm it in a few minutes, please "
     "ask for a new code on the web.",
     "Сейчас не могу сказать, получилось ли. Если через несколько минут я этого не подтвержу, "
     "получите, пожалуйста, новый код на сайте."},
    {Wording::kLinkChoose,
     "🔗 There is something of yours both here and on the web. They cannot be mixed: which shall "
     "stay? The other is put into a file that you can download on the web for seven days, and is "
     "then erased.",
     "🔗 Ваши данные есть и здесь, и на сайте, а смешать их нельзя. Что оставить? Остальное я "
     "сложу в файл, который семь дней можно скачать на сайте, а потом сотру."},
    {Wording::kLinkChatStays, "🔗 What is here stays.", "🔗 Остаётся то, что здесь."},
    {Wording::kLinkWebStays, "🔗 What is on the web stays.", "🔗 Остаётся то, что на сайте."},
    {Wording::kMemoryTitle, "🧠 <b>What I remember</b>", "🧠 <b>Что я помню</b>"},
    {Wording::kMemoryEmpty,
     "🧠 I remember nothing in particular yet. People, dates, promises and goals that you mention "
     "when we talk will stand here.",
     "🧠 Пока я ничего особенного не запомнил. Здесь появятся люди, даты, обещания и цели, которые "
     "вы упомянете в разговоре."},
    {Wording::kMemoryPersons, "<b>People</b>", "<b>Люди</b>"},
    {Wording::kMemoryDates, "<b>Dates</b>", "<b>Даты</b>"},
    {Wording::kMemoryPromises, "<b>Promises</b>", "<b>Обещания</b>"},
    {Wording::kMemoryGoals, "<b>Goals</b>", "<b>Цели</b>"},
    {Wording::kMemoryFacts, "<b>Other</b>", "<b>Прочее</b>"},
    {Wording::kMemoryPlan, "<b>Plan:</b> $0", "<b>План:</b> $0"},
    {Wording::kForgetAllWarning,
     "Forget everything on this list, the plan included? It cannot be undone. Your answers and our "
     "conversation stay.",
     "Забыть всё из этого списка вместе с планом? Вернуть будет нельзя. Ответы и разговор "
     "останутся."},
    {Wording::kForgotten, "🧠 Forgotten.", "🧠 Всё забыто."},
    {Wording::kMemoryClosed, "🧠 /memory opens this again.", "🧠 Снова открыть: /memory."},
    {Wording::kMemoryUnavailable,
     "I cannot get at my memory right now. Please try again in a minute.",
     "Сейчас не могу заглянуть в память. Попробуйте, пожалуйста, через минуту."},
    {Wording::kMoodQuestion, "How are you today?", "Как вы сегодня?"},
    {Wording::kMoodTaken, "$0 Noted. The last two weeks:", "$0 Записано. Последние две недели:"},
    {Wording::kMoodStreak, "$0 in a row.", "$0 подряд."},
    {Wording::kMoodConsentFirst,
     "I keep moods only with your consent. /start explains what that means.",
     "Настроение я храню только с вашего согласия. Что это значит, объяснит /start."},
    {Wording::kWhyTitle, "🔎 <b>What this rests on</b>", "🔎 <b>На чём это основано</b>"},
    {Wording::kWhyQuote, "“$0”", "«$0»"},
    {Wording::kWhyStatement, "how you rated “$0”", "ваша оценка утверждения «$0»"},
    {Wording::kWhyCorrection, "what you said about it yourself", "то, что вы сами об этом сказали"},
    {Wording::kWhyNothing, "many small signs, none of which says much alone",
     "много мелких признаков, каждый из которых сам по себе говорит мало"},
    {Wording::kFitTitle,
     "Does this fit you? Press what is true: ✓ it fits, or I am rather less or more so. What you "
     "say yourself counts more than what I read.",
     "Это про вас? Нажмите, как есть: ✓ подходит, или во мне этого меньше либо больше. Ваше слово "
     "важнее того, что я вычитал."},
    {Wording::kFitTaken, "Taken down: <b>$0</b>.", "Записал: <b>$0</b>."},
    {Wording::kFitDone, "All right. /profile shows it again.",
     "Хорошо. Посмотреть снова: /profile."},
    {Wording::kProfileTitle, "Your profile so far", "Ваш профиль на сегодня"},
    {Wording::kProfileFooter,
     "The farther from the centre, the stronger; the bold ring is the middle. A long bar means "
     "that "
     "I am less sure.",
     "Чем дальше от центра, тем сильнее выражено; жирное кольцо — середина. Чем длиннее полоска, "
     "тем меньше уверенности."},
    {Wording::kProfileUnknown, "not known yet", "пока неизвестно"},
    {Wording::kProfileLikely, "likely", "скорее всего"},
    {Wording::kProfileSure, "quite sure", "почти наверняка"},
    {Wording::kCancelled, "Closed, nothing else changes.", "Закрыто, больше ничего не меняется."},
    {Wording::kNothingToCancel,
     "Nothing is open that could be cancelled. /pause pauses the questions or the talk, and "
     "/delete erases everything.",
     "Сейчас отменять нечего. Приостановить вопросы или разговор — /pause, стереть всё — /delete."},
    {Wording::kButtonLanguage, "Language", "Язык"},
    {Wording::kButtonAddress, "Form of address", "Обращение"},
    {Wording::kButtonRemindersOn, "Turn reminders on", "Включить напоминания"},
    {Wording::kButtonRemindersOff, "Turn reminders off", "Выключить напоминания"},
    {Wording::kButtonTime, "Time of reminders", "Время напоминаний"},
    {Wording::kButtonZone, "Time zone", "Часовой пояс"},
    {Wording::kButtonQuiet, "Quiet hours", "Тихие часы"},
    {Wording::kButtonNoQuiet, "None", "Без тихих часов"},
    {Wording::kButtonStatementsOn, "Turn statements on", "Включить утверждения"},
    {Wording::kButtonStatementsOff, "Turn statements off", "Выключить утверждения"},
    {Wording::kButtonHeavyOn, "Heavy questions without asking", "Тяжёлые вопросы — без спроса"},
    {Wording::kButtonHeavyOff, "Ask before heavy questions", "Сначала спрашивать о тяжёлых"},
    {Wording::kButtonBack, "‹ Back", "‹ Назад"},
    {Wording::kButtonDone, "Done", "Готово"},
    {Wording::kButtonFewer, "Fewer", "Реже"},
    {Wording::kButtonStop, "Stop reminders", "Не напоминать"},
    {Wording::kButtonNoReminders, "No, thank you", "Нет, спасибо"},
    {Wording::kButtonExport, "Export my data", "Выгрузить мои данные"},
    {Wording::kButtonErase, "Erase everything", "Стереть всё"},
    {Wording::kButtonLinkKeepChat, "Keep what is here", "Оставить то, что здесь"},
    {Wording::kButtonLinkKeepWeb, "Keep what is on the web", "Оставить то, что на сайте"},
    {Wording::kButtonForgetAll, "Forget everything", "Забыть всё"},
    {Wording::kButtonForgetAllYes, "Yes, forget it", "Да, забыть"},
    {Wording::kButtonForgetPlan, "🗑 Plan", "🗑 План"},
    {Wording::kButtonStepDone, "✅ Step $0", "✅ Шаг $0"},
    {Wording::kButtonWhy, "Why?", "Почему так?"},
    {Wording::kButtonFit, "Does this fit?", "Это про меня?"},
    {Wording::kButtonLess, "less", "меньше"},
    {Wording::kButtonMore, "more", "больше"},
    {Wording::kMenuSettings, "Language, reminders, quiet hours", "Язык, напоминания, тихие часы"},
    {Wording::kMenuMemory, "What I remember, and forgetting it", "Что я помню и как это забыть"},
    {Wording::kMenuMood, "How you are today", "Отметить настроение"},
    {Wording::kMenuPrivacy, "What is kept about you, and why", "Что о вас хранится и зачем"},
    {Wording::kMenuExport, "All your data as files", "Все ваши данные файлами"},
    {Wording::kMenuLink, "Link a web account", "Связать с аккаунтом на сайте"},
    {Wording::kMenuCancel, "Close what is open", "Закрыть открытое меню"},
    {Wording::kPageTitle, "Your data at Selfology", "Ваши данные в Selfology"},
    {Wording::kPageMadeAt, "As of $0 (UTC)", "На $0 (UTC)"},
    {Wording::kPageAnswers, "Questions and answers", "Вопросы и ответы"},
    {Wording::kPageConversation, "Conversation", "Разговор"},
    {Wording::kPageMemory, "Memory", "Память"},
    {Wording::kPagePlan, "Plan", "План"},
    {Wording::kPageMoods, "Moods", "Настроение"},
    {Wording::kPageTraits, "Profile and traits", "Профиль и черты"},
    {Wording::kPageConsent, "Consent", "Согласие"},
    {Wording::kPageSettings, "Settings", "Настройки"},
    {Wording::kPageOther, "Everything else, as it is stored", "Всё остальное, как оно хранится"},
    {Wording::kPageYou, "You", "Вы"},
    {Wording::kPageCoach, "Coach", "Коуч"},
    {Wording::kPageNothing, "Nothing is kept about you.", "О вас ничего не хранится."},
    {Wording::kPageDone, "done", "сделано"},
};

constexpr bool AreInOrder() {
  for (size_t i = 0; i < std::size(kEntries); ++i) {
    if (kEntries[i].wording != static_cast<Wording>(i)) return false;
  }
  return std::size(kEntries) == static_cast<size_t>(Wording::kPageDone) + 1;
}
static_assert(AreInOrder());

}  // namespace

std::string_view Phrase(Language language, Wording wording) {
  const Entry& entry = kEntries[static_cast<size_t>(wording)];
  return language == Language::kRussian ? entry.russian : entry.english;
}

}  // namespace selfology::coaching_dialog
