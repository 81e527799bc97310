// The RPCs of CoachService that show and change what the coach remembers.
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/language/language.h"
#include "common/language/tag.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/coaching/coach/coach_service.h"
#include "services/coaching/coach/coach_store.h"
#include "services/coaching/coach/memory_store.h"
#include "services/coaching/coach/reply/check_in.h"
#include "services/coaching/coach/understanding/dates.h"

namespace selfology::coach {
namespace {

using postgres::Transaction;
using status::CheckUser;
using status::FieldViolations;

constexpr int kMostCharacters = 200;
constexpr int kMostForgotten = 200;
constexpr paging::Limits kMemoryPage = {.default_size = 50, .max_size = 200};

absl::Status MemoryNotFound() {
  return status::Error(mesh::v1::ERROR_CODE_MEMORY_NOT_FOUND, "nothing of the kind is remembered");
}

absl::Status Validate(const v1::UpdateMemoryRequest& request) {
  FieldViolations bad = CheckUser(request);
  if (!request.has_item() && request.done_steps().empty()) {
    bad.Add("item", "must be there, or done_steps must be");
  }
  if (request.has_item()) {
    const v1::MemoryItem& item = request.item();
    const std::string_view text = text::Trim(item.text());
    if (text.empty() || text::Characters(text) > kMostCharacters || !text::IsStorable(text)) {
      bad.Add("item.text", absl::StrCat("must be 1 to ", kMostCharacters, " characters"));
    }
    if (!item.due_date().empty() && !ParseDay(item.due_date()).has_value()) {
      bad.Add("item.due_date", "must be a day such as \"2026-12-04\"");
    }
    if (item.memory_id() < 0) bad.Add("item.memory_id", "must not be below 0");
    if (item.memory_id() == 0 && item.kind() != v1::MEMORY_KIND_UNSPECIFIED &&
        !enums::IsNamed(item.kind())) {
      bad.Add("item.kind", "must be a kind of memory");
    }
  }
  return bad.ToStatus();
}

// The item as it is then.
absl::StatusOr<v1::MemoryItem> Change(Transaction& tx, int64_t user_id,
                                      const v1::MemoryItem& wanted, absl::Time now) {
  const std::string text(text::Trim(wanted.text()));
  if (wanted.memory_id() == 0) {
    v1::MemoryItem item;
    item.set_user_id(user_id);
    // What a person writes themselves is a fact unless they say otherwise.
    item.set_kind(enums::IsNamed(wanted.kind()) ? wanted.kind() : v1::MEMORY_KIND_FACT);
    item.set_text(text);
    item.set_due_date(wanted.due_date());
    item.set_done(wanted.done());
    RETURN_IF_ERROR(store::SaveMemory(tx, item, now));
    store::ForgetOldest(tx, user_id);
    return item;
  }
  ASSIGN_OR_RETURN(std::optional<v1::MemoryItem> item,
                   store::ReadMemory(tx, user_id, wanted.memory_id()));
  if (!item.has_value()) return MemoryNotFound();
  if (item->text() != text) item->clear_quote();
  item->set_text(text);
  item->set_due_date(wanted.due_date());
  item->set_done(wanted.done());
  RETURN_IF_ERROR(store::ChangeMemory(tx, *item, now));
  return *std::move(item);
}

}  // namespace

absl::StatusOr<v1::GetMemoryResponse> CoachService::GetMemory(const Call& call,
                                                              const v1::GetMemoryRequest& request) {
  RETURN_IF_ERROR(CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kMemoryPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  return database_.Read(call, [&](Transaction& tx) -> absl::StatusOr<v1::GetMemoryResponse> {
    v1::GetMemoryResponse response;
    ASSIGN_OR_RETURN(
        std::vector<v1::MemoryItem> items,
        store::ListMemories(tx, request.user_id(), request.kind(), before, page.limit()));
    response.set_next_page_token(page.Cut(items, &v1::MemoryItem::memory_id));
    for (v1::MemoryItem& item : items) *response.add_items() = std::move(item);
    ASSIGN_OR_RETURN(std::optional<v1::Plan> plan, store::ReadPlan(tx, request.user_id()));
    if (plan.has_value()) *response.mutable_plan() = *std::move(plan);
    return response;
  });
}

absl::StatusOr<v1::UpdateMemoryResponse> CoachService::UpdateMemory(
    const Call& call, const v1::UpdateMemoryRequest& request) {
  RETURN_IF_ERROR(Validate(request));
  const absl::Time now = timestamps::WholeMicroseconds(clock_());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::UpdateMemoryResponse> {
    store::LockUser(tx, request.user_id());
    v1::UpdateMemoryResponse response;
    if (request.has_item()) {
      ASSIGN_OR_RETURN(*response.mutable_item(),
                       Change(tx, request.user_id(), request.item(), now));
    }
    ASSIGN_OR_RETURN(std::optional<v1::Plan> plan, store::ReadPlan(tx, request.user_id()));
    for (const int32_t number : request.done_steps()) {
      // Steps are numbered from 1.
      if (!plan.has_value() || number < 1 || number > plan->steps_size()) return MemoryNotFound();
      plan->mutable_steps(number - 1)->set_done(true);
    }
    if (plan.has_value() && !request.done_steps().empty()) {
      RETURN_IF_ERROR(store::SavePlan(tx, request.user_id(), *plan, now));
    }
    if (plan.has_value()) *response.mutable_plan() = *std::move(plan);
    return response;
  });
}

absl::StatusOr<v1::ForgetMemoryResponse> CoachService::ForgetMemory(
    const Call& call, const v1::ForgetMemoryRequest& request) {
  FieldViolations bad = CheckUser(request);
  if (request.memory_ids_size() > kMostForgotten) bad.Add("memory_ids", "must be at most 200");
  RETURN_IF_ERROR(bad.ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::ForgetMemoryResponse> {
    store::LockUser(tx, request.user_id());
    const std::vector<int64_t> ids(request.memory_ids().begin(), request.memory_ids().end());
    ASSIGN_OR_RETURN(int64_t forgotten, request.all()
                                            ? store::ForgetAllMemories(tx, request.user_id())
                                            : store::ForgetMemories(tx, request.user_id(), ids));
    if (request.plan() || request.all()) {
      ASSIGN_OR_RETURN(const int64_t plans, store::ForgetPlan(tx, request.user_id()));
      forgotten += plans;
    }
    v1::ForgetMemoryResponse response;
    response.set_forgotten_count(static_cast<int32_t>(forgotten));
    return response;
  });
}

absl::StatusOr<v1::ProposeCheckInResponse> CoachService::ProposeCheckIn(
    const Call& call, const v1::ProposeCheckInRequest& request) {
  FieldViolations bad = CheckUser(request);
  if (!request.language().empty() && !language::Tag::Parse(request.language()).has_value()) {
    bad.Add("language", "must be a BCP 47 language tag of at most 35 characters");
  }
  const std::optional<absl::CivilDay> today = ParseDay(request.today());
  if (!today.has_value()) bad.Add("today", "must be a day such as \"2026-12-04\"");
  RETURN_IF_ERROR(bad.ToStatus());
  store::Habits habits;
  Past past;
  RETURN_IF_ERROR(database_.Read(call, [&](Transaction& tx) -> absl::Status {
    constexpr int64_t kAll = std::numeric_limits<int64_t>::max();
    ASSIGN_OR_RETURN(past, store::ReadPast(tx, request.user_id(), kAll, kAll, absl::UTCTimeZone()));
    ASSIGN_OR_RETURN(habits, store::ReadHabits(tx, request.user_id()));
    return absl::OkStatus();
  }));
  Known known;
  known.today = today;
  known.memory = std::move(past.memory);
  known.plan = std::move(past.plan);
  known.said = std::move(past.said);
  const LoadedSpeech& speech =
      local_coach_->listener().speech(language::LanguageOf(request.language()));
  CheckIn check_in = WriteCheckIn(speech, known, habits.informal.value_or(false));
  v1::ProposeCheckInResponse response;
  response.set_message_text(std::move(check_in.text));
  response.set_step_number(check_in.step_number);
  return response;
}

}  // namespace selfology::coach
