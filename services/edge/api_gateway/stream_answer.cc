#include "services/edge/api_gateway/stream_answer.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace selfology::api_gateway {
namespace {

// Between two looks at whether the client is still there.
constexpr absl::Duration kLook = absl::Milliseconds(250);
// Proxies close what is silent for a minute.
constexpr absl::Duration kSignOfLife = absl::Seconds(15);

}  // namespace

std::string MessagePiece(StreamForm form, std::string_view json) {
  if (form == StreamForm::kLines) return absl::StrCat("{\"result\":", json, "}\n");
  return absl::StrCat("data: ", json, "\n\n");
}

std::string EndPiece(StreamForm form, const absl::Status& status, std::string_view problem_json) {
  if (form == StreamForm::kLines) {
    return status.ok() ? "" : absl::StrCat("{\"error\":", problem_json, "}\n");
  }
  if (status.ok()) return "event: end\ndata: {}\n\n";
  return absl::StrCat("event: error\ndata: ", problem_json, "\n\n");
}

StreamOutcome WriteStream(StreamPump& pump, StreamForm form, const Call& call,
                          const std::function<bool()>& draining,
                          const std::function<std::string(const absl::Status&)>& problem,
                          http::Stream& stream) {
  StreamOutcome outcome;
  absl::Time said = absl::Now();
  const auto write = [&](const std::string& piece) {
    if (piece.empty()) return true;
    outcome.status = stream.Write(piece);
    outcome.bytes += piece.size();
    said = absl::Now();
    return outcome.status.ok();
  };
  while (true) {
    StreamPump::Item item = pump.Next(kLook);
    if (item.json.has_value()) {
      if (!write(MessagePiece(form, *item.json))) break;
      continue;
    }
    if (!item.end.has_value() && draining()) {
      item.end = absl::UnavailableError("the gateway stops; call again");
    }
    if (item.end.has_value()) {
      const std::string body = item.end->ok() ? "" : problem(*item.end);
      if (write(EndPiece(form, *item.end, body))) outcome.status = *item.end;
      break;
    }
    if (stream.closed() || call.Cancelled()) {
      outcome.status = absl::CancelledError("the client is gone");
      break;
    }
    const bool is_silent = absl::Now() - said >= kSignOfLife;
    if (is_silent && form == StreamForm::kEvents && !write(": still here\n\n")) break;
  }
  pump.Stop();
  return outcome;
}

}  // namespace selfology::api_gateway
