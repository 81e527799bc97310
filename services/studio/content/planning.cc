// The part of ContentService that plans.
#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/events/outbox.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/content.pb.h"
#include "services/studio/content/calendar.h"
#include "services/studio/content/content_service.h"
#include "services/studio/content/post_rules.h"
#include "services/studio/content/slots.h"

namespace selfology::content {
namespace {

using identity::OwnerOf;
using postgres::Transaction;
using store::PostRow;

constexpr absl::Duration kFarthest = absl::Hours(366 * 24);
constexpr int kMaxSlots = 100;
constexpr int kMaxCalendarDays = 62;
constexpr int64_t kMaxCalendarPosts = 5000;
constexpr int kNextShown = 5;

std::vector<Slot> SlotsOf(const store::SlotsRow& row) {
  std::vector<Slot> slots;
  for (size_t i = 0; i < row.weekdays.size() && i < row.minutes.size(); ++i) {
    slots.push_back({static_cast<int>(row.weekdays[i]), static_cast<int>(row.minutes[i])});
  }
  return slots;
}

absl::StatusOr<std::vector<absl::Time>> FreeSlots(Transaction& tx, int64_t user_id,
                                                  int64_t but_post, absl::Time now, int count) {
  ASSIGN_OR_RETURN(const std::optional<store::SlotsRow> row, store::FindSlots(tx, user_id));
  if (!row.has_value()) return std::vector<absl::Time>();
  const std::optional<absl::TimeZone> zone = ZoneOf(row->time_zone);
  ASSIGN_OR_RETURN(const std::vector<absl::Time> planned,
                   store::ListPlanned(tx, user_id, but_post, now));
  return NextFree(SlotsOf(*row), zone.value_or(absl::UTCTimeZone()), now,
                  {planned.begin(), planned.end()}, count);
}

void AddFollowing(const v1::Post& post, social::v1::TextToCheck& text) {
  *text.mutable_thread() = post.thread();
  text.set_first_comment(post.first_comment());
  text.set_images(post.media_size());
}

absl::Status WhyNot(const std::vector<v1::PostIssue>& issues) {
  return absl::FailedPreconditionError(absl::StrJoin(
      issues, "; ",
      [](std::string* out, const v1::PostIssue& issue) { absl::StrAppend(out, issue.issue()); }));
}

}  // namespace

absl::StatusOr<std::vector<v1::PostIssue>> ContentService::IssuesOf(const Call& call,
                                                                    const v1::Post& post) {
  social::v1::CheckTextsRequest request;
  const identity::Owner owner = OwnerOf(post);
  request.set_user_id(owner.user_id);
  request.set_team_id(owner.team_id);
  // The platform of an account is known to social only, and the text depends on it.
  ASSIGN_OR_RETURN(const std::vector<int64_t> platforms,
                   PlatformsOf(call, owner, post.account_ids()));
  for (int i = 0; i < post.account_ids_size(); ++i) {
    social::v1::TextToCheck& text = *request.add_texts();
    text.set_account_id(post.account_ids(i));
    text.set_text(TextAt(post, static_cast<social::v1::Platform>(platforms[i])));
    AddFollowing(post, text);
  }
  if (post.account_ids().empty()) {
    for (int number = 1; number <= social::v1::Platform_MAX; ++number) {
      social::v1::TextToCheck& text = *request.add_texts();
      text.set_platform(static_cast<social::v1::Platform>(number));
      text.set_text(TextAt(post, text.platform()));
      AddFollowing(post, text);
    }
  }
  ASSIGN_OR_RETURN(const social::v1::CheckTextsResponse response,
                   social_.CheckTexts(call, request));
  std::vector<v1::PostIssue> issues;
  for (const social::v1::TextCheck& check : response.checks()) {
    for (const std::string& words : check.issues()) {
      v1::PostIssue& issue = issues.emplace_back();
      issue.set_account_id(check.account_id());
      issue.set_platform(check.platform());
      issue.set_issue(words);
    }
  }
  return issues;
}

absl::StatusOr<v1::CheckPostResponse> ContentService::CheckPost(
    const Call& call, const v1::CheckPostRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const std::optional<PostRow> row, database_.Read(call, [&](Transaction& tx) {
    return store::FindPost(tx, OwnerOf(request), request.post_id(), /*lock=*/false);
  }));
  if (!row.has_value()) return NoSuchPost();
  ASSIGN_OR_RETURN(const std::vector<v1::PostIssue> issues, IssuesOf(call, store::ToProto(*row)));
  v1::CheckPostResponse response;
  for (const v1::PostIssue& issue : issues) *response.add_issues() = issue;
  return response;
}

absl::StatusOr<v1::SchedulePostResponse> ContentService::SchedulePost(
    const Call& call, const v1::SchedulePostRequest& request) {
  const absl::Time now = Now();
  status::FieldViolations bad = status::CheckUser(request);
  if (request.expected_revision() < 1) bad.Add("expected_revision", "must be 1 or more");
  if (request.when_case() == v1::SchedulePostRequest::WHEN_NOT_SET) {
    bad.Add("when", "must say when: publish_at, next_slot or now");
  }
  if (request.next_slot() && request.team_id() != 0) {
    bad.Add("next_slot", "must not be set: a team has no slots");
  }
  absl::Time at = now;
  if (request.has_publish_at()) {
    at = std::max(now, timestamps::FromProto(request.publish_at()));
    if (at > now + kFarthest) bad.Add("publish_at", "must be at most a year ahead");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const std::optional<PostRow> seen, database_.Write(call, [&](Transaction& tx) {
    return store::FindPost(tx, OwnerOf(request), request.post_id(), /*lock=*/false);
  }));
  if (!seen.has_value()) return NoSuchPost();
  if (seen->revision != request.expected_revision()) return OtherRevision(seen->revision);
  // Asked before the transaction; the revision keeps the answer true.
  ASSIGN_OR_RETURN(const std::vector<v1::PostIssue> issues, IssuesOf(call, store::ToProto(*seen)));
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::SchedulePostResponse> {
    ASSIGN_OR_RETURN(std::optional<PostRow> row,
                     store::FindPost(tx, OwnerOf(request), request.post_id(), /*lock=*/true));
    if (!row.has_value()) return NoSuchPost();
    if (row->revision != request.expected_revision()) return OtherRevision(row->revision);
    v1::SchedulePostResponse response;
    const v1::PostState state = StateOf(row->state);
    // The same call again, after the post has gone out.
    if (state == v1::POST_STATE_PUBLISHING || state == v1::POST_STATE_PUBLISHED) {
      ASSIGN_OR_RETURN(*response.mutable_post(), Described(tx, *row));
      return response;
    }
    RETURN_IF_ERROR(MaySchedule(store::ToProto(*row)));
    if (!issues.empty()) return WhyNot(issues);
    if (request.next_slot()) {
      ASSIGN_OR_RETURN(const std::vector<absl::Time> free,
                       FreeSlots(tx, request.user_id(), row->id, now, 1));
      if (free.empty()) return absl::FailedPreconditionError("there are no slots; set some first");
      at = free[0];
    }
    row->state = WordOf(v1::POST_STATE_SCHEDULED);
    row->publish_at = at;
    row->updated_at = now;
    store::SaveState(tx, *row);
    events::v1::ContentPostScheduled event;
    event.set_user_id(row->user_id);
    event.set_post_id(row->id);
    *event.mutable_publish_at() = timestamps::ToProto(at);
    event.set_accounts(static_cast<int32_t>(row->account_ids.size()));
    RETURN_IF_ERROR(events::Publish(tx, event));
    ASSIGN_OR_RETURN(*response.mutable_post(), Described(tx, *row));
    return response;
  });
}

absl::StatusOr<v1::UnschedulePostResponse> ContentService::UnschedulePost(
    const Call& call, const v1::UnschedulePostRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::UnschedulePostResponse> {
    ASSIGN_OR_RETURN(std::optional<PostRow> row,
                     store::FindPost(tx, OwnerOf(request), request.post_id(), /*lock=*/true));
    if (!row.has_value()) return NoSuchPost();
    RETURN_IF_ERROR(MayChange(StateOf(row->state)));
    if (row->state == WordOf(v1::POST_STATE_SCHEDULED)) {
      row->state = WordOf(row->needs_approval ? v1::POST_STATE_APPROVED : v1::POST_STATE_DRAFT);
      row->publish_at = std::nullopt;
      row->updated_at = Now();
      store::SaveState(tx, *row);
    }
    v1::UnschedulePostResponse response;
    ASSIGN_OR_RETURN(*response.mutable_post(), Described(tx, *row));
    return response;
  });
}

absl::StatusOr<v1::GetCalendarResponse> ContentService::GetCalendar(
    const Call& call, const v1::GetCalendarRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  absl::CivilDay first;
  if (!absl::ParseCivilTime(request.from_day(), &first) || first.year() < 1970 ||
      first.year() > 9000) {
    bad.Add("from_day", "must be a day such as 2026-11-30");
  }
  if (request.days() < 0 || request.days() > kMaxCalendarDays) {
    bad.Add("days", absl::StrCat("must be 0 to ", kMaxCalendarDays));
  }
  std::optional<absl::TimeZone> zone = ZoneOf(request.time_zone());
  if (!zone.has_value()) bad.Add("time_zone", "must be a name such as Europe/Berlin");
  RETURN_IF_ERROR(bad.ToStatus());
  const int days = request.days() == 0 ? 7 : request.days();
  return database_.Read(call, [&](Transaction& tx) -> absl::StatusOr<v1::GetCalendarResponse> {
    if (request.time_zone().empty()) {
      ASSIGN_OR_RETURN(const std::optional<store::SlotsRow> slots,
                       store::FindSlots(tx, request.user_id()));
      if (slots.has_value()) zone = ZoneOf(slots->time_zone).value_or(*zone);
    }
    ASSIGN_OR_RETURN(const std::vector<PostRow> rows,
                     store::ListBetween(tx, OwnerOf(request), absl::FromCivil(first, *zone),
                                        absl::FromCivil(first + days, *zone), kMaxCalendarPosts));
    std::vector<int64_t> ids;
    for (const PostRow& row : rows) ids.push_back(row.id);
    ASSIGN_OR_RETURN(const std::vector<store::ResultRow> results, store::ListResults(tx, ids));
    v1::GetCalendarResponse response;
    std::vector<v1::Post> posts;
    for (const PostRow& row : rows) {
      v1::Post post = store::ToProto(row);
      store::AddResults(results, post);
      const std::string day = absl::FormatCivilTime(absl::ToCivilDay(*row.publish_at, *zone));
      if (response.days().empty() || response.days(response.days_size() - 1).day() != day) {
        response.add_days()->set_day(day);
      }
      *response.mutable_days(response.days_size() - 1)->add_posts() = post;
      posts.push_back(std::move(post));
    }
    response.set_ics(CalendarOf(posts, Now()));
    return response;
  });
}

absl::StatusOr<v1::SetSlotsResponse> ContentService::SetSlots(const Call& call,
                                                              const v1::SetSlotsRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  std::set<Slot> slots;
  for (const v1::Slot& slot : request.slots()) {
    if (slot.weekday() < 1 || slot.weekday() > 7 || slot.minute() < 0 || slot.minute() > 1439) {
      bad.Add("slots", "must have weekdays 1 to 7 and minutes 0 to 1439");
      break;
    }
    slots.insert({slot.weekday(), slot.minute()});
  }
  if (request.slots_size() > kMaxSlots) {
    bad.Add("slots", absl::StrCat("must be at most ", kMaxSlots));
  }
  if (request.time_zone().empty() || !ZoneOf(request.time_zone()).has_value()) {
    bad.Add("time_zone", "must be a name such as Europe/Berlin");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  store::SlotsRow row{.time_zone = request.time_zone()};
  v1::SetSlotsResponse response;
  for (const Slot& slot : slots) {
    row.weekdays.push_back(slot.weekday);
    row.minutes.push_back(slot.minute);
    v1::Slot& kept = *response.add_slots();
    kept.set_weekday(slot.weekday);
    kept.set_minute(slot.minute);
  }
  RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) -> absl::Status {
    store::SaveSlots(tx, request.user_id(), row);
    return absl::OkStatus();
  }));
  return response;
}

absl::StatusOr<v1::GetSlotsResponse> ContentService::GetSlots(const Call& call,
                                                              const v1::GetSlotsRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  return database_.Read(call, [&](Transaction& tx) -> absl::StatusOr<v1::GetSlotsResponse> {
    v1::GetSlotsResponse response;
    ASSIGN_OR_RETURN(const std::optional<store::SlotsRow> row,
                     store::FindSlots(tx, request.user_id()));
    if (!row.has_value()) return response;
    response.set_time_zone(row->time_zone);
    for (const Slot& slot : SlotsOf(*row)) {
      v1::Slot& kept = *response.add_slots();
      kept.set_weekday(slot.weekday);
      kept.set_minute(slot.minute);
    }
    ASSIGN_OR_RETURN(const std::vector<absl::Time> next,
                     FreeSlots(tx, request.user_id(), 0, Now(), kNextShown));
    for (const absl::Time time : next) *response.add_next() = timestamps::ToProto(time);
    return response;
  });
}

}  // namespace selfology::content
