#include "common/service/dead_letter_service.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/events/catalogue.h"
#include "common/events/event_type.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/uuid/uuid.h"
#include "google/protobuf/util/time_util.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::service {
namespace {

using google::protobuf::Timestamp;
using google::protobuf::util::TimeUtil;
using mesh::v1::DeadLetter;
using mesh::v1::DeadLetterFilter;
using postgres::Transaction;

constexpr paging::Limits kPage = {.default_size = 100, .max_size = 1000};
constexpr int kMaxIds = 1000;

// A letter that was tried waits FAILED, one that stands behind it PARKED; see the column's comment.
constexpr char kColumns[] =
    "consumer_group, event_id, position, type, partition_key, occurred_at, traceparent, trace_id,"
    " producer, payload, code, reason, message, attempts, parked_at, last_failed_at, mended_at,"
    " replay_requested";

struct Row {
  std::string group;
  uuid::Uuid event_id;
  int64_t position = 0;
  std::string type;
  int64_t partition_key = 0;
  absl::Time occurred_at;
  std::string traceparent;
  std::string trace_id;
  std::string producer;
  postgres::Bytes payload;
  std::string code;
  std::string reason;
  std::string message;
  int32_t attempts = 0;
  absl::Time parked_at;
  std::optional<absl::Time> last_failed_at;
  std::optional<absl::Time> mended_at;
  bool replaying = false;
};

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
  DeadLetter letter;
  letter.set_event_id(row.event_id.ToString());
  letter.set_consumer_group(row.group);
  mesh::v1::EventEnvelope& envelope = *letter.mutable_envelope();
  envelope.set_id(row.event_id.ToString());
  envelope.set_type(row.type);
  *envelope.mutable_occurred_at() = ToProto(row.occurred_at);
  envelope.set_partition_key(row.partition_key);
  envelope.set_traceparent(row.traceparent);
  envelope.set_trace_id(row.trace_id);
  envelope.set_producer(row.producer);
  envelope.set_payload(row.payload.value);
  letter.set_payload_json(events::PayloadToJson(row.type, row.payload.value).value_or(""));
  letter.set_status(row.replaying      ? mesh::v1::DEAD_LETTER_STATUS_REPLAYING
                    : row.attempts > 0 ? mesh::v1::DEAD_LETTER_STATUS_FAILED
                                       : mesh::v1::DEAD_LETTER_STATUS_PARKED);
  if (row.attempts > 0) letter.set_code(row.code);
  if (row.attempts > 0) letter.set_reason(row.reason);
  letter.set_message(row.message);
  letter.set_attempts(row.attempts);
  *letter.mutable_parked_at() = ToProto(row.parked_at);
  if (row.last_failed_at.has_value()) {
    *letter.mutable_last_failed_at() = ToProto(*row.last_failed_at);
  }
  if (row.mended_at.has_value()) *letter.mutable_mended_at() = ToProto(*row.mended_at);
  return letter;
}

absl::Status CheckFilter(const DeadLetterFilter& filter) {
  status::FieldViolations bad;
  if (filter.user_id() < 0) bad.Add("filter.user_id", "must be above 0, or 0 for any");
  if (!mesh::v1::DeadLetterStatus_IsValid(filter.status())) {
    bad.Add("filter.status", "must be a value of DeadLetterStatus");
  }
  return bad.ToStatus();
}

// For what changes letters: nobody means all of them by saying nothing.
absl::Status CheckNarrowingFilter(const DeadLetterFilter& filter) {
  RETURN_IF_ERROR(CheckFilter(filter));
  const bool narrows = !filter.consumer_group().empty() || filter.user_id() != 0 ||
                       !filter.type().empty() || filter.event_ids_size() > 0 ||
                       filter.status() != mesh::v1::DEAD_LETTER_STATUS_UNSPECIFIED;
  if (narrows) return absl::OkStatus();
  return status::InvalidField("filter", "must not be empty: name at least a consumer_group");
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
  return status::Error(mesh::v1::ERROR_CODE_DEAD_LETTER_NOT_FOUND,
                       "this process has no such dead letter");
}

absl::StatusOr<Row> Load(Transaction& tx, const std::string& group, const uuid::Uuid& id) {
  ASSIGN_OR_RETURN(std::optional<Row> row,
                   tx.QueryOne<Row>(absl::StrCat("SELECT ", kColumns,
                                                 " FROM dead_letters WHERE consumer_group = $1"
                                                 " AND event_id = $2"),
                                    group, id));
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
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(const int64_t after, page.AfterId(0));
  const DeadLetterFilter& filter = request.filter();
  RETURN_IF_ERROR(CheckFilter(filter));
  ASSIGN_OR_RETURN(const std::vector<uuid::Uuid> ids, EventIds(filter));
  // Positions are of one table, so the pages of all owners merge by them.
  std::vector<Row> rows;
  for (const Owner& owner : owners_) {
    ASSIGN_OR_RETURN(
        std::vector<Row> some,
        owner.database->Read(call,
                             [&](Transaction& tx) {
                               return tx.Query<Row>(
                                   absl::StrCat("SELECT ", kColumns, " FROM dead_letters", kWhere,
                                                " AND position > $6 ORDER BY position LIMIT $7"),
                                   filter.consumer_group(), filter.user_id(), filter.type(), ids,
                                   static_cast<int32_t>(filter.status()), after,
                                   static_cast<int64_t>(page.limit()));
                             },
                             {.newest = true}));
    rows.insert(rows.end(), some.begin(), some.end());
  }
  std::sort(rows.begin(), rows.end(),
            [](const Row& a, const Row& b) { return a.position < b.position; });
  mesh::v1::ListDeadLettersResponse response;
  response.set_next_page_token(page.Cut(rows, &Row::position));
  for (const Row& row : rows) *response.add_dead_letters() = ToProto(row);
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
        const std::string& type = old.type;
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
        const std::optional<events::EventKey> old_key = key_of(old.payload.value);
        // That of a letter that was parked alone is not the event's.
        const int64_t ordering_key =
            old_key.has_value() ? old_key->partition_key : old.partition_key;
        if (!key.has_value() || key->partition_key != ordering_key ||
            (old_key.has_value() && key->subject != old_key->subject)) {
          return status::Error(mesh::v1::ERROR_CODE_INVALID_EVENT_PAYLOAD,
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
  RETURN_IF_ERROR(CheckNarrowingFilter(filter));
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
  RETURN_IF_ERROR(CheckNarrowingFilter(filter));
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
