#include "tools/telegram_emulator/public_channels.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace selfology::telegram_emulator {
namespace {

constexpr std::string_view kKinds[] = {"302",  "shell",   "429",    "500",   "cut",
                                       "slow", "no_more", "repeat", "markup"};

bool IsName(std::string_view name) {
  return name.size() >= 4 && name.size() <= 32 &&
         absl::ascii_isalpha(static_cast<unsigned char>(name[0])) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
         });
}

Page Moved(std::string_view username) {
  return {.status = 302, .location = absl::StrCat("/", username)};
}

}  // namespace

absl::Status PublicChannels::Add(PublicChannel channel) {
  if (!IsName(channel.username)) return absl::InvalidArgumentError("username is no Telegram name");
  std::string key = absl::AsciiStrToLower(channel.username);
  absl::MutexLock lock(&mutex_);
  channels_.insert_or_assign(std::move(key), std::move(channel));
  return absl::OkStatus();
}

absl::Status PublicChannels::Do(std::string_view username,
                                const std::function<void(PublicChannel&)>& work) {
  absl::MutexLock lock(&mutex_);
  const auto found = channels_.find(absl::AsciiStrToLower(username));
  if (found == channels_.end()) return absl::NotFoundError("no such channel");
  work(found->second);
  return absl::OkStatus();
}

std::optional<PageFault> PublicChannels::TakeFault(std::string_view username) {
  for (auto it = faults_.begin(); it != faults_.end(); ++it) {
    if (!it->username.empty() && !absl::EqualsIgnoreCase(it->username, username)) continue;
    PageFault fault = *it;
    if (--it->times <= 0) faults_.erase(it);
    return fault;
  }
  return std::nullopt;
}

Page PublicChannels::Preview(std::string_view username, PreviewQuery query, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  const PageFault fault = TakeFault(username).value_or(PageFault());
  if (fault.kind == "302") return Moved(username);
  if (fault.kind == "shell") return {.body = telegram_channels::ShellHtml()};
  if (fault.kind == "429") return {.status = 429, .retry_after_s = fault.seconds};
  if (fault.kind == "500") return {.status = 500, .body = "<html>Internal error</html>"};
  const auto found = channels_.find(absl::AsciiStrToLower(username));
  if (found == channels_.end() || found->second.kind != "channel") return Moved(username);
  PublicChannel shown = found->second;
  std::erase_if(shown.posts, [&](const PublicPost& post) { return post.at > now; });
  query.without_more |= fault.kind == "no_more";
  query.repeats |= fault.kind == "repeat";
  query.other_markup |= fault.kind == "markup";
  Page page = {.body = telegram_channels::PreviewPageHtml(shown, query)};
  if (fault.kind == "cut") page.body.resize(page.body.size() / 2);
  if (fault.kind == "slow") page.delay = absl::Seconds(fault.seconds);
  return page;
}

Page PublicChannels::Name(std::string_view username, absl::Time) {
  absl::MutexLock lock(&mutex_);
  const auto found = channels_.find(absl::AsciiStrToLower(username));
  return {.body = telegram_channels::NamePageHtml(
              found == channels_.end() ? nullptr : &found->second, username)};
}

absl::Status PublicChannels::AddFault(PageFault fault) {
  if (std::find(std::begin(kKinds), std::end(kKinds), fault.kind) == std::end(kKinds)) {
    return absl::InvalidArgumentError("kind must be one of the faults of pages");
  }
  absl::MutexLock lock(&mutex_);
  faults_.push_back(std::move(fault));
  return absl::OkStatus();
}

void PublicChannels::ClearFaults() {
  absl::MutexLock lock(&mutex_);
  faults_.clear();
}

Json PublicChannels::ToJson() const {
  absl::MutexLock lock(&mutex_);
  Json list = Json::array();
  for (const auto& [key, channel] : channels_) {
    list.push_back({{"username", channel.username},
                    {"title", channel.title},
                    {"kind", channel.kind},
                    {"telegram_id", channel.telegram_id},
                    {"posts", channel.posts.size()}});
  }
  return {{"channels", std::move(list)}};
}

absl::StatusOr<PublicPost> PublicPostFromJson(const Json& json, absl::Time now) {
  static constexpr std::string_view kFields[] = {"id",
                                                 "at",
                                                 "text",
                                                 "html",
                                                 "media",
                                                 "edited",
                                                 "service",
                                                 "unsupported",
                                                 "author",
                                                 "views",
                                                 "reactions",
                                                 "reply_to",
                                                 "poll",
                                                 "options",
                                                 "forwarded_from",
                                                 "forwarded_link",
                                                 "preview_url",
                                                 "preview_site",
                                                 "preview_title",
                                                 "preview_text",
                                                 "preview_picture"};
  if (!json.is_object()) return absl::InvalidArgumentError("a post must be an object");
  for (const auto& item : json.items()) {
    if (std::find(std::begin(kFields), std::end(kFields), item.key()) == std::end(kFields)) {
      return absl::InvalidArgumentError(absl::StrCat("a post has no ", item.key()));
    }
  }
  PublicPost post;
  post.id = IntOr(json, "id");
  const int64_t at = IntOr(json, "at");
  post.at = at > 0 ? absl::FromUnixSeconds(at) : now;
  post.text = StringOr(json, "text");
  post.html = StringOr(json, "html");
  post.edited = BoolOr(json, "edited");
  post.service = BoolOr(json, "service");
  post.unsupported = BoolOr(json, "unsupported");
  post.author = StringOr(json, "author");
  post.views = IntOr(json, "views", 1);
  post.reply_to = IntOr(json, "reply_to");
  post.poll = StringOr(json, "poll");
  post.forwarded_from = StringOr(json, "forwarded_from");
  post.forwarded_link = StringOr(json, "forwarded_link");
  post.preview_url = StringOr(json, "preview_url");
  post.preview_site = StringOr(json, "preview_site");
  post.preview_title = StringOr(json, "preview_title");
  post.preview_text = StringOr(json, "preview_text");
  post.preview_picture = StringOr(json, "preview_picture");
  if (const Json* media = Field(json, "media"); media != nullptr && media->is_array()) {
    for (const Json& one : *media) {
      telegram_channels::PublicMedia made;
      made.kind = StringOr(one, "kind", "photo");
      made.url = StringOr(one, "url");
      made.width = static_cast<int>(IntOr(one, "width", 800));
      made.height = static_cast<int>(IntOr(one, "height", 450));
      made.seconds = static_cast<int>(IntOr(one, "seconds"));
      made.file_name = StringOr(one, "file_name");
      made.file_size = StringOr(one, "file_size");
      post.media.push_back(std::move(made));
    }
    if (post.media.size() > 10) return absl::InvalidArgumentError("an album has at most 10 media");
  }
  if (const Json* options = Field(json, "options"); options != nullptr && options->is_array()) {
    for (const Json& option : *options) {
      if (option.is_string()) post.options.push_back(option.get<std::string>());
    }
  }
  if (const Json* reactions = Field(json, "reactions");
      reactions != nullptr && reactions->is_array()) {
    for (const Json& one : *reactions) {
      if (one.is_array() && one.size() == 2 && one[0].is_string() && one[1].is_number_integer()) {
        post.reactions.emplace_back(one[0].get<std::string>(), one[1].get<int64_t>());
      }
    }
  }
  return post;
}

}  // namespace selfology::telegram_emulator
