#include "services/coaching/coaching_dialog/settings/mood_service.h"

#include <optional>

#include "common/enums/word.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/coaching/coaching_dialog/settings/settings_store.h"

namespace selfology::coaching_dialog {
namespace {

using coach::v1::ListMoodsRequest;
using coach::v1::ListMoodsResponse;
using coach::v1::MoodRecord;
using coach::v1::RecordMoodRequest;
using coach::v1::RecordMoodResponse;
using postgres::Transaction;

constexpr paging::Limits kPage = {.default_size = 50, .max_size = 200};

}  // namespace

absl::StatusOr<RecordMoodResponse> MoodService::RecordMood(const Call& call,
                                                           const RecordMoodRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  if (!enums::IsNamed(request.mood())) bad.Add("mood", "must be a known one");
  std::optional<absl::CivilDay> day;
  if (!request.day().empty()) {
    absl::CivilDay given;
    if (absl::ParseCivilTime(request.day(), &given)) {
      day = given;
    } else {
      bad.Add("day", "must be a day as 2026-12-04, or empty");
    }
  }
  RETURN_IF_ERROR(bad.ToStatus());
  if (!day.has_value()) {
    ASSIGN_OR_RETURN(day, Today(call, request.user_id()));
  }
  const absl::Time now = timestamps::WholeMicroseconds(clock_());
  RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) {
    store::SaveMood(tx, request.user_id(), *day, request.mood(), now);
    return absl::OkStatus();
  }));
  RecordMoodResponse response;
  MoodRecord& record = *response.mutable_record();
  record.set_user_id(request.user_id());
  record.set_day(absl::FormatCivilTime(*day));
  record.set_mood(request.mood());
  *record.mutable_recorded_at() = timestamps::ToProto(now);
  return response;
}

absl::StatusOr<ListMoodsResponse> MoodService::ListMoods(const Call& call,
                                                         const ListMoodsRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  std::optional<absl::CivilDay> before;
  if (!page.after.empty()) {
    absl::CivilDay after;
    if (!absl::ParseCivilTime(page.after, &after)) {
      return status::InvalidField("page_token", "must be one that this list gave");
    }
    before = after;
  }
  ASSIGN_OR_RETURN(std::vector<MoodRecord> records, database_.Read(call, [&](Transaction& tx) {
    return store::ListMoods(tx, request.user_id(), before, page.limit());
  }));
  ListMoodsResponse response;
  response.set_next_page_token(page.Cut(records, &MoodRecord::day));
  for (MoodRecord& record : records) *response.add_records() = std::move(record);
  return response;
}

absl::StatusOr<absl::CivilDay> MoodService::Today(const Call& call, int64_t user_id) {
  ASSIGN_OR_RETURN(const Preferences preferences, database_.Read(call, [&](Transaction& tx) {
    return store::ReadPreferences(tx, user_id);
  }));
  return DayAt(clock_(), ZoneOf(preferences));
}

}  // namespace selfology::coaching_dialog
