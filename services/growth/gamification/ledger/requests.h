// Requests to the ledger, checked and as the ledger takes them. Threads: pure functions.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/status/status.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "selfology/gamification/v1/ledger.pb.h"
#include "services/growth/gamification/ledger/posting_store.h"

namespace selfology::gamification {

// A currency or an account's code that is malformed is a violation of `field`.
AccountKey ReadAccount(const v1::AccountRef& account, std::string_view field,
                       status::FieldViolations& bad);

// `trace_id`: of the call, for transfers that name none; may be empty.
absl::StatusOr<std::vector<Wanted>> ReadTransfers(
    const google::protobuf::RepeatedPtrField<v1::NewTransfer>& transfers, std::string_view trace_id,
    bool quiet);

// nullopt and a violation where it is none.
std::optional<uuid::Uuid> ReadId(std::string_view text, std::string_view field,
                                 status::FieldViolations& bad);

// Where a page of a list goes on: behind what has this id; nullopt at its start. INVALID_ARGUMENT names
// page_token.
absl::StatusOr<std::optional<uuid::Uuid>> ReadPlace(std::string_view after);

// A trace id, which has the digits of a UUID; nullopt: it is none.
std::optional<uuid::Uuid> ReadTrace(std::string_view trace_id);

// What a transfer is for: 1 to 64 of a-z, 0-9, _ and .
void CheckCode(std::string_view code, std::string_view field, status::FieldViolations& bad);

}  // namespace selfology::gamification
