// What a model is told before it writes for the studio. A change here makes kept answers old: count
// kPromptVersion up.
//
// Threads: pure functions.
#pragma once

#include <string>

#include "selfology/content/v1/assistant_service.pb.h"
#include "selfology/social/v1/social.pb.h"

namespace selfology::content {

inline constexpr int kPromptVersion = 1;

// "bluesky".
std::string WordOfPlatform(social::v1::Platform platform);

std::string GeneratePrompt(const v1::GenerateContentRequest& request);
std::string RewritePrompt(const v1::RewriteContentRequest& request);

}  // namespace selfology::content
