// Which tokens are valid no more, though their time is not over.
//
//   Revocations revoked;
//   revoked.Add({.user_id = 7, .issued_before = now});
//   if (revoked.Revoked(caller)) ...
//
// A revocation names a person, a session or a token, and is forgotten once all that it names has
// expired. Two of the same thing are one: the later times of both.
// Threads: not thread-safe. The caller locks, or makes a new one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "common/identity/caller.h"

namespace selfology::identity {

// Exactly one of the first three is set.
struct Revocation {
  int64_t user_id = 0;
  std::string session_id = {};
  std::string token_id = {};
  absl::Time issued_before = absl::InfinitePast();  // With user_id: tokens of before that.
  absl::Time forget_after = absl::InfiniteFuture();
};

class Revocations {
 public:
  void Add(const Revocation& revocation);
  // What may be forgotten by `now`.
  void Forget(absl::Time now);

  // A person's revocation is not for their API keys, which it does not expire: these are revoked by
  // their ids.
  bool Revoked(const Caller& caller) const;

  size_t size() const { return users_.size() + sessions_.size() + tokens_.size(); }

 private:
  struct User {
    absl::Time issued_before = absl::InfinitePast();
    absl::Time forget_after = absl::InfinitePast();
  };
  absl::flat_hash_map<int64_t, User> users_;
  absl::flat_hash_map<std::string, absl::Time> sessions_;  // Value: forget after.
  absl::flat_hash_map<std::string, absl::Time> tokens_;
};

}  // namespace selfology::identity
