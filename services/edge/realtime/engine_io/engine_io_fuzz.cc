// Whatever a client sends as a body or as frames: packets that are written again as they were read,
// or an error; and a session that says in order what is to be done, its end last.
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "services/edge/realtime/engine_io/packet.h"
#include "services/edge/realtime/engine_io/session.h"
#include "testing/fuzz.h"

namespace selfology::realtime::engine_io {
namespace {

void CheckPayload(Version version, std::string_view body, bool binary) {
  const auto packets = DecodePayload(version, body, binary);
  if (!packets.ok()) return;
  MUST(!packets->empty());
  const bool takes_bytes = binary && version == Version::k3;
  const Payload written = EncodePayload(version, *packets, takes_bytes);
  const auto again = DecodePayload(version, written.body, written.binary);
  // Lengths count characters: text that is no UTF-8 may be cut elsewhere.
  if (version == Version::k3 && !written.binary) return;
  MUST(again.ok() && *again == *packets);
}

void CheckEffects(const Session& session, const Effects& effects, bool& was_ended) {
  MUST(!was_ended || effects.empty());
  for (size_t i = 0; i < effects.size(); ++i) {
    const bool ends = effects[i].what == Effect::What::kEnd;
    MUST(!ends || i + 1 == effects.size());
    MUST(!ends || session.ended());
  }
  was_ended = session.ended();
}

// The first byte of each line says what happens, the rest with which data.
void CheckSession(std::string_view text) {
  SessionSettings settings;
  settings.max_waiting = 200;
  absl::Time now = absl::UnixEpoch();
  const bool old = !text.empty() && text.front() == '3';
  Session session(old ? Version::k3 : Version::k4, Transport::kPolling, "sid", settings, now);
  bool ended = false;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.empty()) continue;
    const std::string_view data = line.substr(1);
    Effects effects;
    switch (line.front()) {
      case 'p':
        (void)session.Poll(now, effects);
        break;
      case 'o':
        (void)session.Post(now, data, false, effects);
        break;
      case 'b':
        (void)session.Post(now, data, true, effects);
        break;
      case 'g':
        effects = session.PollGone();
        break;
      case 'r':
        (void)session.Probe(now);
        break;
      case 'f':
        effects = session.ProbeFrame(now, data);
        break;
      case 'w':
        effects = session.Frame(now, data, false);
        break;
      case 'x':
        effects = session.Frame(now, data, true);
        break;
      case 's':
        effects = session.Send({{.data = std::string(data)}});
        break;
      case 't':
        now += absl::Seconds(data.size());
        effects = session.Tick(now);
        break;
      case 'c':
        effects = session.SocketGone();
        break;
      default:
        break;
    }
    CheckEffects(session, effects, ended);
  }
}

}  // namespace
}  // namespace selfology::realtime::engine_io

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace selfology::realtime::engine_io;  // NOLINT(google-build-using-namespace)
  const std::string_view text = selfology::testing::InputText(data, size);
  CheckPayload(Version::k4, text, false);
  CheckPayload(Version::k3, text, false);
  CheckPayload(Version::k3, text, true);
  CheckSession(text);
  return 0;
}
