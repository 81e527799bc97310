#include "services/platform/security/key_store.h"

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace selfology::security::store {

absl::StatusOr<std::vector<KeyRow>> ReadKeys(postgres::Transaction& tx, std::string_view table) {
  ASSIGN_OR_RETURN(const auto rows,
                   (tx.Query<std::string, std::optional<postgres::Bytes>, std::string, absl::Time>(
                       absl::StrCat("SELECT kid, private_jwk, public_jwk, signs_from FROM ", table,
                                    " ORDER BY signs_from"))));
  std::vector<KeyRow> keys;
  for (const auto& [kid, private_jwk, public_jwk, signs_from] : rows) {
    KeyRow& key = keys.emplace_back();
    key.kid = kid;
    if (private_jwk.has_value()) key.private_jwk = private_jwk->value;
    key.public_jwk = public_jwk;
    key.signs_from = signs_from;
  }
  return keys;
}

void InsertKey(postgres::Transaction& tx, std::string_view table, const KeyRow& key) {
  tx.Queue(absl::StrCat("INSERT INTO ", table,
                        " (kid, private_jwk, public_jwk, signs_from) VALUES ($1, $2, $3, $4)"),
           key.kid, postgres::BytesView{*key.private_jwk}, key.public_jwk, key.signs_from);
}

void DropPrivateBefore(postgres::Transaction& tx, std::string_view table, absl::Time signs_from) {
  tx.Queue(
      absl::StrCat("UPDATE ", table,
                   " SET private_jwk = NULL WHERE signs_from < $1 AND private_jwk IS NOT NULL"),
      signs_from);
}

}  // namespace selfology::security::store
