// Where a job of the queue wants a post to go: platforms by their words become accounts.
//
//   ASSIGN_OR_RETURN(std::vector<int64_t> ids, AccountsAt(post, accounts, payload.platforms()));
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/repeated_field.h"
#include "selfology/content/v1/content.pb.h"
#include "selfology/social/v1/social.pb.h"

namespace selfology::content {

// "mastodon", "facebook", ...; "twitter" is X. UNSPECIFIED: none of them.
social::v1::Platform PlatformOfWord(std::string_view word);

// At each platform the post's accounts there, or, where it has none, all of its owner's; in the
// order of the platforms. INVALID_ARGUMENT names `platforms`: there is none, or one that is not
// known. FAILED_PRECONDITION: the owner has no account at one.
absl::StatusOr<std::vector<int64_t>> AccountsAt(
    const v1::Post& post, const google::protobuf::RepeatedPtrField<social::v1::Account>& accounts,
    const google::protobuf::RepeatedPtrField<std::string>& platforms);

}  // namespace selfology::content
