// One post of a preview page.
#pragma once

#include <optional>

#include "services/feed/channel_reader/reading/found.h"
#include "services/feed/channel_reader/reading/html_tree.h"

namespace selfology::channel_reader {

// `message`: the element with data-post. nullopt: it has no number. Pure.
std::optional<FoundPost> ReadPreviewPost(const GumboNode* message);

}  // namespace selfology::channel_reader
