// The public channels of the emulator, with what goes wrong on purpose when their pages are read.
//
//   PublicChannels channels;
//   channels.Add({.username = "daily_tea", .title = "Daily tea"});
//   channels.Do("daily_tea", [](PublicChannel& channel) { channel.Add({.text = "Oolong"}); });
//   channels.AddFault({.kind = "429", .times = 2, .seconds = 30});
//   channels.Preview("daily_tea", {.before = 7}, now).body
//
// A post whose time has not come is not shown yet: so a small world that is made once stays lively.
// Threads: thread-safe.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "testing/telegram_channels/preview_html.h"
#include "testing/telegram_channels/public_channel.h"
#include "tools/telegram_emulator/json.h"

namespace selfology::telegram_emulator {

using telegram_channels::PreviewQuery;
using telegram_channels::PublicChannel;
using telegram_channels::PublicPost;

struct PageFault {
  // "302": as if there were no preview; "shell": 200 with a page of nothing; "429"; "500"; "cut": half a
  // page; "slow"; "no_more": the link to older posts is missing; "repeat": always the newest page;
  // "markup": its classes were renamed.
  std::string kind = {};
  std::string username = {};  // Only pages of this channel; empty: all.
  int times = 1;
  int seconds = 5;  // Of "slow", and what "429" asks for.
};

struct Page {
  int status = 200;
  std::string body = {};
  std::string location = {};  // Of a 302.
  int retry_after_s = 0;
  absl::Duration delay = absl::ZeroDuration();
};

class PublicChannels {
 public:
  // Takes the place of one of that name. INVALID_ARGUMENT: a name that Telegram would not take.
  absl::Status Add(PublicChannel channel);
  // NOT_FOUND.
  absl::Status Do(std::string_view username, const std::function<void(PublicChannel&)>& work);

  // t.me/s/NAME and t.me/NAME.
  Page Preview(std::string_view username, PreviewQuery query, absl::Time now);
  Page Name(std::string_view username, absl::Time now);

  // INVALID_ARGUMENT: no such kind.
  absl::Status AddFault(PageFault fault);
  void ClearFaults();
  Json ToJson() const;  // Channels with their numbers of posts.

 private:
  std::optional<PageFault> TakeFault(std::string_view username)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  std::map<std::string, PublicChannel, std::less<>> channels_ ABSL_GUARDED_BY(mutex_);
  std::list<PageFault> faults_ ABSL_GUARDED_BY(mutex_);
};

// A post from the REST API: the fields of PublicPost, `at` in seconds since 1970. INVALID_ARGUMENT for
// unknown or mistyped fields.
absl::StatusOr<PublicPost> PublicPostFromJson(const Json& json, absl::Time now);

// A dozen channels with texts and pictures of their own, English and Russian, of the last days and the next
// hours. `base`: where the pictures are, "http://127.0.0.1:8081".
std::vector<PublicChannel> LivelyChannels(absl::Time now, const std::string& base);

// The picture at /file/preview/NAME.png: the words on a colour of their own. PNG.
absl::StatusOr<std::string> DrawPicture(std::string_view words);

}  // namespace selfology::telegram_emulator
