#include "services/platform/file/file_service.h"

#include <limits>
#include <utility>
#include <vector>

#include "common/events/outbox.h"
#include "common/idempotency/once.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/file.pb.h"
#include "services/platform/file/file_store.h"
#include "services/platform/file/entry.h"

namespace selfology::file {
namespace {

using postgres::Transaction;

constexpr paging::Limits kEntriesPage = {.default_size = 50, .max_size = 200};

events::v1::FileEntryAdded EntryAdded(const v1::FileEntry& entry) {
  events::v1::FileEntryAdded event;
  event.set_user_id(entry.user_id());
  event.set_entry_id(entry.entry_id());
  event.set_text(entry.text());
  return event;
}

}  // namespace

FileService::FileService(postgres::Database& database, Clock clock)
    : database_(database), clock_(std::move(clock)) {}

absl::StatusOr<v1::AddFileEntryResponse> FileService::AddFileEntry(
    const Call& call, const v1::AddFileEntryRequest& request) {
  // Everything that is wrong is reported at once, by field.
  status::FieldViolations bad = status::CheckUser(request);
  CheckText(request.text(), bad);
  idempotency::CheckKey(request.idempotency_key(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  // The entry and its event commit together or not at all. The work may run again after a conflict,
  // so it has no effect outside of the transaction.
  return database_.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::AddFileEntryResponse> {
        ASSIGN_OR_RETURN(const store::Added added,
                         store::AddEntry(tx, request.user_id(), request.text(),
                                         request.idempotency_key(), clock_()));
        if (added.is_new) RETURN_IF_ERROR(events::Publish(tx, EntryAdded(added.entry)));
        v1::AddFileEntryResponse response;
        *response.mutable_entry() = added.entry;
        return response;
      });
}

absl::StatusOr<v1::ListFileEntriesResponse> FileService::ListFileEntries(
    const Call& call, const v1::ListFileEntriesRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kEntriesPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  ASSIGN_OR_RETURN(std::vector<v1::FileEntry> entries,
                   database_.Read(call, [&](Transaction& tx) {
                     return store::ListEntries(tx, request.user_id(), before, page.limit());
                   }));
  v1::ListFileEntriesResponse response;
  response.set_next_page_token(page.Cut(entries, &v1::FileEntry::entry_id));
  for (v1::FileEntry& entry : entries) *response.add_entries() = std::move(entry);
  return response;
}

absl::StatusOr<v1::CountFileEntriesResponse> FileService::CountFileEntries(
    const Call& call, const v1::CountFileEntriesRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const int64_t count, database_.Read(call, [&](Transaction& tx) {
    return store::ReadCount(tx, request.user_id());
  }));
  v1::CountFileEntriesResponse response;
  response.set_count(count);
  return response;
}

}  // namespace selfology::file
