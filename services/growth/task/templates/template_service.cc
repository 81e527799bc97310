#include "services/growth/task/templates/template_service.h"

#include <string>
#include <utility>
#include <vector>

#include "common/idempotency/once.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/growth/task/tasks/list_store.h"
#include "services/growth/task/tasks/recurrence.h"
#include "services/growth/task/tasks/task_rules.h"
#include "services/growth/task/tasks/task_store.h"
#include "services/growth/task/templates/template_rules.h"
#include "services/growth/task/templates/template_runs.h"
#include "services/growth/task/templates/template_store.h"

namespace selfology::task {
namespace {

using postgres::Transaction;
using status::FieldViolations;

constexpr paging::Limits kPage = {.default_size = 20, .max_size = 100};

// The day of the first run: that of the rule on start_at's day or behind it.
absl::StatusOr<std::optional<absl::Time>> FirstRun(const v1::TaskTemplate& tmpl) {
  if (!tmpl.has_recurrence()) return std::nullopt;
  const absl::TimeZone zone = ZoneOf(tmpl.time_zone());
  const absl::Time start = absl::FromCivil(
      absl::ToCivilDay(timestamps::FromProto(tmpl.recurrence().start_at()), zone), zone);
  return NextOccurrence(tmpl.recurrence().rrule(), ToMoment(start, zone),
                        start - absl::Nanoseconds(1));
}

}  // namespace

TaskTemplateService::TaskTemplateService(postgres::Database& database, Clock clock)
    : database_(database), clock_(std::move(clock)) {}

absl::StatusOr<v1::CreateTaskTemplateResponse> TaskTemplateService::CreateTaskTemplate(
    const Call& call, const v1::CreateTaskTemplateRequest& request) {
  const absl::Time now = timestamps::WholeMicroseconds(clock_());
  FieldViolations bad = status::CheckUser(request);
  idempotency::CheckKey(request.idempotency_key(), bad);
  v1::TaskTemplate tmpl = request.template_();
  tmpl.set_user_id(request.user_id());
  tmpl.set_name(std::string(text::Trim(tmpl.name())));
  tmpl.clear_template_id();
  tmpl.clear_last_run_id();
  tmpl.clear_next_run_at();
  *tmpl.mutable_created_at() = timestamps::ToProto(now);
  if (tmpl.has_recurrence() && !tmpl.recurrence().has_start_at()) {
    *tmpl.mutable_recurrence()->mutable_start_at() = tmpl.created_at();
  }
  CheckTemplate(tmpl, bad);
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const std::optional<absl::Time> first, FirstRun(tmpl));
  if (first.has_value()) *tmpl.mutable_next_run_at() = timestamps::ToProto(*first);
  const auto create = [&](Transaction& tx) -> absl::StatusOr<v1::CreateTaskTemplateResponse> {
    ASSIGN_OR_RETURN(const int64_t count, store::CountTemplates(tx, request.user_id()));
    if (count >= store::kMaxTemplates) {
      return status::Error(mesh::v1::ERROR_CODE_TASK_LIMIT_REACHED,
                           "at most 200 templates are kept");
    }
    if (tmpl.list_id() != 0) {
      ASSIGN_OR_RETURN(const std::optional<v1::TaskList> list,
                       store::ReadList(tx, request.user_id(), tmpl.list_id()));
      if (!list.has_value()) {
        return status::InvalidField("template.list_id", "must be a list of the person");
      }
    }
    v1::CreateTaskTemplateResponse response;
    *response.mutable_template_() = tmpl;
    ASSIGN_OR_RETURN(const int64_t id, store::InsertTemplate(tx, tmpl));
    response.mutable_template_()->set_template_id(id);
    return response;
  };
  return database_.Write(call, [&](Transaction& tx) {
    store::LockOwner(tx, request.user_id());
    return idempotency::Once<v1::CreateTaskTemplateResponse>(
        tx,
        {store::kRequests, request.user_id(), "CreateTaskTemplate", request.idempotency_key(), now},
        [&] { return create(tx); });
  });
}

absl::StatusOr<v1::ListTaskTemplatesResponse> TaskTemplateService::ListTaskTemplates(
    const Call& call, const v1::ListTaskTemplatesRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(const int64_t after, page.AfterId(0));
  ASSIGN_OR_RETURN(std::vector<v1::TaskTemplate> templates,
                   database_.Read(call, [&](Transaction& tx) {
                     return store::ListTemplates(tx, request.user_id(), after, page.limit());
                   }));
  v1::ListTaskTemplatesResponse response;
  response.set_next_page_token(page.Cut(templates, &v1::TaskTemplate::template_id));
  for (v1::TaskTemplate& tmpl : templates) *response.add_templates() = std::move(tmpl);
  return response;
}

absl::StatusOr<v1::RunTaskTemplateResponse> TaskTemplateService::RunTaskTemplate(
    const Call& call, const v1::RunTaskTemplateRequest& request) {
  FieldViolations bad = status::CheckUser(request);
  idempotency::CheckKey(request.idempotency_key(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time now = timestamps::WholeMicroseconds(clock_());
  const auto run = [&](Transaction& tx) -> absl::StatusOr<v1::RunTaskTemplateResponse> {
    ASSIGN_OR_RETURN(const std::optional<v1::TaskTemplate> tmpl,
                     store::ReadTemplate(tx, request.user_id(), request.template_id()));
    if (!tmpl.has_value()) return store::NotFound();
    const absl::Time day = request.has_day() ? timestamps::FromProto(request.day()) : now;
    ASSIGN_OR_RETURN(MadeRun made,
                     MakeRun(tx, *tmpl, absl::ToCivilDay(day, ZoneOf(tmpl->time_zone())), now));
    RETURN_IF_ERROR(store::Compute(tx, now, absl::MakeSpan(made.tasks)));
    v1::RunTaskTemplateResponse response;
    response.set_run_id(made.run_id);
    for (v1::Task& task : made.tasks) *response.add_tasks() = std::move(task);
    return response;
  };
  return database_.Write(call, [&](Transaction& tx) {
    store::LockOwner(tx, request.user_id());
    return idempotency::Once<v1::RunTaskTemplateResponse>(
        tx,
        {store::kRequests, request.user_id(), "RunTaskTemplate", request.idempotency_key(), now},
        [&] { return run(tx); });
  });
}

absl::StatusOr<v1::DeleteTaskTemplateResponse> TaskTemplateService::DeleteTaskTemplate(
    const Call& call, const v1::DeleteTaskTemplateRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const bool deleted, database_.Write(call, [&](Transaction& tx) {
    store::LockOwner(tx, request.user_id());
    return store::DeleteTemplate(tx, request.user_id(), request.template_id());
  }));
  v1::DeleteTaskTemplateResponse response;
  response.set_deleted(deleted);
  return response;
}

}  // namespace selfology::task
