// What a person is told about a channel that cannot be read: why, and what they can do.
//
//   AdviceOf(v1::UNREADABLE_REASON_NO_PREVIEW, Language::kRussian)
//
// Threads: pure functions.
#pragma once

#include <string>

#include "common/language/language.h"
#include "selfology/channel_reader/v1/channel_reader.pb.h"

namespace selfology::channel_reader {

using language::Language;

// Empty for UNSPECIFIED: all is well.
std::string AdviceOf(v1::UnreadableReason reason, Language language);

// An address that names no channel.
std::string UnknownAddressAdvice(Language language);
// What a reading brought: "3 new posts, 1 edited." Zeros are left out.
std::string BroughtWords(int stored, int edited, int deleted, Language language);
// For Join: the source has nothing to join; and it is done.
std::string NothingToJoin(Language language);
std::string Joined(Language language);

}  // namespace selfology::channel_reader
