#include "tools/telegram_emulator/conversations.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/status_macros.h"

namespace selfology::telegram_emulator {
namespace {

absl::Status TimedOut(std::string_view what) {
  return absl::DeadlineExceededError(absl::StrCat("no ", what, " came in time"));
}

}  // namespace

absl::StatusOr<Message> Conversations::SendText(int64_t user_id, std::string_view text,
                                                int64_t reply_to_id, int64_t chat_id) {
  return exchange().Do([&](World& world, absl::Time now) {
    return world.chats.UserSends(user_id, text, reply_to_id, now, chat_id);
  });
}

absl::StatusOr<Message> Conversations::SendQuote(int64_t user_id, std::string_view text,
                                                 int64_t reply_to_id, std::string_view quote) {
  ASSIGN_OR_RETURN(FormattedText plain, PlainText(text));
  const Draft draft{
      .text = std::move(plain), .reply_to_id = reply_to_id, .quote = std::string(quote)};
  ASSIGN_OR_RETURN(const std::vector<Message> sent,
                   exchange().Do([&](World& world, absl::Time now) {
                     return world.chats.UserSends(user_id, {draft}, now);
                   }));
  return sent.front();
}

absl::StatusOr<Message> Conversations::SendFile(int64_t user_id, Sent file, int64_t chat_id) {
  ASSIGN_OR_RETURN(const std::vector<Message> sent, SendAlbum(user_id, {std::move(file)}, chat_id));
  return sent.front();
}

absl::StatusOr<std::vector<Message>> Conversations::SendAlbum(int64_t user_id,
                                                              const std::vector<Sent>& files,
                                                              int64_t chat_id) {
  using Album = absl::StatusOr<std::vector<Message>>;
  return exchange().Do([&](World& world, absl::Time now) -> Album {
    std::vector<Draft> drafts;
    for (const Sent& file : files) {
      Draft draft;
      if (!file.caption.empty()) {
        ASSIGN_OR_RETURN(draft.text, PlainText(file.caption));
      }
      ASSIGN_OR_RETURN(draft.media, world.files.Add(file.kind, {.bytes = file.bytes,
                                                                .name = file.name,
                                                                .duration = file.duration,
                                                                .emoji = file.emoji}));
      drafts.push_back(std::move(draft));
    }
    return world.chats.UserSends(user_id, std::move(drafts), now, chat_id);
  });
}

absl::StatusOr<Message> Conversations::EditText(int64_t user_id, int64_t message_id,
                                                std::string_view text, int64_t chat_id) {
  return exchange().Do([&](World& world, absl::Time now) {
    return world.chats.UserEdits(user_id, message_id, text, now, chat_id);
  });
}

absl::StatusOr<Message> Conversations::React(int64_t user_id, int64_t message_id, Reactions emojis,
                                             int64_t chat_id) {
  return exchange().Do([&](World& world, absl::Time now) {
    return world.chats.UserReacts(user_id, message_id, std::move(emojis), now, chat_id);
  });
}

absl::StatusOr<std::string> Conversations::PressButton(int64_t user_id, int64_t message_id,
                                                       std::string_view button, int64_t chat_id) {
  ASSIGN_OR_RETURN(const CallbackQuery query, exchange().Do([&](World& world, absl::Time now) {
    return world.chats.UserPresses(user_id, message_id, button, now, chat_id);
  }));
  return query.id;
}

absl::Status Conversations::Block(int64_t user_id, bool blocked) {
  return exchange().Do(
      [&](World& world, absl::Time now) { return world.chats.SetBlocked(user_id, blocked, now); });
}

absl::StatusOr<int64_t> Conversations::AddGroup(Group group) {
  ASSIGN_OR_RETURN(const Group added, exchange().Do([&](World& world, absl::Time) {
    return world.chats.AddGroup(std::move(group));
  }));
  return added.id;
}

absl::Status Conversations::SetBotStatus(int64_t chat_id, std::string_view status, bool may_post) {
  return exchange()
      .Do([&](World& world, absl::Time now) {
        return world.chats.SetBotStatus(chat_id, status, may_post, now);
      })
      .status();
}

absl::StatusOr<std::string> Conversations::Download(std::string_view file_id) const {
  const Bytes bytes = seen().Look([&](const World& world) { return world.files.BytesOf(file_id); });
  if (bytes == nullptr) return absl::NotFoundError("no such file");
  return *bytes;
}

std::vector<Message> Conversations::Messages(int64_t chat_id) const {
  return seen().Look([&](const World& world) {
    std::vector<Message> shown;
    for (const auto& [id, message] : world.chats.Chat(chat_id)) {
      if (!message.deleted) shown.push_back(message);
    }
    return shown;
  });
}

std::vector<PressedKeyboard> Conversations::PressedKeyboards(int64_t chat_id) const {
  return seen().Look(
      [&](const World& world) { return world.chats.pressed_keyboards().Of(chat_id); });
}

absl::StatusOr<Message> Conversations::AwaitMessage(int64_t chat_id, int64_t after_message_id,
                                                    absl::Duration timeout) const {
  return AwaitMessage(chat_id, [](const Message&) { return true; }, timeout, after_message_id);
}

absl::StatusOr<Message> Conversations::AwaitMessage(int64_t chat_id, const MessageFilter& wanted,
                                                    absl::Duration timeout,
                                                    int64_t after_message_id) const {
  std::optional<Message> found;
  seen().Await(
      [&](const World& world) {
        for (const auto& [id, message] : world.chats.Chat(chat_id)) {
          if (id <= after_message_id || !message.from_bot || message.deleted || !wanted(message))
            continue;
          found = message;
          return true;
        }
        return false;
      },
      absl::Now() + timeout);
  if (!found.has_value()) return TimedOut("such message");
  return *std::move(found);
}

absl::StatusOr<CallbackQuery> Conversations::AwaitAnswer(std::string_view callback_query_id,
                                                         absl::Duration timeout) const {
  std::optional<CallbackQuery> found;
  seen().Await(
      [&](const World& world) {
        const CallbackQuery* query = world.chats.FindCallback(callback_query_id);
        if (query != nullptr && query->answered) found = *query;
        return found.has_value();
      },
      absl::Now() + timeout);
  if (!found.has_value()) return TimedOut("answer");
  return *std::move(found);
}

std::vector<ApiCall> Conversations::Log() const {
  return seen().Look([](const World& world) {
    const auto& calls = world.calls.calls();
    return std::vector<ApiCall>(calls.begin(), calls.end());
  });
}

absl::StatusOr<ApiCall> Conversations::AwaitCall(const CallFilter& wanted, absl::Duration timeout,
                                                 int64_t after_seq) const {
  std::optional<ApiCall> found;
  seen().Await(
      [&](const World& world) {
        for (const ApiCall& call : world.calls.calls()) {
          if (call.seq <= after_seq || !wanted(call)) continue;
          found = call;
          return true;
        }
        return false;
      },
      absl::Now() + timeout);
  if (!found.has_value()) return TimedOut("such call");
  return *std::move(found);
}

absl::Status Conversations::AwaitQuiet(absl::Duration timeout) const {
  const bool quiet =
      seen().Await([](const World& world) { return world.updates.empty(); }, absl::Now() + timeout);
  return quiet ? absl::OkStatus() : TimedOut("confirmation of all updates");
}

void Conversations::AddFault(Fault fault) {
  exchange().Do([&](World& world, absl::Time) { return world.faults.Add(std::move(fault)); });
}

void Conversations::ClearFaults() {
  exchange().Do([](World& world, absl::Time) {
    world.faults.Clear();
    return true;
  });
}

}  // namespace selfology::telegram_emulator
