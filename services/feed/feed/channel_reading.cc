#include "services/feed/feed/channel_reading.h"

#include <utility>

#include "absl/time/time.h"
#include "common/status/status_macros.h"
#include "selfology/channel_reader/v1/channel_reader_service_client.h"
#include "services/feed/feed/channel_facts.h"

namespace selfology::feed {
namespace {

namespace reader = channel_reader::v1;

class PeerChannelReading final : public ChannelReading {
 public:
  explicit PeerChannelReading(std::shared_ptr<rpc::Channel> peer) : reader_(std::move(peer)) {}

  absl::StatusOr<std::optional<store::ChannelFacts>> Follow(const Call& call, int64_t user_id,
                                                            const std::string& name) override {
    reader::FollowChannelRequest request;
    request.set_user_id(user_id);
    request.set_channel_address(name);
    request.set_do_not_wait(true);
    const auto response = reader_.FollowChannel(call, request);
    // What it cannot read, or takes no more of, is kept by its name alone.
    if (absl::IsInvalidArgument(response.status()) ||
        absl::IsFailedPrecondition(response.status())) {
      return std::nullopt;
    }
    RETURN_IF_ERROR(response.status());
    return FactsOf(response->channel());
  }

  absl::Status Unfollow(const Call& call, int64_t user_id, int64_t reader_channel_id) override {
    reader::UnfollowChannelRequest request;
    request.set_user_id(user_id);
    request.set_channel_id(reader_channel_id);
    return reader_.UnfollowChannel(call, request).status();
  }

 private:
  reader::ChannelReaderServiceClient reader_;
};

}  // namespace

std::shared_ptr<ChannelReading> MakeChannelReading(std::shared_ptr<rpc::Channel> peer) {
  return std::make_shared<PeerChannelReading>(std::move(peer));
}

}  // namespace selfology::feed
