// The SQL of the messages that the bot has in its chats, and of what is still to be done to them
// (pending changes); see migrations/0004_chat_messages.sql.
//
//   store::NoteSent(tx, bot_id, claimed, {.message_ids = ids, .is_last = true}, now);
//   store::NotePress(tx, {.bot_id = bot_id, .chat_id = chat, .message_id = 7, ...}, now);
//   ...
//   ASSIGN_OR_RETURN(store::NextChange next, store::ClaimChange(tx, bot_id, chat, now, until));
//
// A pending change is stored with its cause and made later by delivery/message_changes.h. A message
// has one at a time: to delete it outdoes all others, a new text outdoes to clear its buttons.
// While somebody changes a message it is taken, so that nobody else does. Whatever changes rows of
// a chat holds LockOrder. Functions that return nothing are queued. Errors: the transaction's.
// Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "services/edge/telegram_gateway/gateway_store.h"

namespace selfology::telegram_gateway::store {

// Of a row of chat_messages: it is not about to be deleted. SQL, for a condition; $3 is the time now.
inline constexpr std::string_view kStays =
    " (pending_change IS DISTINCT FROM 'delete' OR due_at > $3)";

// The callback_data of all buttons.
std::vector<std::string> ButtonsOf(const v1::DialogMessage& message);

// What was sent of a claimed message: one piece, or all of an album.
struct SentNow {
  std::vector<int64_t> message_ids;
  bool has_buttons = false;  // The last of them.
  bool is_last = true;       // Nothing of the message is left to be sent.
};
// Notes that they are in the chat, and what is to become of them and, with the last, of the SYSTEM
// messages whose place they take. Before NotePiece. Nothing, if the message was erased meanwhile.
void NoteSent(postgres::Transaction& tx, int64_t bot_id, const Claimed& claimed,
              const SentNow& sent, absl::Time now);
// The same for one that was edited into the place of another (Claimed::edits).
void NoteEdited(postgres::Transaction& tx, int64_t bot_id, const Claimed& claimed, absl::Time now);

// Where a SYSTEM message goes.
struct EditTarget {
  int64_t message_id = 0;  // Into this one; 0: below all others.
  bool busy = false;       // Into one that is just being changed: ask again soon.
};
// The message that it would take the place of is taken until then.
absl::StatusOr<EditTarget> ClaimEditTarget(postgres::Transaction& tx, int64_t bot_id,
                                           const Claimed& claimed, absl::Time now,
                                           absl::Time until);
// It was not edited: others may change it. Nothing, if it took none.
void FreePlace(postgres::Transaction& tx, int64_t bot_id, const Claimed& claimed);
// Telegram does not let it be edited, or it is gone: the message is to be sent below all others.
void GiveUpPlace(postgres::Transaction& tx, int64_t bot_id, const Claimed& claimed, bool gone);

// A person has written: what the bot said before is no longer the newest. Noted where there is a
// SYSTEM message, for only to these it matters.
void NoteNewest(postgres::Transaction& tx, int64_t bot_id, int64_t chat_id, int64_t message_id);

// A button was pressed.
struct Pressed {
  int64_t bot_id = 0;
  int64_t chat_id = 0;
  int64_t message_id = 0;
  std::string data = {};        // The button's. One that the message has no longer changes nothing.
  bool remove_buttons = false;  // Although it keeps them.
  std::string replacement = {};                // HTML; empty: none.
  v1::DialogMessage replacement_buttons = {};  // Of which only the buttons count.
};
void NotePress(postgres::Transaction& tx, const Pressed& pressed, absl::Time now);
// Those of this dialog with these keys lose their buttons, also those that are yet to be sent.
void SpendKeys(postgres::Transaction& tx, int64_t bot_id, int64_t chat_id, std::string_view dialog,
               const std::vector<std::string>& keys, absl::Time now);
// The chat's EPHEMERAL messages are deleted, also those that are yet to be sent.
void ClearEphemeral(postgres::Transaction& tx, int64_t bot_id, int64_t chat_id, absl::Time now);

// A change to be made by one request.
struct Change {
  enum class Kind { kDelete, kClearButtons, kReplace };
  Kind kind = Kind::kDelete;
  int64_t bot_id = 0;
  int64_t chat_id = 0;
  std::vector<int64_t> message_ids = {};  // Several only of kDelete.
  std::string replacement = {};           // HTML.
  v1::DialogMessage replacement_buttons = {};
  std::string dialog = {};
  int failures = 0;
  absl::Time taken_until;
};
struct NextChange {
  std::optional<Change> change = std::nullopt;
  absl::Time due_at = absl::InfiniteFuture();  // Else: when to look again.
};
// Takes what is due next in the chat.
absl::StatusOr<NextChange> ClaimChange(postgres::Transaction& tx, int64_t bot_id, int64_t chat_id,
                                       absl::Time now, absl::Time until);
// What became of it, for those who hold LockOrder. It is done:
void NoteDone(postgres::Transaction& tx, const Change& change);
// The messages are not there (any more).
void NoteGone(postgres::Transaction& tx, const Change& change);
// Nothing can be done to them: they stay as they are, like any other message.
void NoteGivenUp(postgres::Transaction& tx, const Change& change);
// To be tried again; `failed`: after a failure.
void NoteLater(postgres::Transaction& tx, const Change& change, absl::Time due_at, bool failed);
// Together Telegram does not delete them: to be tried one by one.
void NoteOneByOne(postgres::Transaction& tx, const Change& change);
// Telegram does not delete it, or gives it no other text: it only loses its buttons, and stays like
// any other message.
void NoteOnlyButtons(postgres::Transaction& tx, const Change& change, absl::Time now);

// Chats where something is due.
absl::StatusOr<std::vector<int64_t>> ChatsDue(postgres::Transaction& tx, int64_t bot_id,
                                              absl::Time now, int limit);

// A message in a chat.
struct ChatMessage {
  int64_t message_id = 0;
  std::string lifecycle;
  std::string tag;
  std::string dialog;
  std::string key;
  absl::Time sent_at;
  std::optional<absl::Time> expires_at;
  bool has_buttons = false;
};
// An empty lifecycle or tag fits all. Messages that are about to be deleted never fit.
struct ChatFilter {
  int64_t bot_id = 0;
  int64_t chat_id = 0;
  std::string lifecycle = {};
  std::string tag = {};
};
// The newest first.
absl::StatusOr<std::vector<ChatMessage>> ListChat(postgres::Transaction& tx,
                                                  const ChatFilter& filter, int64_t below,
                                                  absl::Time now, int limit);
// They are to be deleted; how many.
absl::StatusOr<int64_t> ClearChat(postgres::Transaction& tx, const ChatFilter& filter,
                                  absl::Time now);

// Of those that stay for good only what was sent in the last 48 hours, has a tag, or has buttons
// that it keeps, is known.
absl::StatusOr<int64_t> ForgetOldChatMessages(postgres::Transaction& tx, absl::Time now);

}  // namespace selfology::telegram_gateway::store
