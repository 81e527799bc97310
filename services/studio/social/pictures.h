// A post's pictures as a platform takes them: made by the file service, without metadata (no place,
// camera or time), with what was changed in words.
//
//   ASSIGN_OR_RETURN(Pictures::Made made, pictures.Make(call, user_id, media, platform));
//   outgoing.pictures = std::move(made.pictures);
//
// Errors: FAILED_PRECONDITION with what to do when a file is gone, or no picture; else UNAVAILABLE
// with what keeps it, for the person, too: what the file service says is in the log.
// Threads: thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/rpc/channel.h"
#include "selfology/file/v1/file_service_client.h"
#include "selfology/social/v1/social.pb.h"
#include "services/studio/social/platforms/publisher.h"

namespace selfology::social {

class Pictures {
 public:
  struct Made {
    std::vector<Picture> pictures = {};
    std::vector<std::string> changes = {};  // A sentence for each.
  };

  explicit Pictures(std::shared_ptr<rpc::Channel> file) : file_(std::move(file)) {}

  absl::StatusOr<Made> Make(const Call& call, int64_t user_id,
                            const google::protobuf::RepeatedPtrField<v1::Media>& media,
                            v1::Platform platform) const;

 private:
  absl::StatusOr<std::string> Read(const Call& call, int64_t user_id, const std::string& file_id,
                                   const std::string& variant) const;

  file::v1::FileServiceClient file_;
};

}  // namespace selfology::social
