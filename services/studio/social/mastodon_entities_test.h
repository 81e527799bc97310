// What Mastodon's API answers with (https://docs.joinmastodon.org/entities/), with every field that
// clients are told of. Judged by npm's megalodon: tests/peers/studio_mastodon.mjs
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "nlohmann/json.hpp"

namespace selfology::social {

inline constexpr char kMastodonHome[] = "https://mastodon.example";
inline constexpr int kMastodonMaxText = 1000;  // Of the stand-in; servers choose their own.

inline std::string MastodonTime(absl::Time at) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", at, absl::UTCTimeZone());
}

// The account that the stand-in's token is of.
inline nlohmann::json MastodonAccount() {
  const std::string picture = absl::StrCat(kMastodonHome, "/avatars/original/missing.png");
  return {{"id", "11"},
          {"username", "me"},
          {"acct", "me"},
          {"display_name", "Me"},
          {"locked", false},
          {"bot", false},
          {"group", false},
          {"discoverable", true},
          {"noindex", false},
          {"suspended", false},
          {"limited", false},
          {"moved", nullptr},
          {"created_at", "2026-01-01T00:00:00.000Z"},
          {"note", ""},
          {"url", absl::StrCat(kMastodonHome, "/@me")},
          {"uri", absl::StrCat(kMastodonHome, "/users/me")},
          {"avatar", picture},
          {"avatar_static", picture},
          {"header", picture},
          {"header_static", picture},
          {"followers_count", 2},
          {"following_count", 1},
          {"statuses_count", 1},
          {"last_status_at", "2026-01-01"},
          {"emojis", nlohmann::json::array()},
          {"fields", nlohmann::json::array()}};
}

inline nlohmann::json MastodonAttachment(const std::string& description) {
  const std::string picture = absl::StrCat(kMastodonHome, "/media/7.jpg");
  return {{"id", "7"},
          {"type", "image"},
          {"url", picture},
          {"preview_url", picture},
          {"remote_url", nullptr},
          {"text_url", nullptr},
          {"meta", nlohmann::json::object()},
          {"description", description.empty() ? nlohmann::json() : nlohmann::json(description)},
          {"blurhash", nullptr}};
}

struct MastodonWords {
  std::string id;
  std::string text;
  absl::Time at;
  std::string reply_to = {};
  int pictures = 0;
  bool edited = false;
};

inline nlohmann::json MastodonStatus(const MastodonWords& words) {
  const nlohmann::json none = nlohmann::json::array();
  const bool answers = !words.reply_to.empty();
  return {{"id", words.id},
          {"uri", absl::StrCat(kMastodonHome, "/users/me/statuses/", words.id)},
          {"url", absl::StrCat(kMastodonHome, "/@me/", words.id)},
          {"content", absl::StrCat("<p>", words.text, "</p>")},
          {"visibility", "public"},
          {"account", MastodonAccount()},
          {"created_at", MastodonTime(words.at)},
          {"edited_at", words.edited ? nlohmann::json(MastodonTime(words.at)) : nlohmann::json()},
          {"in_reply_to_id", answers ? nlohmann::json(words.reply_to) : nlohmann::json()},
          {"in_reply_to_account_id", answers ? nlohmann::json("11") : nlohmann::json()},
          {"media_attachments", nlohmann::json(words.pictures, MastodonAttachment(""))},
          {"sensitive", false},
          {"spoiler_text", ""},
          {"language", "en"},
          {"application", {{"name", "Selfology"}, {"website", nullptr}}},
          {"reblog", nullptr},
          {"card", nullptr},
          {"poll", nullptr},
          {"mentions", none},
          {"tags", none},
          {"emojis", none},
          {"filtered", none},
          {"favourited", false},
          {"reblogged", false},
          {"muted", false},
          {"bookmarked", false},
          {"pinned", false},
          {"favourites_count", 3},
          {"reblogs_count", 2},
          {"replies_count", 1}};
}

// Of /api/v1/instance and of /api/v2/instance: the fields that both have, and those of one.
inline nlohmann::json MastodonInstance() {
  return {{"uri", "mastodon.example"},
          {"domain", "mastodon.example"},
          {"title", "A stand-in"},
          {"description", ""},
          {"short_description", ""},
          {"email", "admin@mastodon.example"},
          {"version", "4.3.0"},
          {"thumbnail", nullptr},
          {"urls", {{"streaming_api", "wss://mastodon.example"}}},
          {"stats", {{"user_count", 1}, {"status_count", 1}, {"domain_count", 1}}},
          {"languages", {"en"}},
          {"registrations", false},
          {"approval_required", false},
          {"invites_enabled", false},
          {"contact_account", MastodonAccount()},
          {"rules", nlohmann::json::array()},
          {"configuration",
           {{"statuses",
             {{"max_characters", kMastodonMaxText},
              {"max_media_attachments", 4},
              {"characters_reserved_per_url", 23}}},
            {"media_attachments",
             {{"supported_mime_types", {"image/jpeg", "image/png"}},
              {"image_size_limit", 16777216},
              {"image_matrix_limit", 33177600},
              {"video_size_limit", 103809024},
              {"video_frame_limit", 120},
              {"video_matrix_limit", 8294400}}},
            {"polls",
             {{"max_options", 4},
              {"max_characters_per_option", 50},
              {"min_expiration", 300},
              {"max_expiration", 2629746}}}}}};
}

}  // namespace selfology::social
