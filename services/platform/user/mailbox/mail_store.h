// SQL of the local mailbox; see migrations/0002_jobs.sql. Errors: the transaction's.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/user/v1/mailbox_service.pb.h"

namespace selfology::user::store {

void SaveMail(postgres::Transaction& tx, int64_t user_id, std::string_view email,
              std::string_view subject, std::string_view body, absl::Time now);

// Newest first, of lower ids than before_id.
absl::StatusOr<std::vector<v1::LocalMail>> ListMails(postgres::Transaction& tx, int64_t before_id,
                                                     int limit);

absl::StatusOr<int64_t> ForgetMails(postgres::Transaction& tx, absl::Time sent_before);

}  // namespace selfology::user::store
