// SQL of devices; see ../migrations/0002_choices.sql. Functions that return nothing are queued.
// Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/notification/v1/notification.pb.h"

namespace selfology::notification::store {

// As it is kept; of a token that another person had, theirs is gone.
absl::StatusOr<v1::Device> SaveDevice(postgres::Transaction& tx, const v1::Device& device,
                                      absl::Time now);
// The oldest first, those behind `after_id`.
absl::StatusOr<std::vector<v1::Device>> ListDevices(postgres::Transaction& tx, int64_t user_id,
                                                    int64_t after_id, int limit);
// All of a person's, at most kMostDevices: asked now, with whatever is asked next; what it gives is
// called then.
std::function<absl::StatusOr<std::vector<v1::Device>>()> AskDevices(postgres::Transaction& tx,
                                                                    int64_t user_id);
absl::StatusOr<std::optional<v1::Device>> ReadDevice(postgres::Transaction& tx, int64_t user_id,
                                                     int64_t device_id);
void RemoveDevice(postgres::Transaction& tx, int64_t user_id, int64_t device_id);

// A person has at most so many; registering another one forgets the oldest.
inline constexpr int kMostDevices = 50;

}  // namespace selfology::notification::store
