// A Telegram update, read from JSON that may hold anything: Telegram adds fields and kinds at will,
// so whatever is missing, mistyped or new leaves its field empty and never fails the rest.
//
//   absl::StatusOr<Update> update = ParseUpdate(json);          // fails only without an update_id
//   absl::StatusOr<std::vector<Update>> updates = ParseUpdates(response_body);
//
// Several messages of one person may also be read as one, see Gather.
//
// Errors: INVALID_ARGUMENT; messages never quote the JSON. Threads: pure functions.
// Source: https://core.telegram.org/bots/api#update
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace selfology::telegram_gateway {

enum class UpdateKind {
  kOther,          // Of a kind the bot does not use.
  kMessage,        // Somebody wrote.
  kEditedMessage,  // Somebody changed what they wrote.
  kButton,         // Somebody pressed a button.
  kMembership,     // Somebody blocked the bot, or added it to a group; what it may do in a channel.
  kReaction,       // Somebody changed their reaction to a message.
  kPost,           // In a channel.
  kEditedPost,     // Likewise.
  kReactionCounts,  // Of a post.
};

// What a message holds, as far as the bot's answer depends on it. kNone: nothing that somebody
// said, as when a message is pinned.
enum class Content { kNone, kText, kPicture, kVoice, kSticker, kDocument, kOther };

// A file of a message; of a photo the largest size.
struct File {
  Content content = Content::kOther;
  std::string file_id = {};    // For getFile and for sending it again; of this bot alone.
  std::string unique_id = {};  // The same for all bots and for good.
  std::string file_name = {};
  std::string mime_type = {};
  int64_t size = 0;  // Bytes; 0: not known.
  int32_t width = 0;
  int32_t height = 0;
  absl::Duration duration = absl::ZeroDuration();
  std::string emoji = {};  // Of a sticker.
};

// The message that one replies to.
struct RepliedMessage {
  int64_t message_id = 0;
  std::string words = {};  // Its text or caption.
  std::string quote = {};  // The part of it that was quoted.
};

// An emoji; "custom:<id>" for one that is none of Unicode's.
struct CountedEmoji {
  std::string emoji = {};
  int32_t count = 0;
};

struct Update {
  int64_t update_id = 0;
  UpdateKind kind = UpdateKind::kOther;
  int64_t user_id = 0;  // Who sent it; 0: nobody.
  int64_t chat_id = 0;  // Equal to user_id in a private chat; 0: none.
  bool from_bot = false;
  bool private_chat = false;
  bool group = false;         // The chat is a group of people.
  bool channel = false;       // The chat is a channel.
  std::string language = {};  // What the person's Telegram speaks (BCP 47); may be empty.
  Content content = Content::kNone;
  std::string text = {};         // Of a message; of a button its callback_data.
  std::string caption = {};      // Of a message: the words under what is no text.
  std::string callback_id = {};  // Of a button: what to answer.
  int64_t message_id = 0;  // The message's own; of a button, a reaction: of the message it is at.
  absl::Time sent_at = absl::InfiniteFuture();  // The message, to the second; not said: infinite.
  absl::Time edited_at = absl::InfinitePast();  // Likewise; never: infinite.
  std::optional<RepliedMessage> replied_to = {};
  std::vector<File> files = {};          // Of a message: one, or those of an album.
  std::string media_group_id = {};       // The same for all messages of an album; empty: of none.
  std::string author_signature = {};     // Of a post.
  bool blocked = false;                  // Of a membership: the bot was shut out.
  std::string role = {};                 // Of a membership: the bot's status there from now on,
  std::string role_before = {};          // and until now.
  bool can_post = false;                 // Likewise.
  std::vector<CountedEmoji> emoji = {};  // Of reactions, as they are now.
  std::vector<int64_t> gathered = {};    // The numbers of all updates in it; empty: only one.
  int64_t first_message_id = 0;          // Of the first message gathered, and when it was sent: the
  absl::Time first_sent_at = absl::InfiniteFuture();  // person had seen no more when they began.
  std::string gathered_for = {};  // The dialog that heard the person then; may be empty.
  std::string json = {};          // All of it as ParseUpdate takes it, in UTF-8 and without U+0000.
};

// Whose turn it takes: updates of one key are handled in their order. The person, or below 0 the
// group or channel.
int64_t OrderingKeyOf(const Update& update);

absl::StatusOr<Update> ParseUpdate(std::string_view json);
// As the gateway has kept it (Update.json): it may be a gathered one. Nobody else can gather:
// guards have not seen what others say was gathered.
absl::StatusOr<Update> ParseKeptUpdate(std::string_view json);

// Messages of one person as one update, in their order: the texts, captions and files of all, what
// the first replies to, and all else of the last. An update may have been gathered already: then
// the next one joins it. INVALID_ARGUMENT unless each parses.
absl::StatusOr<Update> Gather(const Update& first, const Update& next, std::string_view dialog);
// Only one so far.
absl::StatusOr<Update> Gather(const Update& only, std::string_view dialog);

// The updates of a getUpdates response with "ok": true. Those without a number, which could not
// even be confirmed, are left out.
absl::StatusOr<std::vector<Update>> ParseUpdates(std::string_view response);

// The first update_id in a text that is no JSON.
std::optional<int64_t> FindUpdateId(std::string_view text);

}  // namespace selfology::telegram_gateway
