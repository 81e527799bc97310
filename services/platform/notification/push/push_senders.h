// Pushes, by each of the three services. See ../deliveries/sender.h. Threads: thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/http/client.h"
#include "services/platform/notification/deliveries/keys.h"
#include "services/platform/notification/deliveries/sender.h"
#include "services/platform/notification/push/fcm.h"

namespace selfology::notification {

using Clock = std::function<absl::Time()>;

class FcmSender final : public Sender {
 public:
  // base_url: "https://fcm.googleapis.com". The client outlives it.
  FcmSender(http::Client& client, Clock clock, FcmAccount account, std::string base_url)
      : client_(client),
        clock_(std::move(clock)),
        account_(std::move(account)),
        base_url_(std::move(base_url)) {}

  v1::Transport transport() const override { return v1::TRANSPORT_FCM; }
  Outcome Send(const Call& call, const OutgoingMessage& message) override;

 private:
  absl::StatusOr<std::string> Token(const Call& call);

  http::Client& client_;
  const Clock clock_;
  const FcmAccount account_;
  const std::string base_url_;
  absl::Mutex mutex_;
  AccessToken token_ ABSL_GUARDED_BY(mutex_);
};

class ApnsSender final : public Sender {
 public:
  struct Options {
    std::string base_url = "https://api.push.apple.com";
    std::string key_id = {};
    std::string team_id = {};
    std::string topic = {};  // The app's bundle id.
  };
  ApnsSender(http::Client& client, Clock clock, PrivateKey key, Options options)
      : client_(client),
        clock_(std::move(clock)),
        key_(std::move(key)),
        options_(std::move(options)) {}

  v1::Transport transport() const override { return v1::TRANSPORT_APNS; }
  Outcome Send(const Call& call, const OutgoingMessage& message) override;

 private:
  absl::StatusOr<std::string> Token();

  http::Client& client_;
  const Clock clock_;
  const PrivateKey key_;
  const Options options_;
  absl::Mutex mutex_;
  AccessToken token_ ABSL_GUARDED_BY(mutex_);
};

class WebPushSender final : public Sender {
 public:
  // contact: "mailto:..." or an https URL: whom a push service may write to. options: of a client of
  // its own, since endpoints are URLs that clients chose; it reaches public addresses only, unless
  // may_reach_any (where there are no real people). keys outlives it.
  WebPushSender(http::Client::Options options, bool may_reach_any, Clock clock, Keys& keys,
                std::string contact);

  v1::Transport transport() const override { return v1::TRANSPORT_WEB_PUSH; }
  Outcome Send(const Call& call, const OutgoingMessage& message) override;

 private:
  absl::StatusOr<http::ClientRequest> Request(const Call& call, const OutgoingMessage& message);

  http::Client client_;
  const Clock clock_;
  Keys& keys_;
  const std::string contact_;
};

// What a failed exchange means: nothing was sent, or nobody knows. Pure.
Outcome JudgeFailure(const absl::Status& failure);

}  // namespace selfology::notification
