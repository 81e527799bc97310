// SQL of posts, their results and revisions, slots, templates and sets of hashtags; see migrations/.
// Functions that return nothing are queued. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/identity/owner.h"
#include "common/postgres/transaction.h"
#include "selfology/content/v1/content.pb.h"

namespace selfology::content::store {

inline constexpr std::string_view kRequests = "content_requests";

struct PostRow {
  int64_t id = 0;
  int64_t user_id = 0;
  std::string title = {};
  std::string text = {};
  postgres::Bytes versions = {};
  std::vector<int64_t> account_ids = {};
  std::vector<int64_t> platforms = {};
  std::vector<std::string> tags = {};
  bool needs_approval = false;
  std::string state = {};
  std::string review_note = {};
  int64_t revision = 0;
  std::optional<absl::Time> publish_at = std::nullopt;
  absl::Time created_at = absl::InfinitePast();
  absl::Time updated_at = absl::InfinitePast();
  int64_t team_id = 0;
  int64_t edited_by = 0;
  int64_t reviewed_by = 0;
};
// Of content_posts AS p, in the order of PostRow.
#define POST_COLUMNS                                                                            \
  "p.id, p.user_id, p.title, p.text, p.versions, p.account_ids, p.platforms::bigint[], p.tags," \
  " p.needs_approval, p.state, p.review_note, p.revision, p.publish_at, p.created_at,"          \
  " p.updated_at, p.team_id, p.edited_by, p.reviewed_by"
v1::Post ToProto(const PostRow& row);
// Of what people write: title, text, versions, thread, comment, pictures, accounts, tags, approval; and
// whose it is.
PostRow FromProto(const v1::Post& post, const std::vector<int64_t>& platforms);

absl::StatusOr<PostRow> AddPost(postgres::Transaction& tx, const PostRow& row);
absl::StatusOr<std::optional<PostRow>> FindPost(postgres::Transaction& tx,
                                                const identity::Owner& owner, int64_t post_id,
                                                bool lock);
// One that the person began, a team's, too; locked. For what became of it.
absl::StatusOr<std::optional<PostRow>> LockBegun(postgres::Transaction& tx, int64_t user_id,
                                                 int64_t post_id);
// Newest first, of lower ids than `before`. Empty: any state, any tag.
absl::StatusOr<std::vector<PostRow>> ListPosts(postgres::Transaction& tx,
                                               const identity::Owner& owner, std::string_view state,
                                               std::string_view tag, int64_t before, int64_t limit);
// By time.
absl::StatusOr<std::vector<PostRow>> ListBetween(postgres::Transaction& tx,
                                                 const identity::Owner& owner, absl::Time from,
                                                 absl::Time until, int64_t limit);
// All that can change, with a new revision.
void SaveBody(postgres::Transaction& tx, const PostRow& row);
void SaveState(postgres::Transaction& tx, const PostRow& row);
void AddRevision(postgres::Transaction& tx, const PostRow& row);
absl::StatusOr<std::vector<v1::Revision>> ListRevisions(postgres::Transaction& tx, int64_t post_id);
absl::StatusOr<bool> DeletePost(postgres::Transaction& tx, const identity::Owner& owner,
                                int64_t post_id);

absl::StatusOr<v1::ReviewRules> ReadReviewRules(postgres::Transaction& tx, int64_t team_id);
void SaveReviewRules(postgres::Transaction& tx, int64_t team_id, const v1::ReviewRules& rules);
// The team is no more: its posts are those of who began them, and drafts unless they are out.
void DisbandTeam(postgres::Transaction& tx, int64_t team_id, absl::Time now);

// Locked, oldest first, at most `limit`; those that another works on are left out.
absl::StatusOr<std::vector<PostRow>> LockDue(postgres::Transaction& tx, absl::Time now,
                                             int64_t limit);
absl::StatusOr<std::vector<absl::Time>> ListPlanned(postgres::Transaction& tx, int64_t user_id,
                                                    int64_t but_post, absl::Time after);

struct ResultRow {
  int64_t post_id = 0;
  int64_t account_id = 0;
  int64_t platform = 0;
  int64_t publication_id = 0;
  std::string state = {};  // waiting, published, refused
  std::string url = {};
  std::string reason = {};
  int64_t likes = 0;
  int64_t reposts = 0;
  int64_t replies = 0;
  int64_t views = 0;
  std::optional<absl::Time> measured_at = std::nullopt;
};
void AddResult(postgres::Transaction& tx, int64_t post_id, int64_t account_id, int64_t platform);
absl::StatusOr<std::vector<ResultRow>> ListResults(postgres::Transaction& tx,
                                                   const std::vector<int64_t>& posts);
void AddResults(const std::vector<ResultRow>& results, v1::Post& post);
void SettleResult(postgres::Transaction& tx, const ResultRow& row);
void SaveReason(postgres::Transaction& tx, const ResultRow& row);
void SaveNumbers(postgres::Transaction& tx, const ResultRow& row);

struct SlotsRow {
  std::string time_zone = {};
  std::vector<int64_t> weekdays = {};
  std::vector<int64_t> minutes = {};
};
absl::StatusOr<std::optional<SlotsRow>> FindSlots(postgres::Transaction& tx, int64_t user_id);
void SaveSlots(postgres::Transaction& tx, int64_t user_id, const SlotsRow& row);

absl::StatusOr<int64_t> CountNamed(postgres::Transaction& tx, std::string_view table,
                                   int64_t user_id, std::string_view but_name);
absl::StatusOr<bool> DeleteNamed(postgres::Transaction& tx, std::string_view table, int64_t user_id,
                                 std::string_view name);
inline constexpr std::string_view kTemplates = "content_templates";
inline constexpr std::string_view kHashtagSets = "content_hashtag_sets";
void SaveTemplate(postgres::Transaction& tx, int64_t user_id, const v1::Template& kept);
absl::StatusOr<std::vector<v1::Template>> ListTemplates(postgres::Transaction& tx, int64_t user_id);
void SaveHashtagSet(postgres::Transaction& tx, int64_t user_id, const v1::HashtagSet& set);
absl::StatusOr<std::vector<v1::HashtagSet>> ListHashtagSets(postgres::Transaction& tx,
                                                            int64_t user_id);

struct StateCount {
  std::string state = {};
  int64_t posts = 0;
};
absl::StatusOr<std::vector<StateCount>> CountStates(postgres::Transaction& tx, int64_t user_id,
                                                    absl::Time since);
struct PlatformSums {
  int64_t platform = 0;
  int64_t published = 0;
  int64_t refused = 0;
  int64_t likes = 0;
  int64_t reposts = 0;
  int64_t replies = 0;
  int64_t views = 0;
};
absl::StatusOr<std::vector<PlatformSums>> SumPlatforms(postgres::Transaction& tx, int64_t user_id,
                                                       absl::Time since);
absl::StatusOr<std::vector<PostRow>> ListBest(postgres::Transaction& tx, int64_t user_id,
                                              absl::Time since, int64_t limit);

// Everything about a person; the number of rows.
absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::content::store
