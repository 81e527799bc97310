// What makes a post, a template and a set of hashtags acceptable, and what may be done with a post in
// which state.
//
//   status::FieldViolations bad;
//   CheckBody(request, bad);
//   RETURN_IF_ERROR(bad.ToStatus());
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/status/status.h"
#include "selfology/content/v1/content.pb.h"
#include "selfology/content/v1/content_service.pb.h"

namespace selfology::content {

inline constexpr int kMaxText = 15'000;  // Characters; as an event it has to fit into 64 KiB.
inline constexpr int kMaxTitle = 200;
inline constexpr int kMaxThread = 24;  // What follows the first part.
inline constexpr int kMaxMedia = 10;
inline constexpr int kMaxAlt = 1000;
inline constexpr int kMaxAccounts = 20;
inline constexpr int kMaxTags = 20;
inline constexpr int kMaxTag = 50;
inline constexpr int kMaxName = 100;
inline constexpr int kMaxHashtags = 30;
inline constexpr int kMaxOfAKind = 100;  // Templates, or sets, of a person.

struct Body {
  const std::string& title;
  const std::string& text;
  const google::protobuf::RepeatedPtrField<v1::Version>& versions;
  const google::protobuf::RepeatedField<int64_t>& account_ids;
  const google::protobuf::RepeatedPtrField<std::string>& tags;
};
void CheckBody(const Body& body, status::FieldViolations& bad);

// Its thread, first comment and pictures.
void CheckFollowing(const v1::Post& post, status::FieldViolations& bad);

// "text": 1 to kMaxText characters.
void CheckText(std::string_view field, std::string_view text, status::FieldViolations& bad);
void CheckName(std::string_view name, status::FieldViolations& bad);
void CheckHashtags(const google::protobuf::RepeatedPtrField<std::string>& hashtags,
                   status::FieldViolations& bad);

// What the post says at the platform.
const std::string& TextAt(const v1::Post& post, social::v1::Platform platform);

// FAILED_PRECONDITION where that cannot be done with a post in this state.
absl::Status MayChange(v1::PostState state);
absl::Status MaySchedule(const v1::Post& post);

// Who wrote a post.
struct Writers {
  int64_t begun_by = 0;
  int64_t edited_by = 0;
};
// PERMISSION_DENIED where the team's rules keep the reviewer from their own.
absl::Status MayReview(const v1::ReviewRules& rules, const Writers& writers, int64_t reviewer);

std::string_view WordOf(v1::PostState state);
v1::PostState StateOf(std::string_view word);

}  // namespace selfology::content
