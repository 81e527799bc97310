// The services that own what the dialog shows and changes.
//
// Every write of theirs may be repeated, so asking again is harmless. Threads: thread-safe.
#pragma once

#include "common/service/mesh.h"
#include "selfology/channel_reader/v1/channel_reader_service_client.h"
#include "selfology/content/v1/content_service_client.h"
#include "selfology/feed/v1/feed_service_client.h"

namespace selfology::feed_dialog {

struct Peers {
  explicit Peers(service::Mesh& mesh)
      : feed(mesh.Peer("feed")),
        reader(mesh.Peer("channel_reader")),
        studio(mesh.Peer("content")) {}

  const feed::v1::FeedServiceClient feed;
  const channel_reader::v1::ChannelReaderServiceClient reader;
  const content::v1::ContentServiceClient studio;
};

}  // namespace selfology::feed_dialog
