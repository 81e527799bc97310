#include "services/platform/notification/decisions/kinds.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/text/text.h"

namespace selfology::notification {
namespace {

constexpr int kEmail = Bit(v1::CHANNEL_EMAIL);
constexpr int kPush = Bit(v1::CHANNEL_PUSH);
constexpr int kTelegram = Bit(v1::CHANNEL_TELEGRAM);

constexpr size_t kLongestName = 64;
constexpr int kMostParameters = 50;
constexpr int kLongestValue = 4000;

constexpr Kind kGeneric = {.name = "generic",
                           .topic = "general",
                           .channels = kPush | kTelegram,
                           .parameters = "title",
                           .english = {"{{title}}", "{{text}}", "Open"},
                           .russian = {"{{title}}", "{{text}}", "Открыть"}};

constexpr Kind kKinds[] = {
    kGeneric,
    {.name = "account.recovery",
     .topic = "security",
     .priority = v1::PRIORITY_URGENT,
     .channels = kEmail,
     .parameters = "code",
     .in_inbox = false,
     .is_secret = true,
     .english = {"A new password",
                 "Your code to set a new password: {{code}}\n\nIt is good for half an hour. If you "
                 "did not ask for it, there is nothing to do.",
                 ""},
     .russian = {"Новый пароль",
                 "Код, чтобы задать новый пароль: {{code}}\n\nОн действует полчаса. Если вы его не "
                 "просили, ничего делать не нужно.",
                 ""}},
    {.name = "account.verification",
     .topic = "security",
     .priority = v1::PRIORITY_URGENT,
     .channels = kEmail,
     .parameters = "code",
     .in_inbox = false,
     .is_secret = true,
     .english = {"Confirm your address",
                 "Your code to confirm the address: {{code}}\n\nIt is good for a day.", ""},
     .russian = {"Подтвердите адрес",
                 "Код для подтверждения адреса: {{code}}\n\nОн действует сутки.", ""}},
    {.name = "achievement.unlocked",
     .topic = "achievements",
     .channels = kPush,
     .parameters = "name",
     .english = {"Achievement unlocked: {{name}}", "{{text}}", "See it"},
     .russian = {"Новое достижение: {{name}}", "{{text}}", "Посмотреть"}},
    {.name = "analytics.threshold",
     .topic = "analytics",
     .channels = kPush | kEmail,
     .parameters = "metric,value",
     .english = {"{{metric}} has reached {{value}}", "{{text}}", "See the numbers"},
     .russian = {"{{metric}}: достигнуто {{value}}", "{{text}}", "Посмотреть цифры"}},
    {.name = "challenge.finished",
     .topic = "challenges",
     .channels = kPush | kTelegram,
     .parameters = "name",
     .english = {"The challenge “{{name}}” is over", "{{text}}", "See the result"},
     .russian = {"Испытание «{{name}}» завершено", "{{text}}", "Посмотреть итог"}},
    {.name = "challenge.invited",
     .topic = "challenges",
     .channels = kPush | kTelegram,
     .parameters = "name",
     .english = {"You are invited to the challenge “{{name}}”", "{{text}}", "Take part"},
     .russian = {"Вас приглашают в испытание «{{name}}»", "{{text}}", "Участвовать"}},
    {.name = "connection.failing",
     .topic = "integrations",
     .priority = v1::PRIORITY_HIGH,
     .channels = kPush | kEmail,
     .parameters = "provider",
     .english =
         {"The connection to {{provider}} does not work",
          "{{provider}} no longer lets us in. Connect it again, so that nothing stays undone.",
          "Connect again"},
     .russian = {"Связь с {{provider}} не работает",
                 "{{provider}} больше не пускает нас. Подключите его снова, чтобы ничего не "
                 "осталось несделанным.",
                 "Подключить снова"}},
    {.name = "content.failed",
     .topic = "content",
     .priority = v1::PRIORITY_HIGH,
     .channels = kPush | kEmail,
     .parameters = "title,platform",
     .english = {"“{{title}}” could not be published on {{platform}}", "{{text}}", "See why"},
     .russian = {"«{{title}}» не удалось опубликовать: {{platform}}", "{{text}}", "Почему"}},
    {.name = "content.published",
     .topic = "content",
     .channels = kPush,
     .parameters = "title,platform",
     .english = {"“{{title}}” is on {{platform}}", "{{text}}", "Open"},
     .russian = {"«{{title}}» опубликовано: {{platform}}", "{{text}}", "Открыть"}},
    {.name = "digest",
     .topic = "digests",
     .channels = kEmail | kPush,
     .parameters = "count,lines",
     .in_inbox = false,
     .english = {"News for you: {{count}}", "{{lines}}", "Open the inbox"},
     .russian = {"Новое для вас: {{count}}", "{{lines}}", "Открыть входящие"}},
    {.name = "file.rejected",
     .topic = "files",
     .channels = kPush,
     .parameters = "name",
     .english = {"The file “{{name}}” was not taken", "{{text}}", "See why"},
     .russian = {"Файл «{{name}}» не принят", "{{text}}", "Почему"}},
    {.name = "level.reached",
     .topic = "achievements",
     .channels = kPush,
     .parameters = "level",
     .english = {"You have reached level {{level}}", "{{text}}", "See it"},
     .russian = {"Вы достигли уровня {{level}}", "{{text}}", "Посмотреть"}},
    {.name = "payment.failed",
     .topic = "billing",
     .priority = v1::PRIORITY_HIGH,
     .channels = kEmail | kPush,
     .parameters = "",
     .english =
         {"Your payment did not come through",
          "We could not collect the payment for your subscription. Please check how you pay, "
          "so that it goes on.",
          "Check the payment"},
     .russian = {"Платёж не прошёл",
                 "Не удалось получить оплату подписки. Проверьте способ оплаты, чтобы она "
                 "продолжалась.",
                 "Проверить оплату"}},
    {.name = "queue.backlog",
     .topic = "operations",
     .priority = v1::PRIORITY_HIGH,
     .channels = kEmail | kTelegram,
     .parameters = "queue,waiting",
     .english = {"The queue {{queue}} has {{waiting}} jobs waiting", "{{text}}", "Open"},
     .russian = {"В очереди {{queue}} ждут задания: {{waiting}}", "{{text}}", "Открыть"}},
    {.name = "security.alert",
     .topic = "security",
     .priority = v1::PRIORITY_URGENT,
     .channels = kEmail | kPush | kTelegram,
     .parameters = "what",
     .english = {"Please look at your account",
                 "{{what}}\n\nIf that was you, there is nothing to do.", "See your sessions"},
     .russian = {"Проверьте свой аккаунт", "{{what}}\n\nЕсли это были вы, ничего делать не нужно.",
                 "Посмотреть сеансы"}},
    {.name = "social.comment",
     .topic = "social",
     .channels = kPush,
     .parameters = "who,platform",
     .english = {"{{who}} answered your post on {{platform}}", "{{text}}", "Open"},
     .russian = {"{{who}} отвечает на вашу публикацию: {{platform}}", "{{text}}", "Открыть"}},
    {.name = "social.mention",
     .topic = "social",
     .channels = kPush,
     .parameters = "who,platform",
     .english = {"{{who}} mentioned you on {{platform}}", "{{text}}", "Open"},
     .russian = {"{{who}} упоминает вас: {{platform}}", "{{text}}", "Открыть"}},
    {.name = "task.assigned",
     .topic = "tasks",
     .channels = kPush | kTelegram,
     .parameters = "title",
     .english = {"A task for you: {{title}}", "{{text}}", "Open the task"},
     .russian = {"Задача для вас: {{title}}", "{{text}}", "Открыть задачу"}},
    {.name = "task.due",
     .topic = "tasks",
     .channels = kPush | kTelegram,
     .parameters = "title",
     .english = {"Due soon: {{title}}", "{{text}}", "Open the task"},
     .russian = {"Скоро срок: {{title}}", "{{text}}", "Открыть задачу"}},
    {.name = "task.reminder",
     .topic = "tasks",
     .channels = kPush | kTelegram,
     .parameters = "title",
     .is_reminder = true,
     .english = {"Reminder: {{title}}", "{{text}}", "Open the task"},
     .russian = {"Напоминание: {{title}}", "{{text}}", "Открыть задачу"}},
    {.name = "webhook.endpoint.disabled",
     .topic = "integrations",
     .priority = v1::PRIORITY_HIGH,
     .channels = kEmail | kPush,
     .parameters = "url",
     .english = {"A webhook was switched off",
                 "Deliveries to {{url}} have failed for too long. Once it answers again, switch it "
                 "on and send again what is missing.",
                 "See the deliveries"},
     .russian = {"Вебхук отключён",
                 "Доставка на {{url}} слишком долго не удавалась. Когда адрес снова отвечает, "
                 "включите его и отправьте пропущенное.",
                 "Посмотреть доставки"}},
    {.name = "webhook.facebook_page_mention",
     .topic = "social",
     .channels = kPush,
     .parameters = "",
     .english = {"Your page was mentioned on Facebook", "Somebody has just named it.", "See it"},
     .russian = {"Вашу страницу упомянули в Facebook", "Её только что кто-то назвал.",
                 "Посмотреть"}},
    {.name = "webhook.github_push",
     .topic = "integrations",
     .channels = kPush,
     .parameters = "repository",
     .english = {"New commits in {{repository}}", "{{ref}}", "See them"},
     .russian = {"Новые коммиты в {{repository}}", "{{ref}}", "Посмотреть"}},
    {.name = "webhook.instagram_comment",
     .topic = "social",
     .channels = kPush,
     .parameters = "",
     .english = {"A new comment on Instagram", "Somebody has just written below your post.",
                 "See it"},
     .russian = {"Новый комментарий в Instagram", "Под вашей публикацией только что написали.",
                 "Посмотреть"}},
    {.name = "webhook.linkedin_connection_request",
     .topic = "social",
     .channels = kPush,
     .parameters = "",
     .english = {"Somebody wants to connect on LinkedIn", "Their request waits for your answer.",
                 "See it"},
     .russian = {"Новое приглашение в LinkedIn", "Оно ждёт вашего ответа.", "Посмотреть"}},
    {.name = "webhook.twitter_direct_message",
     .topic = "social",
     .channels = kPush,
     .parameters = "",
     .english = {"A new message on X", "Somebody has written to you directly.", "See it"},
     .russian = {"Новое сообщение в X", "Вам написали лично.", "Посмотреть"}},
};

bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_islower(static_cast<unsigned char>(c)) ||
                  absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '_';
         });
}

}  // namespace

std::vector<v1::Channel> ChannelsIn(int bits) {
  std::vector<v1::Channel> channels;
  for (int number = v1::Channel_MIN; number <= v1::Channel_MAX; ++number) {
    const auto channel = static_cast<v1::Channel>(number);
    if ((bits & Bit(channel)) != 0) channels.push_back(channel);
  }
  return channels;
}

absl::Span<const Kind> Kinds() { return kKinds; }

const Kind& KindOf(std::string_view name) {
  const Kind* const found = std::find_if(std::begin(kKinds), std::end(kKinds),
                                         [&](const Kind& kind) { return kind.name == name; });
  return found == std::end(kKinds) ? kKinds[0] : *found;
}

bool IsKindName(std::string_view name) {
  const std::vector<std::string_view> words = absl::StrSplit(name, '.');
  return name.size() <= kLongestName && std::all_of(words.begin(), words.end(), IsName);
}

void CheckParameters(const Kind& kind, const std::map<std::string, std::string>& parameters,
                     status::FieldViolations& bad) {
  if (parameters.size() > kMostParameters) bad.Add("parameters", "must be at most 50");
  for (const auto& [name, value] : parameters) {
    // A bad name is a caller's text, and not repeated.
    if (!IsName(name)) {
      bad.Add("parameters", "must have names of [a-z0-9_], 1 to 64 characters");
    } else if (text::Characters(value) > kLongestValue) {
      bad.Add(absl::StrCat("parameters[", name, "]"), "must be at most 4000 characters");
    }
  }
  for (const std::string_view name : absl::StrSplit(kind.parameters, ',', absl::SkipEmpty())) {
    const auto found = parameters.find(std::string(name));
    if (found == parameters.end() || text::Trim(found->second).empty()) {
      bad.Add(absl::StrCat("parameters[", name, "]"),
              "must not be empty: the kind's words have it");
    }
  }
}

}  // namespace selfology::notification
