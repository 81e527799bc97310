#include "services/feed/feed/channel_facts.h"

#include <string>

#include "common/timestamps/timestamp.h"

namespace selfology::feed {
namespace {

namespace reader = channel_reader::v1;

v1::MediaType MediaOf(const reader::Post& post) {
  if (post.album_numbers_size() > 1) return v1::MEDIA_TYPE_ALBUM;
  switch (post.media_kind()) {
    case reader::MEDIA_KIND_UNSPECIFIED:
      return v1::MEDIA_TYPE_UNSPECIFIED;
    case reader::MEDIA_KIND_PHOTO:
      return v1::MEDIA_TYPE_PHOTO;
    case reader::MEDIA_KIND_VIDEO:
    case reader::MEDIA_KIND_VIDEO_NOTE:
      return v1::MEDIA_TYPE_VIDEO;
    case reader::MEDIA_KIND_ANIMATION:
      return v1::MEDIA_TYPE_ANIMATION;
    case reader::MEDIA_KIND_VOICE:
    case reader::MEDIA_KIND_AUDIO:
      return v1::MEDIA_TYPE_AUDIO;
    case reader::MEDIA_KIND_DOCUMENT:
      return v1::MEDIA_TYPE_DOCUMENT;
    case reader::MEDIA_KIND_STICKER:
      return v1::MEDIA_TYPE_STICKER;
    case reader::MEDIA_KIND_POLL:
      return v1::MEDIA_TYPE_POLL;
    default:
      return v1::MEDIA_TYPE_OTHER;
  }
}

}  // namespace

store::ChannelFacts FactsOf(const reader::Channel& channel) {
  return {.telegram_id = channel.telegram_id(),
          .reader_id = channel.channel_id(),
          .username = channel.handle(),
          .title = channel.title(),
          .may_show = channel.scope().show(),
          .may_keep = channel.scope().keep(),
          .may_learn = channel.scope().learn_from_text()};
}

store::PostFacts FactsOf(const reader::Post& post, int64_t channel_id, bool may_learn) {
  store::PostFacts facts = {.channel_id = channel_id,
                            .number = post.post_number(),
                            .text = post.text(),
                            .media = MediaOf(post),
                            .url = post.link(),
                            .posted_at = timestamps::FromProto(post.posted_at()),
                            .views = post.views(),
                            .may_learn = may_learn};
  for (const reader::PostMedia& media : post.media()) {
    const std::string& url =
        media.kind() == reader::MEDIA_KIND_PHOTO ? media.url() : media.preview_url();
    if (!url.empty()) facts.media_urls.push_back(url);
  }
  return facts;
}

}  // namespace selfology::feed
