#include "services/coaching/coaching_dialog/catalogue.h"

#include <algorithm>
#include <iterator>

namespace selfology::coaching_dialog {
namespace {

struct Entry {
  Text text;
  std::string_view english;
  std::string_view russian;
};

// In the order of Text.
constexpr Entry kEntries[] = {
    {Text::kConsentPrompt,
     "👋 <b>Welcome to Selfology!</b>\n\n"
     "I ask you a few questions, learn from your answers what drives you, and then talk with you "
     "as a coach who "
     "knows you.\n\n"
     "For this I need to store and analyse what you write, with the help of AI. You can see your "
     "profile with "
     "/profile and erase everything with /delete at any time; until then I keep it.\n\n"
     "I am a program for adults (18+): no therapist, no doctor and no emergency service. In danger "
     "call 112 or send /sos.\n\n"
     "Is that all right with you?",
     "👋 <b>Добро пожаловать в Selfology!</b>\n\n"
     "Я задам вам несколько вопросов, по ответам пойму, что вами движет, а потом буду говорить "
     "с вами как коуч, который вас знает.\n\n"
     "Для этого мне нужно хранить и анализировать то, что вы пишете, в том числе с помощью ИИ. "
     "Профиль можно "
     "посмотреть командой /profile, а стереть всё — командой /delete, в любой момент; до тех пор я "
     "это храню.\n\n"
     "Я программа для взрослых (18+): не психотерапевт, не врач и не экстренная служба. Если вы в "
     "опасности, звоните 112 или отправьте /sos.\n\n"
     "Вы согласны?"},
    {Text::kWhatIsStored,
     "<b>What I store</b>\n\n• your Telegram ID and language, not your name or phone number;\n• "
     "your answers and our conversation;\n• what I conclude from them: your profile and how it "
     "changes;\n• your decision about all this, and when you made it.\n\nAI providers get your "
     "words to analyse them, without being told whose they are. No person reads along. I keep it "
     "all "
     "until you send /delete, which erases it for good.\n\nWhat you write is looked through for "
     "signs of danger, so that I can show you where there is help. Of that I keep the kind of "
     "danger, not your words, and those who run the service may be told of it.",
     "<b>Что я храню</b>\n\n• ваш идентификатор (ID) в Telegram и язык, но не имя и не телефон;\n• "
     "ваши ответы и наш разговор;\n• мои выводы из них: ваш профиль и то, как он меняется;\n• ваше "
     "решение обо всём этом и когда вы его приняли.\n\nСервисы ИИ получают ваши слова для анализа, "
     "но не знают, чьи они. Люди вашу переписку не читают. Я храню всё это, пока вы не отправите "
     "/delete: эта команда стирает всё навсегда.\n\nВ том, что вы пишете, я ищу признаки "
     "опасности, "
     "чтобы подсказать, где помогут. Об этом я храню только вид опасности, не ваши слова; о "
     "нём могут узнать те, кто отвечает за сервис."},
    {Text::kConsentThanks,
     "Thank you for your trust! There are no right or wrong answers: write as you would to a "
     "friend. Here comes the first question…",
     "Спасибо за доверие! Правильных и неправильных ответов нет: пишите так, как написали бы "
     "другу. Сейчас придёт первый вопрос…"},
    {Text::kConsentDeclined,
     "That is fine. Without your consent I cannot ask or analyse anything, so I keep quiet; /tasks "
     "and /feed are there all the same. If you change your mind, send /start; to erase what I have "
     "stored, send /delete.",
     "Хорошо. Без согласия я не могу ни спрашивать, ни анализировать, поэтому помолчу; /tasks и "
     "/feed есть и так. Передумаете — отправьте /start; захотите стереть то, что я сохранил, — "
     "/delete."},
    {Text::kConsentStands,
     "You have agreed since then, so this button changes nothing. To take your consent back and "
     "have everything erased, send /delete.",
     "С тех пор вы дали согласие, и эта кнопка ничего не меняет. Чтобы отозвать его и всё стереть, "
     "отправьте /delete."},
    {Text::kSessionStarting, "Let us begin! Your first question is on its way…",
     "Начинаем! Сейчас придёт первый вопрос…"},
    {Text::kSessionGoesOn, "We are in the middle of it. Here is where we stopped:",
     "Мы уже начали. Вот на чём остановились:"},
    {Text::kNothingOpen, "Nothing is under way at the moment. Shall we begin?",
     "Сейчас у нас ничего не начато. Начнём?"},
    {Text::kQuestionHeading, "<b>Question $0 of $1</b> · $2", "<b>Вопрос $0 из $1</b> · $2"},
    {Text::kQuestionHeadingUncounted, "<b>Your question</b> · $0", "<b>Ваш вопрос</b> · $0"},
    {Text::kPaused,
     "⏸ Paused. Take your time: your answers are safe. Send /resume when you are ready.",
     "⏸ Пауза. Не торопитесь: ваши ответы сохранены. Будете готовы — отправьте /resume."},
    {Text::kIsPaused,
     "⏸ We are paused, so I did not take this down. Send /resume to go on. Or end the questions, "
     "and we talk: then just write it again.",
     "⏸ У нас пауза, поэтому это сообщение я не записал. Чтобы продолжить, отправьте /resume. А "
     "можно закончить с вопросами и поговорить: тогда просто напишите это ещё раз."},
    {Text::kResumed, "▶️ Welcome back! Let us go on.", "▶️ С возвращением! Продолжаем."},
    {Text::kNextQuestionComing, "The next question is on its way; please answer that one.",
     "Следующий вопрос на подходе; ответьте, пожалуйста, на него."},
    {Text::kWhichQuestion,
     "I cannot tell which question this answers, so I saved nothing. This is the one that waits "
     "for you:",
     "Не могу понять, на какой вопрос это ответ, поэтому ничего не сохранил. Вот вопрос, который "
     "ждёт вашего ответа:"},
    {Text::kQuestionUnavailable,
     "I cannot fetch your question right now. Please send /start in a minute, and I will show it.",
     "Сейчас у меня не получается показать ваш вопрос. Отправьте, пожалуйста, /start через минуту "
     "— и я его покажу."},
    {Text::kAnswerIsThere, "I have your answer to this question already, so I did not add this.",
     "Ваш ответ на этот вопрос уже у меня, и это сообщение я к нему не добавил."},
    {Text::kAnswerIsThereNextComing,
     "I have your answer to this question already, so I did not add this. The next one is on its "
     "way; if it does not come, /start shows it.",
     "Ваш ответ на этот вопрос уже у меня, и это сообщение я к нему не добавил. Следующий вопрос "
     "на подходе, а если не придёт, его покажет /start."},
    {Text::kTimedOut,
     "⏳ You have been away for a while, so I closed our session. $0 saved. Whenever you like, "
     "press the button or send /start, and we begin afresh.",
     "⏳ Вас долго не было, и я закрыл нашу сессию. Сохранено: $0. Когда захотите, нажмите кнопку "
     "или отправьте /start — начнём заново."},
    {Text::kTimedOutUnanswered,
     "⏳ You have been away for a while, so I closed our session. Whenever you like, press the "
     "button or send /start, and we begin afresh.",
     "⏳ Вас долго не было, и я закрыл нашу сессию. Когда захотите, нажмите кнопку или отправьте "
     "/start — начнём заново."},
    {Text::kCompleted,
     "🎉 <b>That was the last question. Thank you!</b>\nYou gave $0. This is a first "
     "picture of you, no more: /profile shows it, and you can correct it there.",
     "🎉 <b>Это был последний вопрос. Спасибо!</b>\nВы дали $0. Это первый набросок, "
     "не больше: он в /profile, и там его можно поправить."},
    {Text::kCompletedUnanswered, "🎉 <b>That was the last question. Thank you!</b>",
     "🎉 <b>Это был последний вопрос. Спасибо!</b>"},
    {Text::kFinished,
     "🎉 <b>All right, we stop here. Thank you!</b>\nYou gave $0. It is a beginning: "
     "/profile shows the little that I can say so far.",
     "🎉 <b>Хорошо, на этом остановимся. Спасибо!</b>\nВы дали $0. Это только начало: в "
     "/profile — то немногое, что пока можно сказать."},
    {Text::kFinishedUnanswered, "🎉 <b>All right, we stop here. Thank you!</b>",
     "🎉 <b>Хорошо, на этом остановимся. Спасибо!</b>"},
    {Text::kCompletedBefore,
     "Good to see you again! You have been through the questions, so just write what is on your "
     "mind. /profile "
     "shows what I have learned about you. New questions are there too, if you like.",
     "Рад снова вас видеть! Вопросы вы уже прошли, так что просто напишите, что у вас на душе. "
     "/profile покажет, "
     "что я о вас узнал. А если хотите, есть и новые вопросы."},
    {Text::kPausedBefore,
     "Good to see you again! Our chat is paused: press the button when you want to talk. New "
     "questions are there too, if you like.",
     "Рад снова вас видеть! Наш разговор на паузе: захотите поговорить — нажмите кнопку. А если "
     "хотите, есть и новые вопросы."},
    {Text::kProfileHeading, "<b>Your profile so far</b>", "<b>Ваш профиль на сегодня</b>"},
    {Text::kProfileInterests, "What you have written about most: $0",
     "Чаще всего в ваших ответах: $0"},
    {Text::kProfileComing,
     "I am still thinking about your answers: /profile will show the result in a minute.",
     "Я ещё думаю над вашими ответами: через минуту результат покажет /profile."},
    {Text::kTalkToMe,
     "💬 From now on I am your coach. Write to me about anything that is on your mind.",
     "💬 Теперь я ваш коуч. Пишите мне обо всём, что у вас на душе."},
    {Text::kNoProfileYet,
     "I do not know enough about you yet. A few answers, and your profile appears here.",
     "Пока я знаю о вас слишком мало. Несколько ответов — и здесь появится ваш профиль."},
    {Text::kChatPaused, "⏸ All right, I am silent now. Send /resume when you want to talk.",
     "⏸ Хорошо, умолкаю. Захотите поговорить — отправьте /resume."},
    {Text::kChatIsPaused, "⏸ Our chat is paused, so I have not read this. Send /resume to go on.",
     "⏸ Наш разговор на паузе, и этого сообщения я не читал. Чтобы продолжить, отправьте /resume."},
    {Text::kChatResumed, "▶️ I am listening. What is on your mind?",
     "▶️ Слушаю вас. Что у вас на душе?"},
    {Text::kChatEnded, "Thank you for the talk! Write whenever you like, and we begin a new one.",
     "Спасибо за разговор! Пишите, когда захочется, — начнём новый."},
    {Text::kNothingToPause, "There is nothing to pause right now.",
     "Сейчас нечего ставить на паузу."},
    {Text::kNothingToResume, "Nothing is paused. /start shows where we are.",
     "Ничего не стоит на паузе. /start покажет, на чём мы остановились."},
    {Text::kNothingToFinish, "There is nothing to finish right now.", "Сейчас нечего завершать."},
    {Text::kNoTalkToFinish,
     "We are not talking at the moment, so there is nothing to finish. Write whenever you like; "
     "with /pause I keep quiet until you are back.",
     "Сейчас у нас нет разговора, и завершать нечего. Пишите, когда захочется; после /pause я "
     "помолчу, пока вы не вернётесь."},
    {Text::kNothingToSkip, "There is no question to skip right now.",
     "Сейчас нет вопроса, который можно пропустить."},
    {Text::kHelp,
     "I ask up to ten questions, you answer in your own words, and I learn "
     "what drives you. "
     "Then write to me as to a coach.",
     "Я задаю до десяти вопросов, вы отвечаете своими словами, и я "
     "понимаю, что вами "
     "движет. Потом пишите мне как коучу."},
    {Text::kChooseLanguage, "Which language shall we speak?", "На каком языке будем говорить?"},
    {Text::kLanguageChosen, "We speak English now.", "Теперь говорим по-русски."},
    {Text::kDeleteWarning,
     "⚠️ This erases <b>everything</b>, in all of Selfology: your answers, our conversation, your "
     "profile and its history, and your consent, but also your tasks, points and badges, your feed "
     "and your posts. It cannot be undone. To forget single things there is /memory. Are you sure?",
     "⚠️ Это сотрёт <b>всё</b>, во всём Selfology: ответы, наш разговор, профиль и его историю, "
     "ваше согласие, а ещё задачи, очки и значки, вашу ленту и посты. Вернуть ничего будет нельзя. "
     "Забыть что-то одно можно в /memory. Вы уверены?"},
    {Text::kDeleted,
     "Everything about you has been erased. Thank you for the time together! /start begins anew.",
     "Всё, что касалось вас, стёрто. Спасибо за это время! /start — начать заново."},
    {Text::kDeleteCancelled, "Nothing was erased.", "Ничего не стёрто."},
    {Text::kDeleteIncomplete,
     "I could not erase everything: a part of the service is not available. Please send /delete "
     "again in a few "
     "minutes; what is gone stays gone.",
     "Стереть удалось не всё: часть сервиса сейчас недоступна. Отправьте /delete ещё раз через "
     "несколько минут; "
     "стёртое уже не вернётся."},
    {Text::kCannotReadPicture, "I cannot look at pictures yet. Could you put it into words?",
     "Смотреть картинки я пока не умею. Опишете словами?"},
    {Text::kCannotReadVoice, "I cannot listen to recordings yet. Could you write it to me?",
     "Слушать записи я пока не умею. Напишете мне?"},
    {Text::kCannotReadSticker, "Nice one! Words tell me more, though.",
     "Славный стикер! Но слова скажут мне больше."},
    {Text::kCannotReadOther, "I can only read text. Could you write it to me?",
     "Я умею читать только текст. Напишете мне?"},
    {Text::kPictureUnseen, "I read the words; the picture itself I cannot look at yet.",
     "Слова я прочитал, а на саму картинку смотреть пока не умею."},
    {Text::kRecordingUnheard, "I read the words; the recording itself I cannot listen to yet.",
     "Слова я прочитал, а саму запись слушать пока не умею."},
    {Text::kFileUnread, "I read the words; the rest of your message I cannot open yet.",
     "Слова я прочитал, а остальное в вашем сообщении открывать пока не умею."},
    {Text::kEditsUnseen,
     "I keep messages as they were first sent and do not see edits. To add something, send it as a "
     "new message.",
     "Я храню сообщения такими, какими они пришли, и правок не вижу. Чтобы что-то добавить, "
     "отправьте новое "
     "сообщение."},
    {Text::kAnswerEdited,
     "Your answer stands as you first wrote it. If something is missing, add it to your next "
     "message.",
     "Ваш ответ засчитан таким, каким вы его сначала написали. Если чего-то не хватает, добавьте "
     "это в следующее сообщение."},
    {Text::kTooShort,
     "That is a little short for me. Could you tell me more, in a sentence or two?",
     "Этого маловато. Расскажете чуть больше, в одном-двух предложениях?"},
    {Text::kTooLong,
     "That is too long: I can take 4,096 characters, and this has $0. Nothing was saved; please "
     "send a shorter "
     "version.",
     "Это слишком длинно: я принимаю до 4096 знаков, а здесь $0. Ничего не сохранено; отправьте, "
     "пожалуйста, "
     "покороче."},
    {Text::kNotUnderstood, "I could not make sense of that, so nothing was saved.",
     "Это я не смог разобрать и ничего не сохранил."},
    {Text::kSessionTooShort,
     "Not quite yet: for a profile I need $0. There is no hurry: after /pause everything waits for "
     "you. Or we end here all the same, and talk.",
     "Пока рано: до профиля осталось дать $0. Торопиться некуда: после /pause всё вас подождёт. А "
     "можно закончить и сейчас — и поговорить."},
    {Text::kNoSession, "We have no open session. Send /start, and we begin.",
     "У нас нет открытой сессии. Отправьте /start, и мы начнём."},
    {Text::kNoQuestion,
     "This question is closed already, so nothing was saved. Please answer the latest one.",
     "Этот вопрос уже закрыт, и ничего не сохранено. Ответьте, пожалуйста, на последний."},
    {Text::kNoOtherQuestion,
     "I have no other question left. Please answer this one, or send /finish.",
     "Других вопросов у меня не осталось. Ответьте, пожалуйста, на этот или отправьте /finish."},
    {Text::kConsentFirst,
     "Without your consent I neither keep nor answer what you write here; /tasks and /feed work "
     "without it. If you change your mind, send /start.",
     "Без вашего согласия я не храню то, что вы здесь пишете, и не отвечаю на это; /tasks и /feed "
     "работают и без него. Передумаете — отправьте /start."},
    {Text::kUnavailable,
     "Something on my side is not working right now. I saved nothing; please try again in a "
     "minute.",
     "Что-то на моей стороне сейчас не работает. Я ничего не сохранил; попробуйте, пожалуйста, ещё "
     "раз через минуту."},
    {Text::kUncertain,
     "It took too long on my side, and I cannot tell whether this was saved. Please try again in a "
     "minute.",
     "На моей стороне это заняло слишком много времени, и я не знаю, сохранилось ли. Попробуйте, "
     "пожалуйста, ещё раз через минуту."},
    {Text::kOurFault,
     "Something went wrong on my side, and nothing was saved. We will look into it.",
     "Что-то пошло не так на моей стороне, и ничего не сохранено. Мы разберёмся."},
    {Text::kButtonAgree, "✅ I agree", "✅ Даю согласие"},
    {Text::kButtonWhatIsStored, "What is stored?", "Что хранится?"},
    {Text::kButtonDecline, "No, thanks", "Нет, спасибо"},
    {Text::kButtonBegin, "Begin", "Начать"},
    {Text::kButtonBeginAgain, "New questions", "Новые вопросы"},
    {Text::kButtonResume, "▶️ Go on", "▶️ Продолжить"},
    {Text::kButtonDeleteAll, "Erase everything", "Стереть всё"},
    {Text::kButtonKeep, "Keep it", "Оставить"},
    {Text::kStaleButton, "This button is no longer in use.", "Эта кнопка больше не действует."},
    {Text::kLanguageName, "English", "Русский"},
    {Text::kTitle, "Questions and coach", "Вопросы и коуч"},
    {Text::kMenuStart, "Begin, or see where we are", "Начать или посмотреть, на чём остановились"},
    {Text::kMenuPause, "Take a break", "Сделать перерыв"},
    {Text::kMenuResume, "Go on after a break", "Продолжить после перерыва"},
    {Text::kMenuSkip, "Get another question", "Получить другой вопрос"},
    {Text::kMenuFinish, "Finish the questions or the talk", "Завершить вопросы или разговор"},
    {Text::kMenuProfile, "What I know about you", "Что я о вас знаю"},
    {Text::kMenuLanguage, "English or Russian", "Русский или английский"},
    {Text::kMenuDelete, "Erase everything about you", "Стереть всё о вас"},
};

struct Named {
  std::string_view name;
  std::string_view english;
  std::string_view russian;
};

constexpr Named kDomains[] = {
    {"IDENTITY", "Identity", "Кто я"},
    {"EMOTIONS", "Emotions", "Чувства"},
    {"RELATIONSHIPS", "Relationships", "Отношения"},
    {"GROWTH", "Growth", "Развитие"},
    {"WORK", "Work", "Работа"},
    {"MONEY", "Money", "Деньги"},
    {"HEALTH", "Health", "Здоровье"},
    {"CREATIVITY", "Creativity", "Творчество"},
    {"VALUES", "Values", "Ценности"},
    {"SPIRITUALITY", "Spirituality", "Духовность"},
    {"PAST", "Past", "Прошлое"},
    {"FUTURE", "Future", "Будущее"},
};

constexpr Named kTraits[] = {
    {"openness", "Openness", "Открытость новому"},
    {"conscientiousness", "Conscientiousness", "Собранность"},
    {"extraversion", "Extraversion", "Общительность"},
    {"agreeableness", "Agreeableness", "Доброжелательность"},
    {"neuroticism", "Sensitivity to stress", "Чувствительность к стрессу"},
};

template <size_t kSize>
std::string_view NameIn(const Named (&names)[kSize], Language language, std::string_view name) {
  const auto* const found = std::find_if(std::begin(names), std::end(names),
                                         [name](const Named& known) { return known.name == name; });
  if (found == std::end(names)) return "";
  return language == Language::kRussian ? found->russian : found->english;
}

constexpr bool InOrder() {
  for (size_t i = 0; i < std::size(kEntries); ++i) {
    if (kEntries[i].text != static_cast<Text>(i)) return false;
  }
  return kEntries[std::size(kEntries) - 1].text == Text::kMenuDelete;
}
static_assert(InOrder(), "every Text has its entry, in the order of the enum");

}  // namespace

std::string_view Phrase(Language language, Text text) {
  const Entry& entry = kEntries[static_cast<size_t>(text)];
  return language == Language::kRussian ? entry.russian : entry.english;
}

std::string_view DomainName(Language language, std::string_view domain) {
  return NameIn(kDomains, language, domain);
}

std::string_view TraitName(Language language, std::string_view trait) {
  return NameIn(kTraits, language, trait);
}

}  // namespace selfology::coaching_dialog
