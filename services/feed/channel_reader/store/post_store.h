// All SQL of posts, and of what they lacked; see migrations/. Functions that return nothing are queued.
// Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/channel_reader/v1/channel_reader.pb.h"

namespace selfology::channel_reader::store {

struct StoredPost {
  v1::Post post = {};
  std::string fingerprint = {};
  int missed = 0;
  bool deleted = false;
  bool forgotten = false;  // Its text and media.
  int64_t update_number = 0;
};

// Those of these keys or numbers that are known.
absl::StatusOr<std::vector<StoredPost>> FindPosts(postgres::Transaction& tx, int64_t channel_id,
                                                  const std::vector<std::string>& keys,
                                                  const std::vector<int64_t>& numbers);
// Those that are there, as far as it is known, with these numbers or posted since then.
absl::StatusOr<std::vector<StoredPost>> ListPresent(postgres::Transaction& tx, int64_t channel_id,
                                                    int64_t from_number, int64_t to_number,
                                                    absl::Time since);
// Writes it anew, or over what is there.
void SavePost(postgres::Transaction& tx, const StoredPost& stored);
void SetMissed(postgres::Transaction& tx, int64_t channel_id, int64_t post_number, int missed);

// Newest first, of lower numbers than before_number.
absl::StatusOr<std::vector<v1::Post>> ListPosts(postgres::Transaction& tx, int64_t channel_id,
                                                int64_t before_number, bool deleted_too,
                                                int64_t limit);
// When the latest were posted.
absl::StatusOr<std::vector<absl::Time>> LatestTimes(postgres::Transaction& tx, int64_t channel_id,
                                                    int64_t limit);

// Takes text and media out of up to `limit` posts that were seen before `before` and may not be kept, of
// those that may not be shown, and of those whose channel nobody follows any more; the number of them.
absl::StatusOr<int64_t> ForgetContents(postgres::Transaction& tx, absl::Time before, int64_t limit);

// Remembers what a post lacked; of each kind of source the latest `kept`.
void AddJudgement(postgres::Transaction& tx, v1::SourceKind source,
                  const std::vector<std::string>& missing);
void TrimJudgements(postgres::Transaction& tx, v1::SourceKind source, int64_t kept);
absl::StatusOr<std::vector<std::vector<std::string>>> ReadJudgements(postgres::Transaction& tx,
                                                                     v1::SourceKind source,
                                                                     int64_t limit);

}  // namespace selfology::channel_reader::store
