// Files that the dialog makes: handed to the gateway, piece by piece, before the message that shows them.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "services/coaching/coaching_dialog/peers.h"
#include "services/coaching/coaching_dialog/turn.h"

namespace selfology::coaching_dialog {

struct MadeFile {
  v1::ContentKind kind = v1::CONTENT_KIND_DOCUMENT;
  std::string name = {};
  std::string mime_type = {};
  std::string bytes = {};
};

// Its media_id, for DialogMessage.media_ids. `key` names the attempt: what another one makes may be something else.
absl::StatusOr<std::string> UploadMedia(const Call& call, const Peers& peers, int64_t user_id,
                                        const std::string& key, const MadeFile& file);

}  // namespace selfology::coaching_dialog
