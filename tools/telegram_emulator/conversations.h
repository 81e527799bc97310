// People in their chats with one bot: what they do and see, and what the bot did.
//
//   Conversations people(exchange);
//   ASSIGN_OR_RETURN(Message start, people.SendText(ann, "/start"));
//   ASSIGN_OR_RETURN(Message photo, people.SendFile(ann, {.kind = "photo", .bytes = png}));
//   ASSIGN_OR_RETURN(Message answer, people.AwaitMessage(ann, photo.id, absl::Seconds(5)));
//   people.Download(answer.media.file_id);        // the bytes that the bot sent
//   ASSIGN_OR_RETURN(int64_t news, people.AddGroup({.type = "channel", .title = "News",
//                                                   .owner_id = ann}));
//   people.SetBotStatus(news, "administrator");
//   people.SendText(ann, "A post", 0, news);
//
// chat_id 0 is the person's own chat with the bot, else a group's or channel's. Errors: NOT_FOUND
// and FAILED_PRECONDITION for people who do what cannot be done; DEADLINE_EXCEEDED of waiting.
// Threads: thread-safe, cheap to copy.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tools/telegram_emulator/exchange.h"

namespace selfology::telegram_emulator {

class Conversations {
 public:
  using MessageFilter = std::function<bool(const Message&)>;
  using CallFilter = std::function<bool(const ApiCall&)>;

  // One file that a person sends.
  struct Sent {
    std::string kind = "photo";  // "photo", "document", "voice", "sticker"
    std::string bytes = {};
    std::string name = {};
    std::string caption = {};
    int64_t duration = 0;    // Seconds, of a voice note.
    std::string emoji = {};  // Of a sticker.
  };

  // It outlives this.
  explicit Conversations(Exchange* exchange) : exchange_of_bot_(exchange) {}

  // What people do.
  absl::StatusOr<Message> SendText(int64_t user_id, std::string_view text, int64_t reply_to_id = 0,
                                   int64_t chat_id = 0);
  absl::StatusOr<Message> SendQuote(int64_t user_id, std::string_view text, int64_t reply_to_id,
                                    std::string_view quote);
  absl::StatusOr<Message> SendFile(int64_t user_id, Sent file, int64_t chat_id = 0);
  absl::StatusOr<std::vector<Message>> SendAlbum(int64_t user_id, const std::vector<Sent>& files,
                                                 int64_t chat_id = 0);
  absl::StatusOr<Message> EditText(int64_t user_id, int64_t message_id, std::string_view text,
                                   int64_t chat_id = 0);
  // In place of earlier reactions; {}: takes them away.
  absl::StatusOr<Message> React(int64_t user_id, int64_t message_id, Reactions emojis,
                                int64_t chat_id = 0);
  // By its label or callback_data; gives the callback query's id.
  absl::StatusOr<std::string> PressButton(int64_t user_id, int64_t message_id,
                                          std::string_view button, int64_t chat_id = 0);
  absl::Status Block(int64_t user_id, bool blocked = true);

  // A group or channel, without the bot; gives its id.
  absl::StatusOr<int64_t> AddGroup(Group group);
  // "member", "administrator", "left", "kicked". may_post: as a channel's administrator.
  absl::Status SetBotStatus(int64_t chat_id, std::string_view status, bool may_post = true);

  // What people see. The oldest first, without deleted ones.
  std::vector<Message> Messages(int64_t chat_id) const;
  // Those whose buttons somebody pressed; chat_id 0: of all chats with this bot.
  std::vector<PressedKeyboard> PressedKeyboards(int64_t chat_id = 0) const;
  // A file's bytes, however large. NOT_FOUND.
  absl::StatusOr<std::string> Download(std::string_view file_id) const;
  // The first message of the bot after that one, and of this kind. Edits are looked at too.
  absl::StatusOr<Message> AwaitMessage(int64_t chat_id, int64_t after_message_id,
                                       absl::Duration timeout) const;
  absl::StatusOr<Message> AwaitMessage(int64_t chat_id, const MessageFilter& wanted,
                                       absl::Duration timeout, int64_t after_message_id = 0) const;
  absl::StatusOr<CallbackQuery> AwaitAnswer(std::string_view callback_query_id,
                                            absl::Duration timeout) const;

  // What the bot did, and what went wrong for it.
  std::vector<ApiCall> Log() const;
  absl::StatusOr<ApiCall> AwaitCall(const CallFilter& wanted, absl::Duration timeout,
                                    int64_t after_seq = 0) const;
  // Waits until the bot has confirmed all updates.
  absl::Status AwaitQuiet(absl::Duration timeout) const;
  void AddFault(Fault fault);
  void ClearFaults();

  Exchange& exchange() { return *exchange_of_bot_; }

 private:
  const Exchange& seen() const { return *exchange_of_bot_; }

  Exchange* exchange_of_bot_;
};

}  // namespace selfology::telegram_emulator
