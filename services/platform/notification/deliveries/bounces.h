// What follows when a message came back.
//
//   ASSIGN_OR_RETURN(const bool stopped, TakeBounce(tx, {.user_id = 7, .channel = v1::CHANNEL_EMAIL,
//                                                        .address = "ann@example.org",
//                                                        .status_code = "5.1.1", .bounce_id = id}, now));
//
// 5.x.x stops the address at once, 4.x.x when it is the fifth within 7 days; notification.address.stopped
// is published with it. A bounce of one id counts once. Errors: the transaction's. Threads: as it.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/notification/v1/notification.pb.h"

namespace selfology::notification {

struct BounceReport {
  int64_t user_id = 0;
  v1::Channel channel = v1::CHANNEL_UNSPECIFIED;
  std::string address = {};
  std::string status_code = {};
  std::string bounce_id = {};
};

// Whether the address is stopped now.
absl::StatusOr<bool> TakeBounce(postgres::Transaction& tx, const BounceReport& report,
                                absl::Time now);

}  // namespace selfology::notification
