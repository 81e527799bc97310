// SQL of mail addresses, telephone numbers and what came back from them; see
// ../migrations/0002_choices.sql. Functions that return nothing are queued. Errors: the
// transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/notification/v1/notification.pb.h"

namespace selfology::notification::store {

// The number that SMS go to; empty: none.
absl::StatusOr<std::string> ReadPhone(postgres::Transaction& tx, int64_t user_id);
// Empty: none. One that was stopped is good again.
void SavePhone(postgres::Transaction& tx, int64_t user_id, std::string_view phone, absl::Time now);

// Takes down that it is used; whether nothing may be sent there.
absl::StatusOr<bool> UseAddress(postgres::Transaction& tx, int64_t user_id, v1::Channel channel,
                                std::string_view address, absl::Time now);
// Whose it is or was.
absl::StatusOr<std::vector<int64_t>> OwnersOf(postgres::Transaction& tx, v1::Channel channel,
                                              std::string_view address);
// False: it was taken down before.
absl::StatusOr<bool> SaveBounce(postgres::Transaction& tx, int64_t user_id, v1::Channel channel,
                                std::string_view address, std::string_view status_code,
                                std::string_view bounce_id, absl::Time now);
absl::StatusOr<int64_t> CountSoftBounces(postgres::Transaction& tx, int64_t user_id,
                                         v1::Channel channel, std::string_view address,
                                         absl::Time since);
// False: it was stopped before.
absl::StatusOr<bool> StopAddress(postgres::Transaction& tx, int64_t user_id, v1::Channel channel,
                                 std::string_view address, std::string_view reason);
absl::StatusOr<bool> IsStopped(postgres::Transaction& tx, int64_t user_id, v1::Channel channel,
                               std::string_view address);
void ForgetBounces(postgres::Transaction& tx, absl::Time before);

// By channel and address, those behind `after`: "EMAIL ann@example.org"; empty: from the first.
absl::StatusOr<std::vector<v1::Address>> ListAddresses(postgres::Transaction& tx, int64_t user_id,
                                                       std::string_view after, int limit);
// An address's place in that list.
std::string PlaceOf(const v1::Address& address);

}  // namespace selfology::notification::store
