#include "common/service/dead_letter_service.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/events/catalogue.h"
#include "common/events/event_type.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/uuid/uuid.h"
#include "google/protobuf/util/time_util.h"

namespace selfology::service {
namespace {

using google::protobuf::Timestamp;
using google::protobuf::util::TimeUtil;
using mesh::v1::DeadLetter;
using mesh::v1::DeadLetterFilter;
using postgres::Transaction;

constexpr int kDefaultPage = 100;
constexpr int kMaxPage = 1000;
constexpr int kMaxIds = 1000;

// A letter that was tried waits FAILED, one that stands behind it PARKED; see the column's comment.
constexpr char kColumns[] =
    "consumer_group, event_id, position, type, partition_key, occurred_at, traceparent, trace_id,"
    " producer, payload, code, reason, message, attempts, parked_at, last_failed_at, mended_at,"
    " replay_requested";

using Row =
    std::tuple<std::string, uuid::Uuid, int64_t, std::string, int64_t, absl::Time, std::string,
               std::string, std::string, postgres::Bytes, std::string, std::string, std::string,
               int32_t, absl::Time, std::optional<absl::Time>, std::optional<absl::Time>, bool>;

// The filter as SQL: every condition is true when its parameter is empty.
constexpr char kWhere[] =
    " WHERE ($1 = '' OR consumer_group = $1) AND ($2 = 0 OR partition_key = $2 OR subject = $2)"
    " AND ($3 = '' OR type = $3) AND (cardinality($4) = 0 OR event_id = ANY($4))"
    " AND CASE $5 WHEN 1 THEN attempts > 0 AND NOT replay_requested"
    "             WHEN 2 THEN attempts = 0 AND NOT replay_requested"
    "             WHEN 3 THEN replay_requested ELSE true END";

Timestamp ToProto(absl::Time time) {
  return TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(time));
}

DeadLetter ToProto(const Row& row) {
  const auto& [group, id, position, type, key, occurred_at, traceparent, trace_id, producer,
               payload, code, reason, message, attempts, parked_at, last_failed_at, mended_at,
               replaying] = row;
  DeadLetter letter;
  letter.set_event_id(id.ToString());
  letter.set_consumer_group(group);
  mesh::v1::EventEnvelope& envelope = *letter.mutable_envelope();
  envelope.set_id(id.ToString());
  envelope.set_type(type);
  *envelope.mutable_occurred_at() = ToProto(occurred_at);
  envelope.set_partition_key(key);
  envelope.set_traceparent(traceparent);
  envelope.set_trace_id(trace_id);
  envelope.set_producer(producer);
  envelope.set_payload(payload.value);
  letter.set_payload_json(events::PayloadToJson(type, payload.value).value_or(""));
  letter.set_status(replaying      ? mesh::v1::DEAD_LETTER_STATUS_REPLAYING
                    : attempts > 0 ? mesh::v1::DEAD_LETTER_STATUS_FAILED
                                   : mesh::v1::DEAD_LETTER_STATUS_PARKED);
  if (attempts > 0) letter.set_code(code);
  if (attempts > 0) letter.set_reason(reason);
  letter.set_message(message);
  letter.set_attempts(attempts);
  *letter.mutable_parked_at() = ToProto(parked_at);
  if (last_failed_at.has_value()) *letter.mutable_last_failed_at() = ToProto(*last_failed_at);
  if (mended_at.has_value()) *letter.mutable_mended_at() = ToProto(*mended_at);
  return letter;
}

absl::StatusOr<std::vector<uuid::Uuid>> EventIds(const DeadLetterFilter& filter) {
  if (filter.event_ids_size() > kMaxIds) {
    return status::InvalidField("filter.event_ids", absl::StrCat("at most ", kMaxIds, " ids"));
  }
  std::vector<uuid::Uuid> ids;
  for (int i = 0; i < filter.event_ids_size(); ++i) {
    const auto id = uuid::Uuid::Parse(filter.event_ids(i));
    if (!id.ok()) {
      return status::InvalidField(absl::StrCat("filter.event_ids[", i, "]"), "must be a UUID");
    }
    ids.push_back(*id);
  }
  return ids;
}

absl::Status NotFound() {
  return status::Error(absl::StatusCode::kNotFound, "DEAD_LETTER_NOT_FOUND",
                       "this process has no such dead letter");
}

absl::StatusOr<Row> Load(Transaction& tx, const std::string& group, const uuid::Uuid& id) {
  // A tuple's types cannot be spelled once for Query; go by way of a one-element list.
  ASSIGN_OR_RETURN(
      auto row,
      (tx.QueryOne<std::string, uuid::Uuid, int64_t, std::string, int64_t, absl::Time, std::string,
                   std::string, std::string, postgres::Bytes, std::string, std::string, std::string,
                   int32_t, absl::Time, std::optional<absl::Time>, std::optional<absl::Time>, bool>(
          absl::StrCat("SELECT ", kColumns,
                       " FROM dead_letters WHERE consumer_group = $1 AND event_id = $2"),
          group, id)));
  if (!row.has_value()) return NotFound();
  return *std::move(row);
}

absl::StatusOr<uuid::Uuid> ParseId(const std::string& text) {
  const auto id = uuid::Uuid::Parse(text);
  if (!id.ok()) return status::InvalidField("event_id", "must be a UUID");
  return *id;
}

}  // namespace

absl::StatusOr<postgres::Database*> DeadLetterService::DatabaseOf(const std::string& group) const {
  if (group.empty()) return status::InvalidField("consumer_group", "is required");
  for (const Owner& owner : owners_) {
    if (group == owner.group || absl::StartsWith(group, owner.group + ".")) return owner.database;
  }
  return NotFound();
}

absl::StatusOr<mesh::v1::ListDeadLettersResponse> DeadLetterService::ListDeadLetters(
    const Call& call, const mesh::v1::ListDeadLettersRequest& request) {
  const int page = request.page_size() == 0 ? kDefaultPage : request.page_size();
  if (page < 1 || page > kMaxPage) {
    return status::InvalidField("page_size", absl::StrCat("must be 1 to ", kMaxPage));
  }
  int64_t after = 0;
  if (!request.page_token().empty() && !absl::SimpleAtoi(request.page_token(), &after)) {
    return status::InvalidField("page_token", "must be that of the page before");
  }
  const DeadLetterFilter& filter = request.filter();
  ASSIGN_OR_RETURN(const std::vector<uuid::Uuid> ids, EventIds(filter));
  // Positions are of one table, so the pages of all owners merge by them.
  std::vector<Row> rows;
  for (const Owner& owner : owners_) {
    ASSIGN_OR_RETURN(
        std::vector<Row> some,
        owner.database->Read(
            call,
            [&](Transaction& tx) {
              return tx.Query<std::string, uuid::Uuid, int64_t, std::string, int64_t, absl::Time,
                              std::string, std::string, std::string, postgres::Bytes, std::string,
                              std::string, std::string, int32_t, absl::Time,
                              std::optional<absl::Time>, std::optional<absl::Time>, bool>(
                  absl::StrCat("SELECT ", kColumns, " FROM dead_letters", kWhere,
                               " AND position > $6 ORDER BY position LIMIT $7"),
                  filter.consumer_group(), filter.user_id(), filter.type(), ids,
                  static_cast<int32_t>(filter.status()), after, static_cast<int64_t>(page) + 1);
            },
            {.newest = true}));
    rows.insert(rows.end(), some.begin(), some.end());
  }
  std::sort(rows.begin(), rows.end(),
            [](const Row& a, const Row& b) { return std::get<2>(a) < std::get<2>(b); });
  mesh::v1::ListDeadLettersResponse response;
  for (const Row& row : rows) {
    if (response.dead_letters_size() == page) {
      response.set_next_page_token(absl::StrCat(after));
      break;
    }
    *response.add_dead_letters() = ToProto(row);
    after = std::get<2>(row);
  }
  return response;
}

absl::StatusOr<mesh::v1::GetDeadLetterResponse> DeadLetterService::GetDeadLetter(
    const Call& call, const mesh::v1::GetDeadLetterRequest& request) {
  ASSIGN_OR_RETURN(postgres::Database* const database, DatabaseOf(request.consumer_group()));
  ASSIGN_OR_RETURN(const uuid::Uuid id, ParseId(request.event_id()));
  ASSIGN_OR_RETURN(
      const Row row,
      database->Read(call, [&](Transaction& tx) { return Load(tx, request.consumer_group(), id); },
                     {.newest = true}));
  mesh::v1::GetDeadLetterResponse response;
  *response.mutable_dead_letter() = ToProto(row);
  return response;
}

absl::StatusOr<mesh::v1::UpdateDeadLetterResponse> DeadLetterService::UpdateDeadLetter(
    const Call& call, const mesh::v1::UpdateDeadLetterRequest& request) {
  ASSIGN_OR_RETURN(postgres::Database* const database, DatabaseOf(request.consumer_group()));
  ASSIGN_OR_RETURN(const uuid::Uuid id, ParseId(request.event_id()));
  ASSIGN_OR_RETURN(
      const Row row, database->Write(call, [&](Transaction& tx) -> absl::StatusOr<Row> {
        ASSIGN_OR_RETURN(const Row old, Load(tx, request.consumer_group(), id));
        const std::string& type = std::get<3>(old);
        std::string payload = request.payload();
        if (request.has_payload_json()) {
          ASSIGN_OR_RETURN(payload, events::PayloadFromJson(type, request.payload_json()));
        } else if (!request.has_payload()) {
          return status::InvalidField("new_payload", "is required");
        }
        ASSIGN_OR_RETURN(const auto event, events::NewEvent(type));
        const auto key_of = [&](const std::string& bytes) -> std::optional<events::EventKey> {
          if (!event->ParseFromString(bytes)) return std::nullopt;
          return events::KeyOf(*event);
        };
        const std::optional<events::EventKey> key = key_of(payload);
        const std::optional<events::EventKey> old_key = key_of(std::get<9>(old).value);
        if (!key.has_value() || key->partition_key != std::get<4>(old) ||
            (old_key.has_value() && key->subject != old_key->subject)) {
          return status::Error(absl::StatusCode::kInvalidArgument, "INVALID_EVENT_PAYLOAD",
                               "the new payload does not parse, or has another key or user");
        }
        tx.Queue(
            "UPDATE dead_letters SET payload = $3, mended_at = now()"
            " WHERE consumer_group = $1 AND event_id = $2",
            request.consumer_group(), id, postgres::BytesView{payload});
        return Load(tx, request.consumer_group(), id);
      }));
  mesh::v1::UpdateDeadLetterResponse response;
  *response.mutable_dead_letter() = ToProto(row);
  return response;
}

absl::StatusOr<mesh::v1::ReplayDeadLettersResponse> DeadLetterService::ReplayDeadLetters(
    const Call& call, const mesh::v1::ReplayDeadLettersRequest& request) {
  const DeadLetterFilter& filter = request.filter();
  ASSIGN_OR_RETURN(const std::vector<uuid::Uuid> ids, EventIds(filter));
  mesh::v1::ReplayDeadLettersResponse response;
  for (const Owner& owner : owners_) {
    ASSIGN_OR_RETURN(const int64_t asked, owner.database->Write(call, [&](Transaction& tx) {
      return tx.Execute(absl::StrCat("UPDATE dead_letters SET replay_requested = true", kWhere),
                        filter.consumer_group(), filter.user_id(), filter.type(), ids,
                        static_cast<int32_t>(filter.status()));
    }));
    response.set_replayed(response.replayed() + asked);
  }
  return response;
}

absl::StatusOr<mesh::v1::DiscardDeadLettersResponse> DeadLetterService::DiscardDeadLetters(
    const Call& call, const mesh::v1::DiscardDeadLettersRequest& request) {
  const DeadLetterFilter& filter = request.filter();
  ASSIGN_OR_RETURN(const std::vector<uuid::Uuid> ids, EventIds(filter));
  mesh::v1::DiscardDeadLettersResponse response;
  for (const Owner& owner : owners_) {
    ASSIGN_OR_RETURN(
        const int64_t gone,
        owner.database->Write(call, [&](Transaction& tx) -> absl::StatusOr<int64_t> {
          // Those behind a discarded letter follow by being replayed.
          tx.Queue(absl::StrCat("UPDATE dead_letters SET replay_requested = true"
                                " WHERE attempts = 0 AND (consumer_group, partition_key) IN"
                                " (SELECT consumer_group, partition_key FROM dead_letters",
                                kWhere, " AND attempts > 0)"),
                   filter.consumer_group(), filter.user_id(), filter.type(), ids,
                   static_cast<int32_t>(filter.status()));
          return tx.Execute(
              absl::StrCat("DELETE FROM dead_letters", kWhere, " AND ($6 OR attempts > 0)"),
              filter.consumer_group(), filter.user_id(), filter.type(), ids,
              static_cast<int32_t>(filter.status()), request.include_parked());
        }));
    response.set_discarded(response.discarded() + gone);
  }
  return response;
}

}  // namespace selfology::service
