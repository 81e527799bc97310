// The realtime service in a process of the mesh, and devices that connect to it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "selfology/events/v1/chat.pb.h"
#include "selfology/realtime/v1/realtime_service_client.h"
#include "services/edge/realtime/module.h"
#include "services/edge/realtime/settings.h"
#include "services/edge/realtime/socket_io/client_test.h"
#include "testing/mesh_test.h"

namespace selfology::realtime {

using Json = nlohmann::json;
using Device = socket_io::TestDevice;

inline constexpr int64_t kUser = 123456;

class RealtimeTest : public ::selfology::testing::MeshTest {
 protected:
  // `adjust` may change the kernel's settings; `others` are further modules.
  void Start(RealtimeSettings settings = {},
             const std::function<void(service::Settings&)>& adjust = nullptr,
             ::selfology::testing::ModuleList others = {}) {
    port_ = 0;
    settings.listening = [this](uint16_t port) { port_ = port; };
    others.push_back(MakeModule(std::move(settings)));
    StartMesh(std::move(others), [&](service::Settings& kernel) {
      if (adjust) adjust(kernel);
      kernel_ = kernel;
    });
    client_.emplace(Peer("realtime"));
    Await("devices to be able to connect", [this] { return port_ != 0; });
  }

  // Another replica on the same data; gives its port.
  uint16_t StartOther(RealtimeSettings settings = {}) {
    settings.listening = [this](uint16_t port) { other_port_ = port; };
    ::selfology::testing::ModuleList modules;
    modules.push_back(MakeModule(std::move(settings)));
    auto host = service::Host::Start(kernel_, std::move(modules));
    EXPECT_TRUE(host.ok()) << host.status();
    if (host.ok()) other_ = *std::move(host);
    Await("devices to be able to connect to the other", [this] { return other_port_ != 0; });
    return other_port_;
  }
  void TearDown() override { other_.reset(); }

  Device Connect(std::optional<int64_t> offset = std::nullopt, int64_t user_id = kUser) {
    return ConnectTo(port_, offset, user_id);
  }
  static Device ConnectTo(uint16_t port, std::optional<int64_t> offset, int64_t user_id = kUser) {
    Json auth = {{"user_id", user_id}};
    if (offset.has_value()) auth["offset"] = *offset;
    return Device(port, auth);
  }

  void Say(const std::string& text, int64_t user_id = kUser) {
    events::v1::UserMessageReceived event;
    event.set_user_id(user_id);
    event.set_message_text(text);
    Publish(event);
  }

  // The texts of the next so many events; a gap is "gap". Sets `position`.
  static std::vector<std::string> Texts(Device& device, size_t count, int64_t* position = nullptr) {
    std::vector<std::string> texts;
    while (texts.size() < count) {
      const auto [name, argument] = device.Event();
      if (name == "closed") break;
      if (name == "gap") texts.emplace_back("gap");
      if (name != "event") continue;
      texts.push_back(argument["data"]["message_text"]);
      if (position != nullptr) *position = argument["position"];
    }
    return texts;
  }

  absl::StatusOr<v1::ListEventsResponse> List(int64_t after, int32_t wait_seconds = 0,
                                              int32_t page_size = 0) {
    v1::ListEventsRequest request;
    request.set_user_id(kUser);
    request.set_after(after);
    request.set_wait_seconds(wait_seconds);
    request.set_page_size(page_size);
    return client_->ListEvents(Deadline(), request);
  }

  int32_t Connections(int64_t user_id = kUser) {
    v1::GetPresenceRequest request;
    request.add_user_ids(user_id);
    const auto response = client_->GetPresence(Deadline(), request);
    return response.ok() ? response->presences(0).connection_count() : -1;
  }

  std::atomic<uint16_t> port_ = 0;
  std::atomic<uint16_t> other_port_ = 0;
  service::Settings kernel_;
  std::optional<v1::RealtimeServiceClient> client_;
  std::unique_ptr<service::Host> other_;
};

}  // namespace selfology::realtime
