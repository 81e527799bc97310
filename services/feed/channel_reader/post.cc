#include "services/feed/channel_reader/post.h"

#include <openssl/sha.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "common/timestamps/timestamp.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "services/feed/channel_reader/reading/charset.h"

namespace selfology::channel_reader {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kMaxTitle = 256;        // Characters.
constexpr int kMaxDescription = 500;  // Likewise.
constexpr size_t kMaxUrl = 2048;      // Bytes.
constexpr int kMaxMedia = 10;
constexpr int kMaxReactions = 20;
constexpr int kMaxLinks = 20;

// Texts of others: bytes that are no UTF-8, and NUL, are kept by no database.
std::string Clean(const std::string& words) { return ToUtf8(words, "utf-8"); }

void CleanAll(Message& message) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        if (field->is_repeated()) {
          reflection.SetRepeatedString(&message, field, i,
                                       Clean(reflection.GetRepeatedString(message, field, i)));
        } else {
          reflection.SetString(&message, field, Clean(reflection.GetString(message, field)));
        }
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        CleanAll(field->is_repeated() ? *reflection.MutableRepeatedMessage(&message, field, i)
                                      : *reflection.MutableMessage(&message, field));
      }
    }
  }
}

void Shorten(std::string& words, int characters) {
  words = std::string(text::Prefix(words, characters));
}

void DropLong(std::string& url) {
  if (url.size() > kMaxUrl) url.clear();
}

template <typename List>
void Keep(List& list, int most) {
  if (list.size() > most) list.DeleteSubrange(most, list.size() - most);
}

}  // namespace

void Settle(v1::Post& post, absl::Time now) {
  CleanAll(post);
  post.set_text_length(text::Characters(post.text()));
  post.set_text_is_cut(post.text_length() > kMaxText);
  if (post.text_is_cut()) {
    Shorten(*post.mutable_text(), kMaxText);
    post.clear_text_html();
  }
  if (post.text_html().size() > kMaxHtml || post.text_html() == post.text()) post.clear_text_html();
  Shorten(*post.mutable_author(), kMaxTitle);
  DropLong(*post.mutable_link());
  Keep(*post.mutable_media(), kMaxMedia);
  for (v1::PostMedia& media : *post.mutable_media()) {
    DropLong(*media.mutable_url());
    DropLong(*media.mutable_preview_url());
    Shorten(*media.mutable_file_name(), kMaxTitle);
    Shorten(*media.mutable_alternative_text(), kMaxDescription);
  }
  post.set_media_kind(post.media_size() > 0 ? post.media(0).kind() : v1::MEDIA_KIND_UNSPECIFIED);
  Keep(*post.mutable_reactions(), kMaxReactions);
  if (post.has_forwarded_from()) {
    Shorten(*post.mutable_forwarded_from()->mutable_title(), kMaxTitle);
    DropLong(*post.mutable_forwarded_from()->mutable_link());
  }
  if (post.has_link_preview()) {
    v1::LinkPreview& link = *post.mutable_link_preview();
    DropLong(*link.mutable_url());
    DropLong(*link.mutable_picture_url());
    Shorten(*link.mutable_site(), kMaxTitle);
    Shorten(*link.mutable_title(), kMaxTitle);
    Shorten(*link.mutable_description(), kMaxDescription);
  }
  for (std::string& link : *post.mutable_links()) DropLong(link);
  auto& links = *post.mutable_links();
  links.erase(std::remove(links.begin(), links.end(), ""), links.end());
  Keep(links, kMaxLinks);
  // Clocks of others run ahead.
  if (!post.has_posted_at() || timestamps::FromProto(post.posted_at()) > now) {
    *post.mutable_posted_at() = timestamps::ToProto(now);
  }
  // Long addresses add up.
  if (post.ByteSizeLong() > kMaxPost) post.clear_links();
  if (post.ByteSizeLong() > kMaxPost) post.clear_text_html();
  while (post.ByteSizeLong() > kMaxPost && post.media_size() > 1) {
    post.mutable_media()->RemoveLast();
  }
}

std::string Fingerprint(const v1::Post& post) {
  std::string all;
  // With the lengths, so that no two posts give the same text.
  const auto add = [&](std::string_view part) { absl::StrAppend(&all, part.size(), ":", part); };
  add(post.text());
  for (const std::string& link : post.links()) add(link);
  for (const v1::PostMedia& media : post.media()) {
    absl::StrAppend(&all, media.kind(), ",", media.duration().seconds(), ",");
    add(media.file_name());
  }
  add(post.link_preview().url());
  add(post.forwarded_from().title());
  add(post.author());
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(all.data()), all.size(), digest);
  return std::string(reinterpret_cast<const char*>(digest), 16);
}

void Withhold(const v1::UseScope& scope, v1::Post& post) {
  if (!scope.show()) ForgetContent(post);
}

void ForgetContent(v1::Post& post) {
  post.clear_text();
  post.clear_text_html();
  post.clear_author();
  post.clear_forwarded_from();
  post.clear_link_preview();
  post.clear_links();
  for (v1::PostMedia& media : *post.mutable_media()) {
    v1::PostMedia left;
    left.set_kind(media.kind());
    if (media.has_duration()) *left.mutable_duration() = media.duration();
    media = left;
  }
}

v1::UseScope EffectiveScope(const ScopeRules& rules) {
  return rules.has_owner ? rules.of_owner : rules.of_kind;
}

v1::UseScope DefaultScope(v1::SourceKind source) {
  v1::UseScope scope;
  switch (source) {
    case v1::SOURCE_KIND_WEB_FEED:
    case v1::SOURCE_KIND_BLUESKY:
    case v1::SOURCE_KIND_MASTODON:
      // Published for readers' programs.
      scope.set_show(true);
      scope.set_keep(true);
      scope.set_learn_from_text(true);
      break;
    case v1::SOURCE_KIND_TELEGRAM_PREVIEW:
    case v1::SOURCE_KIND_TELEGRAM_SESSION:
    case v1::SOURCE_KIND_TELEGRAM_BOT:
      // Shown to who named it, with link and author; Telegram's terms on content forbid to learn
      // from it without consent.
      scope.set_show(true);
      break;
    default:
      break;
  }
  return scope;
}

}  // namespace selfology::channel_reader
