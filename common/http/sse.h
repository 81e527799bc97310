// Server-sent events: the text/event-stream format, read and written.
//
//   http::EventReader reader;
//   request.on_data = [&](std::string_view data) {
//     for (const http::ServerEvent& event : reader.Feed(data)) Show(event.data);
//     return absl::OkStatus();
//   };
//   stream->Write(http::FormatEvent({.type = "delta", .data = text}));
//
// Lines may end in LF, CR or CRLF and be cut anywhere between two reads. An event that has not
// ended when the stream does is dropped, as the standard wants.
// Threads: not thread-safe.
// Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace selfology::http {

struct ServerEvent {
  std::string type = "message";
  std::string data = {};  // Several data lines are joined by LF.
  std::string id = {};    // The last id the stream gave.

  friend bool operator==(const ServerEvent&, const ServerEvent&) = default;
};

class EventReader {
 public:
  // The events that end in what was fed so far and were not given yet.
  std::vector<ServerEvent> Feed(std::string_view data);

 private:
  void TakeLine(std::vector<ServerEvent>& events);

  std::string line_;
  bool after_cr_ = false;  // An LF now belongs to the line end already taken.
  bool first_line_ = true;
  bool has_data_ = false;
  std::string type_;
  std::string data_;
  std::string id_;
};

// The event as text. Line ends in type and id become spaces.
std::string FormatEvent(const ServerEvent& event);

}  // namespace selfology::http
