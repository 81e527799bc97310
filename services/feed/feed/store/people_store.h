// SQL about persons: who they are, their settings, their log; see migrations/. Functions that return
// nothing are queued: they cost no round trip of their own. Errors: the transaction's. Threads: as the
// transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/feed/v1/feed.pb.h"

namespace selfology::feed::store {

// What the kernel remembers requests in.
inline constexpr std::string_view kRequests = "feed_requests";

struct Person {
  int64_t user_id = 0;
  std::string username = {};
  std::string first_name = {};
  std::string last_name = {};
  std::string status_word = {};
  bool is_trained = false;
  absl::Time created_at = {};
  std::optional<absl::Time> last_seen_at = {};
  std::string language = {};
  std::string time_zone = {};
  bool nudges_off = false;
  int64_t digest_hour = 0;
  std::vector<std::string> muted_words = {};
  std::vector<std::string> muted_stems = {};
  std::optional<int64_t> exploration = {};  // Percent.

  v1::UserStatus status() const;
  absl::TimeZone zone() const;  // UTC where there is none.
  std::string spoken() const { return language.empty() ? "en" : language; }
};

// A person that others of their transactions wait for; made if they were not known.
struct Locked {
  Person person = {};
  bool is_new = false;
};
absl::StatusOr<Locked> LockPerson(postgres::Transaction& tx, int64_t user_id, absl::Time now);

// The same for somebody who is known; nullopt: nobody.
absl::StatusOr<std::optional<Person>> LockKnown(postgres::Transaction& tx, int64_t user_id);
// Nullopt: nobody.
absl::StatusOr<std::optional<Person>> ReadPerson(postgres::Transaction& tx, int64_t user_id);
absl::StatusOr<int64_t> CountBonusChannels(postgres::Transaction& tx, int64_t user_id);

void SetNames(postgres::Transaction& tx, const Person& person);
void SetStatus(postgres::Transaction& tx, int64_t user_id, v1::UserStatus status);
void SetTrained(postgres::Transaction& tx, int64_t user_id);
void SetSeen(postgres::Transaction& tx, int64_t user_id, absl::Time now);
void SetSettings(postgres::Transaction& tx, const Person& person);
// Whether they wait for posts to train with (Maintenance::TellReady).
void SetAwaitsTraining(postgres::Transaction& tx, int64_t user_id, bool awaits);
// False: it was made before, or for a later day.
absl::StatusOr<bool> MarkDigestMade(postgres::Transaction& tx, int64_t user_id, absl::CivilDay day);

// A new secret, 64 letters and digits, in place of the one before.
absl::StatusOr<std::string> MakeLink(postgres::Transaction& tx, int64_t user_id);
// Whose it is; nullopt: nobody's.
absl::StatusOr<std::optional<int64_t>> FindByLink(postgres::Transaction& tx, std::string_view key);

void AddLog(postgres::Transaction& tx, int64_t user_id, std::string_view action,
            std::string_view details, absl::Time now);
// The last first, below `before`.
absl::StatusOr<std::vector<v1::UserLogEntry>> ListLog(postgres::Transaction& tx, int64_t user_id,
                                                      int64_t before, int64_t limit);

// ACTIVE persons who were not seen since `seen_before`, by id, above `after`.
absl::StatusOr<std::vector<int64_t>> ListIdle(postgres::Transaction& tx, absl::Time seen_before,
                                              int64_t after, int64_t limit);
// Persons who wait for posts to train with, by id, above `after`.
absl::StatusOr<std::vector<int64_t>> ListAwaitingTraining(postgres::Transaction& tx, int64_t after,
                                                          int64_t limit);
// How many stories the person could rate for training, of their first `channels` for it, up to `limit`: what
// ChooseTrainingPosts chooses from. nullopt: they do not wait.
absl::StatusOr<std::optional<int64_t>> CountForTraining(postgres::Transaction& tx, int64_t user_id,
                                                        absl::Time since, int64_t channels,
                                                        int64_t limit);
// ACTIVE and CHURNED persons who take nudges, were not seen since `seen_before` and got none since
// `nudged_before`, by id, above `after`.
absl::StatusOr<std::vector<int64_t>> ListToNudge(postgres::Transaction& tx, absl::Time seen_before,
                                                 absl::Time nudged_before, int64_t after,
                                                 int64_t limit);
// Persons who want a digest, by id, above `after`, with the day of their last one.
struct DigestReader {
  int64_t user_id;
  int64_t hour;
  std::string time_zone;
  std::optional<absl::CivilDay> made_on;
};
absl::StatusOr<std::vector<DigestReader>> ListDigestReaders(postgres::Transaction& tx,
                                                            int64_t after, int64_t limit);

// When they were nudged since `since`, at most 100, the last first.
absl::StatusOr<std::vector<absl::Time>> ListNudges(postgres::Transaction& tx, int64_t user_id,
                                                   absl::Time since);
absl::StatusOr<int64_t> AddNudge(postgres::Transaction& tx, int64_t user_id, int64_t post_id,
                                 absl::Time now);

// Rows of logs, nudges and shown posts that are older; how many.
absl::StatusOr<int64_t> ForgetOld(postgres::Transaction& tx, absl::Time before);

// Everything about a person, and their part in what all did; the number of rows.
absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::feed::store
