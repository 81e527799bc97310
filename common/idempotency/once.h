// Requests that carry an idempotency key: the same key again gets the first response again, and
// nothing is done twice, however often and however simultaneously it is sent.
//
//   FieldViolations bad;
//   idempotency::CheckKey(request.idempotency_key(), bad);
//   ...
//   return database.Write(call, [&](postgres::Transaction& tx) {
//     return idempotency::Once<SubmitAnswerResponse>(
//         tx,
//         {.table = store::kRequests,
//          .user_id = request.user_id(),
//          .rpc = "SubmitAnswer",
//          .key = request.idempotency_key(),
//          .now = clock_()},
//         [&] { return Submit(tx, request); });
//   });
//
// The response is remembered in the transaction of the change; an error is not, so a refused
// request may be repeated with its key. Each service has a table of its own for it, since responses
// may hold personal data. The service names it in its ModuleInfo (common/service/module.h):
//
//   return {.name = "session", ..., .requests_table = store::kRequests};
//
// and the kernel does the rest: it makes the table, and forgets what is old or an erased person's.
//
// Errors: the transaction's and the work's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/transaction.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"

namespace selfology::idempotency {

// How long a response is remembered; the contracts promise 24 hours.
inline constexpr absl::Duration kMemory = absl::Hours(48);

struct Request {
  std::string_view table;  // A constant of the program; it becomes SQL text.
  int64_t user_id;
  std::string_view rpc;
  std::string_view key;
  absl::Time now;
};

// 1 to 128 printable ASCII characters.
void CheckKey(std::string_view key, status::FieldViolations& bad);

// Waits for requests of the same user that are under way; nullopt: this one is new.
absl::StatusOr<std::optional<std::string>> Recall(postgres::Transaction& tx,
                                                  const Request& request);
void Remember(postgres::Transaction& tx, const Request& request, const std::string& response);

template <typename Response, typename Work>
absl::StatusOr<Response> Once(postgres::Transaction& tx, const Request& request, Work&& work) {
  ASSIGN_OR_RETURN(const std::optional<std::string> remembered, Recall(tx, request));
  if (remembered.has_value()) {
    Response response;
    if (response.ParseFromString(*remembered)) return response;
    return absl::InternalError("a remembered response does not parse");
  }
  ASSIGN_OR_RETURN(Response response, work());
  Remember(tx, request, response.SerializeAsString());
  return response;
}

// For the kernel: makes the table where it is missing, owned by `role`. Call it after the service's
// own migrations. Errors: those of postgres::Migrate.
absl::Status MakeTable(const Call& call, std::string_view url, std::string_view service,
                       std::string_view table, std::string_view role);

// For the kernel: forgets what is older than kMemory; the number of requests forgotten.
absl::StatusOr<int64_t> ForgetOld(postgres::Transaction& tx, std::string_view table,
                                  absl::Time now);

// For the kernel: forgets a user's requests, when their data is erased.
absl::StatusOr<int64_t> ForgetUser(postgres::Transaction& tx, std::string_view table,
                                   int64_t user_id);

}  // namespace selfology::idempotency
