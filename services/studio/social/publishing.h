// Brings publications to their platforms, each once: the attempt is committed before the call, and a
// call whose outcome is not known is looked up before there is another.
//
//   ASSIGN_OR_RETURN(bool worked, publishing.WorkOnNext(call, v1::PLATFORM_MASTODON));
//
// Errors: the database's. What a platform does is no error: it is in the publication. Threads:
// thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "services/studio/social/accounts.h"
#include "services/studio/social/pictures.h"
#include "services/studio/social/platforms/publisher.h"
#include "services/studio/social/social_store.h"

namespace selfology::social {

class Publishing {
 public:
  using Clock = std::function<absl::Time()>;

  // A call lasts at most so long, well within the lease of a publication.
  static constexpr absl::Duration kCallTimeout = absl::Seconds(60);
  static constexpr absl::Duration kLease = absl::Minutes(3);

  struct Around {
    postgres::Database& database;
    Accounts& accounts;
    const Publishers& publishers;
    const Pictures& pictures;
    observe::Metrics& metrics;
    Clock clock;
  };
  explicit Publishing(Around around) : around_(around) {}

  // False: nothing of the platform is due.
  absl::StatusOr<bool> WorkOnNext(const Call& call, v1::Platform platform);
  // Reads the numbers of one publication; false: none is due.
  absl::StatusOr<bool> MeasureNext(const Call& call);
  // Takes a publication off its platform, or out of the queue.
  absl::StatusOr<store::PublicationRow> Remove(const Call& call, const identity::Owner& owner,
                                               int64_t id);
  // Gives a publication that its platform has other words there.
  absl::StatusOr<store::PublicationRow> Edit(const Call& call, const identity::Owner& owner,
                                             int64_t id, const std::string& text);
  // What a person says of one that is unknown.
  absl::StatusOr<store::PublicationRow> Settle(const Call& call, const identity::Owner& owner,
                                               int64_t id, bool published, std::string_view url);

 private:
  using Row = store::PublicationRow;

  struct Reached {
    store::AccountRow account = {};
    const Publisher* publisher = nullptr;
    Login login = {};
  };
  // Of a publication that is there. FAILED_PRECONDITION: its account is gone.
  absl::StatusOr<Reached> Reach(const Call& call, const Row& row);
  // The account to use; nullopt: the publication waits or is refused, and that was written down.
  absl::StatusOr<std::optional<store::AccountRow>> AccountOf(const Call& call, const Row& row);
  absl::Status LookUp(const Call& call, const Row& row, const store::AccountRow& account,
                      const Publisher& publisher, const Login& login, Outgoing outgoing,
                      bool& goes_on);
  absl::Status Publish(const Call& call, const Row& row, const store::AccountRow& account,
                       const Publisher& publisher, const Login& login, Outgoing outgoing);
  // Writes down what came of an attempt.
  absl::Status Record(const Call& call, const Row& row, const store::AccountRow& account,
                      int64_t attempt_id, const Outcome& outcome);
  absl::Status Refuse(const Call& call, const Row& row, std::string_view reason);
  // Where a later part of a thread, or an answer, belongs. False: it cannot be told, and that was
  // written down.
  absl::StatusOr<bool> FindPlace(const Call& call, const Row& row, Outgoing& outgoing);
  // False: they cannot be had, and that was written down.
  absl::StatusOr<bool> AddPictures(const Call& call, const Row& row, Outgoing& outgoing);
  void Count(v1::Platform platform, std::string_view outcome) const;

  const Around around_;
};

}  // namespace selfology::social
