// A publication and what follows it: the parts of its thread, and its first comment. Each is a
// publication of its own, due when the one before it is published.
//
//   ASSIGN_OR_RETURN(const auto added, AddThread(tx, first, key, {request.thread(), comment}));
//
// Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/postgres/transaction.h"
#include "services/studio/social/post_check.h"
#include "services/studio/social/social_store.h"

namespace selfology::social {

struct Following {
  const google::protobuf::RepeatedPtrField<std::string>& thread;
  const std::string& first_comment;
};

// The first part; nullopt: the person has one with this account and key. A refused one is added
// without what follows it.
absl::StatusOr<std::optional<store::PublicationRow>> AddThread(postgres::Transaction& tx,
                                                               const store::PublicationRow& first,
                                                               std::string_view key,
                                                               const Following& following);

// What is to be checked of it.
PostToCheck ToCheck(const std::string& text, int images, const Following& following);

}  // namespace selfology::social
