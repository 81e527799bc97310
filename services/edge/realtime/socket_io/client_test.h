// A device for tests: Socket.IO 5 over a WebSocket, straight-line.
//
//   TestDevice device(port, {{"user_id", 7}});
//   EXPECT_EQ(device.Await("ready")["position"], 0);
//   const Json event = device.Await("event");
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace selfology::realtime::socket_io {

class TestDevice {
 public:
  using Json = nlohmann::json;

  // query: beyond the protocol's own, such as "&token=x".
  explicit TestDevice(uint16_t port, const std::string& query = "") {
    boost::system::error_code error;
    stream_.next_layer().connect({boost::asio::ip::address_v4::loopback(), port}, error);
    EXPECT_FALSE(error) << error.message();
    stream_.handshake("127.0.0.1", "/socket.io/?EIO=4&transport=websocket" + query, error);
    EXPECT_FALSE(error) << error.message();
    stream_.read_message_max(0);
    EXPECT_TRUE(absl::StartsWith(Read(), "0"));
  }
  TestDevice(uint16_t port, const Json& auth) : TestDevice(port) { Enter(auth); }

  void Enter(const Json& auth) { Write("40" + auth.dump()); }
  void Write(const std::string& text) {
    boost::system::error_code error;
    stream_.text(true);
    stream_.write(boost::asio::buffer(text), error);
  }

  // The next packet that is no heartbeat; "closed" at the end.
  std::string Next() {
    for (;;) {
      std::string text = Read();
      if (text != "2") return text;
      Write("3");
    }
  }
  // The first argument of the next such event; others before it are passed over. Null: none came.
  Json Await(std::string_view event) {
    for (;;) {
      const std::string text = Next();
      if (text == "closed") return nullptr;
      if (!absl::StartsWith(text, "42")) continue;
      const Json data = Json::parse(text.substr(2));
      if (data[0] == event) return data.size() > 1 ? data[1] : Json(true);
    }
  }
  // Of the name and first argument, the next event.
  std::pair<std::string, Json> Event() {
    for (;;) {
      const std::string text = Next();
      if (text == "closed") return {text, nullptr};
      if (!absl::StartsWith(text, "42")) continue;
      const Json data = Json::parse(text.substr(2));
      return {data[0], data.size() > 1 ? data[1] : Json()};
    }
  }
  // Sends an event and gives the first argument of its acknowledgement.
  Json Ask(std::string_view event, const Json& argument) {
    Write(absl::StrCat("427", Json::array({event, argument}).dump()));
    for (;;) {
      const std::string text = Next();
      if (text == "closed") return nullptr;
      if (absl::StartsWith(text, "437")) return Json::parse(text.substr(3))[0];
    }
  }
  void Drop() {
    boost::system::error_code ignored;
    stream_.next_layer().close(ignored);
  }

 private:
  std::string Read() {
    boost::beast::flat_buffer buffer;
    boost::system::error_code error;
    stream_.read(buffer, error);
    return error ? "closed" : boost::beast::buffers_to_string(buffer.cdata());
  }

  boost::asio::io_context io_;
  boost::beast::websocket::stream<boost::asio::ip::tcp::socket> stream_{io_};
};

}  // namespace selfology::realtime::socket_io
