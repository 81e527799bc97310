#include "services/edge/telegram_gateway/gateway_store.h"

#include <tuple>
#include <utility>

#include "common/enums/word.h"
#include "common/status/status_macros.h"
#include "services/edge/telegram_gateway/chat_store.h"
#include "services/edge/telegram_gateway/held_store.h"

namespace selfology::telegram_gateway::store {
namespace {

using postgres::Bytes;
using postgres::Transaction;

Fate::Status StatusOf(std::string_view word) {
  if (word == "waiting") return Fate::Status::kWaiting;
  if (word == "sending") return Fate::Status::kSending;
  return word == "sent" ? Fate::Status::kSent : Fate::Status::kDropped;
}

struct OutgoingRow {
  int64_t id = 0;
  std::string key;
  std::string dialog;
  std::string kind;
  Bytes body;
  bool expendable = false;
  absl::Time worthless_at;
  std::string traceparent;
  std::string status;
  absl::Time due_at;
  int failures = 0;
  int pieces_sent = 0;
  bool replaces_all = false;
  bool buttons_spent = false;
};

struct HeldRow {
  int64_t first = 0;
  std::string dialog;
  bool itself = false;
  bool gathers = false;
  int64_t person_id = 0;
};

struct FateRow {
  std::string status;
  int failures = 0;
  absl::Time due_at;
  std::vector<int64_t> message_ids;
};

}  // namespace

void Enqueue(Transaction& tx, int64_t bot_id, const Outgoing& message, absl::Time now) {
  LockOrder(tx, message.user_id);
  tx.Queue(
      "INSERT INTO outgoing_messages (user_id, key, dialog, kind, body, mark, after_key,"
      " expendable, worthless_at, traceparent, status, place_at, due_at, created_at, lifecycle,"
      " replaces_all, media_ids, bot_id)"
      " SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'waiting', place.due, place.due, $11, $13,"
      " $14, $15, $16"
      " FROM (SELECT CASE"
      " WHEN $7 <> '' AND NOT EXISTS"
      " (SELECT FROM outgoing_messages WHERE user_id = $1 AND key = $7 AND bot_id = $16) THEN $12"
      " WHEN EXISTS (SELECT FROM outgoing_messages WHERE user_id = $1 AND bot_id = $16"
      " AND after_key = $2 AND status = 'waiting' AND place_at > $11)"
      " THEN $11 - interval '1 microsecond'"
      " ELSE $11 END AS due) AS place"
      " ON CONFLICT ON CONSTRAINT outgoing_messages_once DO NOTHING",
      message.user_id, message.key, message.dialog, message.body.kind(),
      Bytes{message.body.SerializeAsString()}, message.body.mark(), message.after_key,
      message.body.expendable(), now + WorthOf(message.body), message.traceparent, now,
      now + WaitOf(message.body), LifecycleOf(message.body), message.replaces_all,
      std::vector<std::string>(message.body.media_ids().begin(), message.body.media_ids().end()),
      bot_id);
  // Nobody can wait for a message whose key its dialog did not choose.
  if (message.body.key().empty()) return;
  tx.Queue(
      "UPDATE outgoing_messages SET place_at = $3, due_at = $3"
      " WHERE user_id = $1 AND after_key = $2 AND status = 'waiting' AND place_at > $3"
      " AND bot_id = $4",
      message.user_id, message.key, now, bot_id);
}

absl::StatusOr<Next> ClaimNext(Transaction& tx, int64_t bot_id, int64_t user_id, absl::Time now,
                               absl::Time until) {
  LockOrder(tx, user_id);
  ASSIGN_OR_RETURN(
      std::optional<OutgoingRow> row,
      tx.QueryOne<OutgoingRow>(
          "SELECT id, key, dialog, kind, body, expendable,"
          " COALESCE(worthless_at, created_at + interval '24 hours'),"
          " traceparent, status, due_at, failures, pieces_sent, replaces_all,"
          " afterwards IS NOT NULL AND afterwards = 'clear_buttons'"
          " FROM outgoing_messages WHERE user_id = $1 AND bot_id = $2"
          " AND status IN ('waiting', 'sending') ORDER BY place_at, id LIMIT 1 FOR UPDATE",
          user_id, bot_id));
  if (!row.has_value()) return Next{};
  if (row->due_at > now) return Next{.claimed = std::nullopt, .due_at = row->due_at};
  Claimed claimed;
  claimed.id = row->id;
  claimed.message.user_id = user_id;
  claimed.message.key = std::move(row->key);
  claimed.message.dialog = std::move(row->dialog);
  claimed.readable = claimed.message.body.ParseFromString(row->body.value);
  if (!claimed.readable) claimed.message.body.Clear();
  // Bodies of before there were dialogs say neither.
  claimed.message.body.set_kind(std::move(row->kind));
  claimed.message.body.set_expendable(row->expendable);
  claimed.message.traceparent = std::move(row->traceparent);
  claimed.message.replaces_all = row->replaces_all;
  if (row->buttons_spent) claimed.message.body.clear_button_rows();
  claimed.failures = row->failures;
  claimed.pieces_sent = row->pieces_sent;
  claimed.worthless_at = row->worthless_at;
  claimed.in_doubt = StatusOf(row->status) == Fate::Status::kSending;
  tx.Queue(
      "UPDATE outgoing_messages SET status = 'sending', due_at = $2,"
      " tried_at = CASE WHEN in_doubt OR status = 'sending' THEN tried_at ELSE $3 END,"
      " in_doubt = in_doubt OR status = 'sending' WHERE id = $1",
      claimed.id, until, now);
  return Next{.claimed = std::move(claimed), .due_at = now};
}

void NotePiece(Transaction& tx, int64_t id, const std::vector<int64_t>& message_ids, bool is_last,
               absl::Time now) {
  tx.Queue(
      "UPDATE outgoing_messages SET message_ids = message_ids || $2::bigint[],"
      " pieces_sent = pieces_sent + 1, due_at = $4,"
      " status = CASE WHEN $3 THEN 'sent' ELSE 'waiting' END,"
      " body = CASE WHEN $3 THEN NULL ELSE body END WHERE id = $1 AND status = 'sending'",
      id, message_ids, is_last, now);
}

void ExtendClaim(Transaction& tx, int64_t id, absl::Time until) {
  tx.Queue("UPDATE outgoing_messages SET due_at = $2 WHERE id = $1 AND status = 'sending'", id,
           until);
}

void Postpone(Transaction& tx, int64_t id, absl::Time due_at, bool failed, bool in_doubt) {
  tx.Queue(
      "UPDATE outgoing_messages SET status = 'waiting', due_at = $2,"
      " failures = failures + CASE WHEN $3 THEN 1 ELSE 0 END, in_doubt = in_doubt OR $4"
      " WHERE id = $1 AND status = 'sending'",
      id, due_at, failed, in_doubt);
}

void Close(Transaction& tx, int64_t id, bool sent) {
  tx.Queue(
      "UPDATE outgoing_messages SET status = CASE WHEN $2 THEN 'sent' ELSE 'dropped' END,"
      " body = NULL WHERE id = $1 AND status = 'sending'",
      id, sent);
}

void DropAll(Transaction& tx, int64_t bot_id, int64_t user_id) {
  LockOrder(tx, user_id);
  tx.Queue(
      "UPDATE outgoing_messages SET status = 'dropped', body = NULL"
      " WHERE user_id = $1 AND bot_id = $2 AND status IN ('waiting', 'sending')",
      user_id, bot_id);
}

absl::StatusOr<std::optional<Fate>> FateOf(Transaction& tx, int64_t bot_id, int64_t user_id,
                                           std::string_view key) {
  ASSIGN_OR_RETURN(
      std::optional<FateRow> row,
      tx.QueryOne<FateRow>("SELECT status, failures, due_at, message_ids FROM outgoing_messages"
                           " WHERE user_id = $1 AND key = $2 AND bot_id = $3",
                           user_id, key, bot_id));
  if (!row.has_value()) return std::nullopt;
  return Fate{.status = StatusOf(row->status),
              .failures = row->failures,
              .due_at = row->due_at,
              .message_ids = std::move(row->message_ids)};
}

absl::StatusOr<bool> Withdraw(Transaction& tx, int64_t bot_id, int64_t user_id,
                              std::string_view key) {
  ASSIGN_OR_RETURN(const int64_t rows,
                   tx.Execute("DELETE FROM outgoing_messages WHERE user_id = $1 AND key = $2"
                              " AND bot_id = $3 AND status = 'waiting' AND pieces_sent = 0",
                              user_id, key, bot_id));
  return rows > 0;
}

absl::StatusOr<std::vector<int64_t>> UsersDue(Transaction& tx, int64_t bot_id, absl::Time now,
                                              int limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<int64_t>("SELECT user_id FROM outgoing_messages"
                                     " WHERE status IN ('waiting', 'sending') AND due_at <= $1"
                                     " AND bot_id = $3"
                                     " GROUP BY user_id ORDER BY min(due_at) LIMIT $2",
                                     now, limit, bot_id));
  std::vector<int64_t> users;
  for (const auto& [user_id] : rows) users.push_back(user_id);
  return users;
}

absl::StatusOr<int64_t> CountUnsent(Transaction& tx, int64_t bot_id) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<int64_t>("SELECT count(*) FROM outgoing_messages"
                                        " WHERE status IN ('waiting', 'sending') AND bot_id = $1",
                                        bot_id));
  return std::get<0>(row.value());
}

absl::StatusOr<std::vector<std::pair<int64_t, absl::Time>>> LatestSince(
    Transaction& tx, int64_t bot_id, const std::vector<int64_t>& user_ids, absl::Time since) {
  ASSIGN_OR_RETURN(
      const auto rows,
      (tx.Query<int64_t, absl::Time>(
          "SELECT user_id, max(created_at) FROM outgoing_messages"
          " WHERE user_id = ANY($1) AND created_at >= $2 AND bot_id = $3 GROUP BY user_id",
          user_ids, since, bot_id)));
  std::vector<std::pair<int64_t, absl::Time>> latest;
  for (const auto& [user_id, at] : rows) latest.emplace_back(user_id, at);
  return latest;
}

absl::StatusOr<Situation> ReadSituation(Transaction& tx, int64_t bot_id, int64_t update_id,
                                        int64_t user_id, int64_t shown_before,
                                        absl::Time shown_until, absl::Time now,
                                        int64_t about_message) {
  auto handled = tx.Ask<int>("SELECT 1 FROM handled_updates WHERE bot_id = $1 AND update_id = $2",
                             bot_id, update_id);
  auto focus = tx.Ask<Focus>(kReadFocus, bot_id, user_id);
  auto hearing = tx.Ask<Hearing>(kReadHearing, bot_id, user_id, now);
  // First: what is no longer on its way then, is among the marks, for these are looked up later.
  auto on_its_way = tx.Ask<int>(
      "SELECT 1 FROM outgoing_messages WHERE user_id = $1 AND bot_id = $2 AND status = 'sending'"
      " AND mark <> '' AND message_ids = '{}' LIMIT 1",
      user_id, bot_id);
  // Telegram's numbers grow within a chat, but one that took another's place has the other's. A
  // message whose outcome is not known most probably got
  // there, whatever number its second copy has.
  auto marks = tx.Ask<std::string, std::string>(
      "SELECT DISTINCT ON (dialog) dialog, mark FROM outgoing_messages"
      " WHERE user_id = $1 AND bot_id = $4 AND mark <> '' AND (message_ids[1] < $2 AND NOT edited"
      " OR edited AND tried_at <= $3"
      " OR message_ids <> '{}' AND $2 = 0"
      " OR (in_doubt OR status = 'sending') AND tried_at <= $3)"
      " ORDER BY dialog, place_at DESC, id DESC",
      user_id, shown_before, shown_until, bot_id);
  auto held = tx.Ask<HeldRow>(
      "SELECT COALESCE(min(update_id) FILTER (WHERE NOT parked), 0),"
      " COALESCE((array_agg(CASE WHEN code = '' THEN '' ELSE dialog END ORDER BY update_id)"
      "   FILTER (WHERE NOT parked))[1], ''),"
      " COALESCE(bool_or(update_id = $3 OR $3 = ANY(gathered)), false),"
      " COALESCE(bool_or(gathers), false),"
      " COALESCE((SELECT user_id FROM linked_chats WHERE telegram_id = $1), $1)"
      " FROM held_updates WHERE user_id = $1 AND bot_id = $2",
      user_id, bot_id, update_id);
  const auto find_message = [&] {
    return tx.Ask<Reference>(
        "SELECT dialog, key FROM outgoing_messages WHERE user_id = $1 AND $2 = ANY(message_ids)"
        " AND bot_id = $3 ORDER BY id DESC LIMIT 1",
        user_id, about_message, bot_id);
  };
  std::optional<decltype(find_message())> about;
  if (about_message != 0) about.emplace(find_message());
  Situation situation;
  ASSIGN_OR_RETURN(const auto was_handled, handled.One());
  situation.handled = was_handled.has_value();
  ASSIGN_OR_RETURN(std::optional<Focus> chosen, focus.One());
  if (chosen.has_value()) situation.focus = *std::move(chosen);
  ASSIGN_OR_RETURN(std::optional<Hearing> heard, hearing.One());
  if (heard.has_value()) situation.hearing = *std::move(heard);
  ASSIGN_OR_RETURN(const auto shown, marks.All());
  for (const auto& [dialog, mark] : shown) situation.marks.emplace(dialog, mark);
  ASSIGN_OR_RETURN(const auto sending, on_its_way.One());
  situation.marks_may_change = sending.has_value();
  ASSIGN_OR_RETURN(std::optional<HeldRow> waiting, held.One());
  situation.first_held = waiting->first;
  situation.held_for = std::move(waiting->dialog);
  situation.held = waiting->itself;
  situation.gathers = waiting->gathers;
  situation.person_id = waiting->person_id;
  if (about.has_value()) {
    ASSIGN_OR_RETURN(std::optional<Reference> message, about->One());
    if (message.has_value()) situation.about = *std::move(message);
  }
  return situation;
}

absl::StatusOr<bool> MarkHandled(Transaction& tx, int64_t bot_id, int64_t update_id,
                                 v1::UpdateOutcome outcome, absl::Time now) {
  ASSIGN_OR_RETURN(const int64_t rows,
                   tx.Execute("INSERT INTO handled_updates (bot_id, update_id, outcome, handled_at)"
                              " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                              bot_id, update_id, enums::LowerWord(outcome), now));
  return rows > 0;
}

void MarkGathered(Transaction& tx, int64_t bot_id, const std::vector<int64_t>& update_ids,
                  v1::UpdateOutcome outcome, absl::Time now) {
  tx.Queue(
      "INSERT INTO handled_updates (bot_id, update_id, outcome, handled_at)"
      " SELECT $1, number, $3, $4 FROM unnest($2::bigint[]) AS number ON CONFLICT DO NOTHING",
      bot_id, update_ids, enums::LowerWord(outcome), now);
}

absl::StatusOr<bool> NoteGroup(Transaction& tx, int64_t bot_id, int64_t chat_id, absl::Time now) {
  ASSIGN_OR_RETURN(const int64_t rows,
                   tx.Execute("INSERT INTO known_groups (bot_id, chat_id, known_at)"
                              " VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                              bot_id, chat_id, now));
  return rows > 0;
}

absl::StatusOr<std::map<std::string, std::string>> ReadDialogs(Transaction& tx) {
  ASSIGN_OR_RETURN(auto rows,
                   (tx.Query<std::string, Bytes>("SELECT name, description FROM dialogs")));
  std::map<std::string, std::string> dialogs;
  for (auto& [name, description] : rows) dialogs[name] = std::move(description.value);
  return dialogs;
}

void SaveDialog(Transaction& tx, std::string_view name, std::string description, absl::Time now) {
  tx.Queue(
      "INSERT INTO dialogs (name, description, described_at) VALUES ($1, $2, $3)"
      " ON CONFLICT (name) DO UPDATE SET description = EXCLUDED.description,"
      " described_at = EXCLUDED.described_at",
      name, Bytes{std::move(description)}, now);
}

absl::StatusOr<int64_t> ForgetOld(Transaction& tx, absl::Time now) {
  int64_t forgotten = 0;
  for (const std::string_view sql : {"DELETE FROM outgoing_messages WHERE created_at < $1",
                                     "DELETE FROM handled_updates WHERE handled_at < $1"}) {
    ASSIGN_OR_RETURN(const int64_t rows, tx.Execute(sql, now - kMemory));
    forgotten += rows;
  }
  ASSIGN_OR_RETURN(const int64_t rows, ForgetOldChatMessages(tx, now));
  ASSIGN_OR_RETURN(const int64_t unchosen, ForgetUnchosen(tx, now - kMemory));
  ASSIGN_OR_RETURN(const int64_t rendered, ForgetRendered(tx, now - kRenderedMemory));
  return forgotten + rows + unchosen + rendered;
}

absl::StatusOr<std::vector<std::string>> RenderedBy(Transaction& tx, const uuid::Uuid& event_id) {
  ASSIGN_OR_RETURN(
      auto rows,
      tx.Query<std::string>("SELECT dialog FROM rendered_events WHERE event_id = $1", event_id));
  std::vector<std::string> dialogs;
  for (auto& [dialog] : rows) dialogs.push_back(std::move(dialog));
  return dialogs;
}

void NoteRendered(Transaction& tx, const uuid::Uuid& event_id, std::string_view dialog,
                  absl::Time now) {
  tx.Queue(
      "INSERT INTO rendered_events (event_id, dialog, rendered_at) VALUES ($1, $2, $3)"
      " ON CONFLICT DO NOTHING",
      event_id, dialog, now);
}

absl::StatusOr<int64_t> ForgetRendered(Transaction& tx, absl::Time since) {
  return tx.Execute("DELETE FROM rendered_events WHERE rendered_at < $1", since);
}

}  // namespace selfology::telegram_gateway::store
