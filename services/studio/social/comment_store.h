// SQL of what others wrote to accounts. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/social/v1/comment.pb.h"

namespace selfology::social::store {

struct CommentRow {
  int64_t id = 0;
  int64_t user_id = 0;
  int64_t account_id = 0;
  int64_t platform = 0;
  std::string remote_id = {};
  int64_t kind = 0;
  std::string author = {};
  std::string text = {};
  std::string url = {};
  int64_t publication_id = 0;
  int64_t post_id = 0;
  std::string place = {};
  std::string root = {};
  std::string audience = {};
  absl::Time written_at = absl::InfinitePast();
  absl::Time received_at = absl::InfinitePast();
};
v1::Comment ToProto(const CommentRow& row);

// With the publication and post that it is below: `about` is its remote_id, empty: none. The ids in
// `comment` are ignored. nullopt: it is there already.
absl::StatusOr<std::optional<CommentRow>> AddComment(postgres::Transaction& tx,
                                                     const CommentRow& comment,
                                                     std::string_view about);
absl::StatusOr<std::optional<CommentRow>> FindComment(postgres::Transaction& tx, int64_t user_id,
                                                      int64_t comment_id);
// Newest first, of lower ids than `before`. account_id 0: of all.
absl::StatusOr<std::vector<CommentRow>> ListComments(postgres::Transaction& tx, int64_t user_id,
                                                     int64_t account_id, bool unanswered,
                                                     int64_t before, int64_t limit);

}  // namespace selfology::social::store
