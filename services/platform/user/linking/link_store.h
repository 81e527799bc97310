// SQL of linking accounts; see migrations/0001_accounts.sql. Errors: the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"

namespace selfology::user::store {

// The web account that a link code is of, without taking it. nullopt: no such code, or no longer good.
absl::StatusOr<std::optional<int64_t>> OwnerOfLinkCode(postgres::Transaction& tx,
                                                       std::string_view hash, absl::Time now);

// The account that a Telegram account is linked to.
absl::StatusOr<std::optional<int64_t>> AccountOfTelegram(postgres::Transaction& tx,
                                                         int64_t telegram_id);

struct LinkChoice {
  int64_t web_id = 0;
  int64_t telegram_id = 0;
};
void SaveChoice(postgres::Transaction& tx, const LinkChoice& choice, absl::Time now);
// Of either of the two.
absl::StatusOr<std::optional<LinkChoice>> ReadChoice(postgres::Transaction& tx, int64_t user_id);
void DeleteChoice(postgres::Transaction& tx, const LinkChoice& choice);

// Takes from an account what it is found by, so that another may have it.
void FreeAccount(postgres::Transaction& tx, int64_t user_id);
// Second factor and accounts elsewhere; of these, what the new one has not.
void MoveLogins(postgres::Transaction& tx, int64_t from, int64_t to);

}  // namespace selfology::user::store
