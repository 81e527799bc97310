// Mastodon, Bluesky and WordPress as a studio under chaos meets them: they keep what was published, and
// each call that publishes may fail before it happened, or after. Mastodon ignores Idempotency-Key, as
// some servers do.
//
//   StudioPlatforms platforms({.seed = 7});
//   platforms.url();
//   platforms.Copies("text 17 at mastodon");   // 1
//
// Threads: thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/http/server.h"
#include "nlohmann/json.hpp"

namespace selfology::chaos {

class StudioPlatforms {
 public:
  struct Options {
    uint64_t seed = 1;
    double faults = 0.3;                               // Of the calls that publish.
    absl::Duration slowness = absl::Milliseconds(10);  // A call takes at most so long.
  };
  explicit StudioPlatforms(Options options);
  // No call may be under way.
  ~StudioPlatforms();

  std::string url() const;
  // How often a text was published; words that begin with "refuse" are refused.
  int64_t Copies(const std::string& text);
  int64_t posts();
  // Calls that failed, by how.
  std::map<std::string, int64_t> faults();
  // From now on nothing fails.
  void Heal();

 private:
  struct Post {
    std::string id;
    std::string text;
    std::string key;
    absl::Time at;
  };
  // Of one account.
  struct Timeline {
    std::deque<Post> posts = {};  // Newest first.
    std::unordered_map<std::string, Post> by_key = {};
  };

  absl::StatusOr<http::Response> Answer(const http::Request& request);
  http::Response Mastodon(const http::Request& request);
  http::Response Bluesky(const http::Request& request);
  http::Response WordPress(const http::Request& request);
  // Publishes at that account unless it fails; `answer` is made of the post.
  template <typename MakeAnswer>
  http::Response Publish(const std::string& account, const std::string& text,
                         const std::string& key, bool by_key, MakeAnswer answer);
  std::string NextFault() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  absl::Mutex mutex_;
  std::mt19937_64 random_ ABSL_GUARDED_BY(mutex_);
  bool healed_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, Timeline> timelines_ ABSL_GUARDED_BY(mutex_);
  std::unordered_map<std::string, int64_t> copies_ ABSL_GUARDED_BY(mutex_);
  std::unordered_map<std::string, std::string> sources_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int64_t> faults_ ABSL_GUARDED_BY(mutex_);
  int64_t ids_ ABSL_GUARDED_BY(mutex_) = 1000;
  std::unique_ptr<http::Server> server_;
};

}  // namespace selfology::chaos
