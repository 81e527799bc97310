#include "services/coaching/coaching_dialog/settings/media_upload.h"

#include <cstddef>

#include "common/status/status_macros.h"

namespace selfology::coaching_dialog {
namespace {

constexpr size_t kPiece = size_t{1} << 20;  // AppendMediaRequest.data

}  // namespace

absl::StatusOr<std::string> UploadMedia(const Call& call, const Peers& peers, int64_t user_id,
                                        const std::string& key, const MadeFile& file) {
  v1::CreateMediaRequest create;
  create.set_user_id(user_id);
  create.set_idempotency_key(key);
  create.set_kind(file.kind);
  create.set_file_name(file.name);
  create.set_mime_type(file.mime_type);
  create.set_size(static_cast<int64_t>(file.bytes.size()));
  ASSIGN_OR_RETURN(const v1::CreateMediaResponse created, peers.gateway.CreateMedia(call, create));
  for (size_t offset = 0; offset < file.bytes.size(); offset += kPiece) {
    v1::AppendMediaRequest append;
    append.set_media_id(created.media().media_id());
    append.set_offset(static_cast<int64_t>(offset));
    append.set_data(file.bytes.substr(offset, kPiece));
    RETURN_IF_ERROR(peers.gateway.AppendMedia(call, append).status());
  }
  return created.media().media_id();
}

}  // namespace selfology::coaching_dialog
