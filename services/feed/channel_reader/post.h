// What becomes of a found post before it is stored, and before it is given out.
//
//   Settle(post, now);                  // within the limits that the contract names, valid UTF-8
//   if (Fingerprint(post) != known) ... // its text or media changed: an edit
//   Withhold(scope, post);              // what the scope does not allow is taken out
//
// Threads: pure functions.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "selfology/channel_reader/v1/channel_reader.pb.h"

namespace selfology::channel_reader {

// Characters of `text`, bytes of `text_html`.
inline constexpr int kMaxText = 4096;
inline constexpr size_t kMaxHtml = 16'384;
// Bytes of a post, so that the event about it fits into the outbox.
inline constexpr size_t kMaxPost = 40'000;
// How long text is kept where the scope does not allow to keep it.
inline constexpr absl::Duration kTextMemory = absl::Hours(24 * 30);

void Settle(v1::Post& post, absl::Time now);

// Of what a reader sees: text, links, media (without addresses, which expire), preview, forwarding.
std::string Fingerprint(const v1::Post& post);

void Withhold(const v1::UseScope& scope, v1::Post& post);
// Text, media and names; what is left are numbers and times.
void ForgetContent(v1::Post& post);

// What holds for a channel: what the kind allows, narrowed or, by its owner, replaced.
struct ScopeRules {
  v1::UseScope of_kind = {};
  bool has_owner = false;  // Who decided for the channel.
  v1::UseScope of_owner = {};
};
v1::UseScope EffectiveScope(const ScopeRules& rules);
// What the terms of a kind of source allow without anybody's consent.
v1::UseScope DefaultScope(v1::SourceKind source);

}  // namespace selfology::channel_reader
