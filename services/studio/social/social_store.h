// SQL of accounts, publications and attempts; see migrations/. Functions that return nothing are
// queued. Errors: the transaction's. Threads: as the transaction's.
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
#include "selfology/social/v1/social.pb.h"

namespace selfology::social::store {

inline constexpr std::string_view kRequests = "social_requests";

struct AccountRow {
  int64_t id = 0;
  int64_t user_id = 0;
  int64_t platform = 0;
  std::string server = {};
  std::string login = {};
  std::string target = {};
  std::string remote_id = {};
  std::string name = {};
  postgres::Bytes sealed = {};
  int64_t max_text = 0;
  bool refused = false;
  std::string reason = {};
  absl::Time connected_at = absl::InfinitePast();
  int64_t team_id = 0;
  std::optional<postgres::Bytes> refresh = std::nullopt;  // Sealed; see accounts.h.
  int64_t generation = 0;                                 // Counts its tokens.
  absl::Time token_at = absl::InfinitePast();
  std::optional<absl::Time> expires_at = std::nullopt;
  std::optional<absl::Time> checked_at = std::nullopt;
  std::string heard_to = {};
};
// Of social_accounts, in the order of AccountRow.
#define ACCOUNT_COLUMNS                                                                       \
  "id, user_id, platform, server, login, target, remote_id, name, sealed, max_text, refused," \
  " reason, connected_at, team_id, refresh, generation, token_at, expires_at, checked_at,"    \
  " heard_to"
v1::Account ToProto(const AccountRow& row);

// In place of the same account of the person, if there is one, also where that was another team's or
// none's, with another generation. Its connected_at is when the token came; the id in `account` is
// ignored.
absl::StatusOr<int64_t> SaveAccount(postgres::Transaction& tx, const AccountRow& account);
// Oldest first.
absl::StatusOr<std::vector<AccountRow>> ListAccounts(postgres::Transaction& tx,
                                                     const identity::Owner& owner);
absl::StatusOr<std::optional<AccountRow>> FindAccount(postgres::Transaction& tx,
                                                      const identity::Owner& owner,
                                                      int64_t account_id);
absl::StatusOr<bool> DeleteAccount(postgres::Transaction& tx, int64_t account_id);
// What waits for the account, once it is connected again.
void WakeAccount(postgres::Transaction& tx, int64_t account_id, absl::Time now);

struct PublicationRow {
  int64_t id = 0;
  int64_t user_id = 0;
  int64_t account_id = 0;
  int64_t platform = 0;
  int64_t post_id = 0;
  std::string text = {};
  std::string state = {};
  std::string reason = {};
  std::string url = {};
  std::string remote_id = {};
  int64_t attempts = 0;
  absl::Time created_at = absl::InfinitePast();
  absl::Time publish_at = absl::InfinitePast();
  std::optional<absl::Time> published_at = std::nullopt;
  int64_t lease = 0;
  int64_t likes = 0;
  int64_t reposts = 0;
  int64_t replies = 0;
  int64_t views = 0;
  std::optional<absl::Time> measured_at = std::nullopt;
  int64_t readings = 0;
  int64_t thread_id = 0;  // The first part; 0: it is the first, or there is no thread.
  int64_t after_id = 0;   // The part before it; 0: it is the first.
  int64_t part = 0;
  postgres::Bytes media = {};
  std::vector<std::string> renditions = {};
  std::optional<absl::Time> edited_at = std::nullopt;
  int64_t team_id = 0;
  int64_t comment_id = 0;  // That it answers; 0: none.

  identity::Owner owner() const { return {.user_id = user_id, .team_id = team_id}; }
};
postgres::Bytes PackMedia(const google::protobuf::RepeatedPtrField<v1::Media>& media);
google::protobuf::RepeatedPtrField<v1::Media> MediaOf(const PublicationRow& row);
v1::Publication ToProto(const PublicationRow& row);

inline constexpr std::string_view kPending = "pending";
inline constexpr std::string_view kUnknown = "unknown";
inline constexpr std::string_view kPublished = "published";
inline constexpr std::string_view kRefused = "refused";
inline constexpr std::string_view kRemoved = "removed";

// nullopt: the person has one with this account and key. A part that is not the first is due when the
// one before it is published.
absl::StatusOr<std::optional<PublicationRow>> AddPublication(postgres::Transaction& tx,
                                                             const PublicationRow& publication,
                                                             std::string_view key);
absl::StatusOr<std::optional<PublicationRow>> FindPublication(postgres::Transaction& tx,
                                                              const identity::Owner& owner,
                                                              int64_t id, bool lock);
// Newest first, of lower ids than `before`. post_id 0: of all.
absl::StatusOr<std::vector<PublicationRow>> ListPublications(postgres::Transaction& tx,
                                                             const identity::Owner& owner,
                                                             int64_t post_id, int64_t before,
                                                             int64_t limit);
// The newest answer to each of these comments that has one.
absl::StatusOr<std::vector<PublicationRow>> ListAnswers(postgres::Transaction& tx, int64_t user_id,
                                                        const std::vector<int64_t>& comment_ids);
absl::StatusOr<std::vector<PublicationRow>> LockWaiting(postgres::Transaction& tx,
                                                        int64_t account_id);

// One of the platform that is due; nobody else gets it until `until`. Its lease is counted up.
absl::StatusOr<std::optional<PublicationRow>> ClaimDue(postgres::Transaction& tx,
                                                       v1::Platform platform, absl::Time now,
                                                       absl::Time until);
absl::StatusOr<std::optional<PublicationRow>> ClaimMeasure(postgres::Transaction& tx,
                                                           absl::Time now, absl::Time until);

// Takes over the row's state, reason, url, remote_id and published_at. next_at, measure_at: nullopt:
// never.
void SavePublication(postgres::Transaction& tx, const PublicationRow& row,
                     std::optional<absl::Time> next_at, std::optional<absl::Time> measure_at);
void SetNext(postgres::Transaction& tx, int64_t id, absl::Time next_at, std::string_view reason);
// The part after this one is due now.
void WakePartAfter(postgres::Transaction& tx, int64_t id, absl::Time now);
// Parts after this one are not published any more.
void StopPartsAfter(postgres::Transaction& tx, const PublicationRow& row, std::string_view reason);
void SaveRenditions(postgres::Transaction& tx, int64_t id,
                    const std::vector<std::string>& renditions);
void SaveEdit(postgres::Transaction& tx, int64_t id, std::string_view text, absl::Time now);
void SaveMetrics(postgres::Transaction& tx, const PublicationRow& row,
                 std::optional<absl::Time> measure_at);

struct AttemptRow {
  int64_t id = 0;
  int64_t outcome = 0;
  std::string evidence = {};
  absl::Time started_at = absl::InfinitePast();
  std::optional<absl::Time> settled_at = std::nullopt;
};
v1::Attempt ToProto(const AttemptRow& row);
// Counts it at the publication, too.
absl::StatusOr<int64_t> AddAttempt(postgres::Transaction& tx, int64_t publication_id,
                                   absl::Time now);
void SettleAttempt(postgres::Transaction& tx, int64_t attempt_id, v1::AttemptOutcome outcome,
                   std::string_view evidence, absl::Time now);
// Those of a publication that are open or unknown.
void SettleOpen(postgres::Transaction& tx, int64_t publication_id, v1::AttemptOutcome outcome,
                std::string_view evidence, absl::Time now);
// Oldest first; the newest 100.
absl::StatusOr<std::vector<AttemptRow>> ListAttempts(postgres::Transaction& tx,
                                                     int64_t publication_id);
// When the oldest call was made whose outcome is open or unknown; nullopt: there is none.
absl::StatusOr<std::optional<absl::Time>> FirstUnsettled(postgres::Transaction& tx,
                                                         int64_t publication_id);

// A post that was published and measured.
struct MeasuredRow {
  std::string text = {};
  absl::Time published_at = absl::InfinitePast();
  int64_t reactions = 0;  // Likes, reposts and replies.
};
// Of an account, the newest `limit`.
absl::StatusOr<std::vector<MeasuredRow>> ListMeasured(postgres::Transaction& tx, int64_t user_id,
                                                      int64_t account_id, int64_t limit);

struct AccountTotals {
  int64_t account_id = 0;
  int64_t platform = 0;
  int64_t publications = 0;
  int64_t likes = 0;
  int64_t reposts = 0;
  int64_t replies = 0;
  int64_t views = 0;
  std::optional<absl::Time> measured_at = std::nullopt;
};
absl::StatusOr<std::vector<AccountTotals>> SumMetrics(postgres::Transaction& tx, int64_t user_id,
                                                      int64_t account_id);

// Everything about a person; the number of rows.
absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::social::store
