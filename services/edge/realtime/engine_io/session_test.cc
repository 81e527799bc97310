#include "services/edge/realtime/engine_io/session.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::realtime::engine_io {
namespace {

using What = Effect::What;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);
const SessionSettings kSettings = {
    .ping_interval = absl::Seconds(25), .ping_timeout = absl::Seconds(20), .max_waiting = 1000};

// "poll 4hello|6", in the order of the effects.
std::vector<std::string> Said(const Effects& effects) {
  static constexpr const char* kNames[] = {"poll",        "send",    "probe",   "close",
                                           "close probe", "promote", "deliver", "end"};
  std::vector<std::string> said;
  for (const Effect& effect : effects) {
    std::string line = kNames[static_cast<int>(effect.what)];
    if (!effect.packets.empty()) {
      line += " " + absl::StrJoin(effect.packets, "|", [](std::string* out, const Packet& packet) {
                *out += packet.binary ? "bytes " + packet.data : EncodeText(packet);
              });
    }
    if (effect.what == What::kEnd) line += " " + std::string(effect.reason);
    said.push_back(line);
  }
  return said;
}

Session Polling(Version version = Version::k4) {
  return Session(version, Transport::kPolling, "sid", kSettings, kStart);
}
Session OnSocket(Version version = Version::k4) {
  return Session(version, Transport::kWebSocket, "sid", kSettings, kStart);
}

std::vector<std::string> Poll(Session& session, absl::Time now = kStart) {
  Effects effects;
  const absl::Status status = session.Poll(now, effects);
  std::vector<std::string> said = Said(effects);
  if (!status.ok()) said.emplace_back(absl::StatusCodeToString(status.code()));
  return said;
}
std::vector<std::string> Post(Session& session, std::string_view body, absl::Time now = kStart) {
  Effects effects;
  const absl::Status status = session.Post(now, body, false, effects);
  std::vector<std::string> said = Said(effects);
  if (!status.ok()) said.emplace_back(absl::StatusCodeToString(status.code()));
  return said;
}

TEST(SessionTest, BeginsWithItsHandshake) {
  const Effects effects = Polling().Open();
  ASSERT_EQ(effects.size(), 1u);
  EXPECT_EQ(effects[0].what, What::kAnswerPoll);
  EXPECT_EQ(nlohmann::json::parse(effects[0].packets[0].data),
            nlohmann::json::parse(R"({"sid": "sid", "upgrades": ["websocket"],
                "pingInterval": 25000, "pingTimeout": 20000, "maxPayload": 1000000})"));
  const Effects on_socket = OnSocket().Open();
  EXPECT_EQ(on_socket[0].what, What::kSend);
  EXPECT_THAT(nlohmann::json::parse(on_socket[0].packets[0].data)["upgrades"], IsEmpty());
}

TEST(SessionTest, MessagesWaitForAPollAndAPollForMessages) {
  Session session = Polling();
  EXPECT_THAT(Said(session.Send({{.data = "a"}})), IsEmpty());
  EXPECT_THAT(Said(session.Send({{.data = "b"}})), IsEmpty());
  EXPECT_THAT(Poll(session), ElementsAre("poll 4a|4b"));
  EXPECT_EQ(session.waiting_bytes(), 0u);
  EXPECT_THAT(Poll(session), IsEmpty());
  EXPECT_THAT(Said(session.Send({{.data = "c"}})), ElementsAre("poll 4c"));
}

TEST(SessionTest, DeliversWhatIsPosted) {
  Session session = Polling();
  EXPECT_THAT(Post(session,
                   "4a\x1e"
                   "4b"),
              ElementsAre("deliver 4a|4b"));
  EXPECT_THAT(Post(session,
                   "4a\x1e"
                   "1\x1e"
                   "4b"),
              ElementsAre("deliver 4a", "end transport close"));
  EXPECT_THAT(Post(session, "4a"), ElementsAre("NOT_FOUND"));
  EXPECT_THAT(Poll(session), ElementsAre("NOT_FOUND"));
}

TEST(SessionTest, ASecondPollEndsTheSession) {
  Session session = Polling();
  EXPECT_THAT(Poll(session), IsEmpty());
  EXPECT_THAT(Poll(session), ElementsAre("poll 1", "end transport error", "FAILED_PRECONDITION"));
  EXPECT_THAT(Poll(session), ElementsAre("NOT_FOUND"));
}

TEST(SessionTest, APollThatGoesAwayEndsTheSession) {
  Session session = Polling();
  EXPECT_THAT(Said(session.PollGone()), IsEmpty());
  Poll(session);
  EXPECT_THAT(Said(session.PollGone()), ElementsAre("end transport close"));
}

TEST(SessionTest, ClosingEndsTheWaitingPollCleanly) {
  Session session = Polling();
  Poll(session);
  EXPECT_THAT(Post(session, "1"), ElementsAre("poll 6", "end transport close"));
  Session server_side = Polling();
  Poll(server_side);
  EXPECT_THAT(Said(server_side.Close("why")), ElementsAre("poll 1", "end why"));
  EXPECT_THAT(Said(server_side.Close("why")), IsEmpty());
}

TEST(SessionTest, MalformedDataEndsTheSession) {
  Session session = Polling();
  EXPECT_THAT(Post(session, "abc"), ElementsAre("end parse error", "INVALID_ARGUMENT"));
  Session socket = OnSocket();
  EXPECT_THAT(Said(socket.Frame(kStart, "abc", false)), ElementsAre("close", "end parse error"));
  // What only the other side sends.
  Session confused = OnSocket();
  EXPECT_THAT(Said(confused.Frame(kStart, "2", false)), ElementsAre("close", "end parse error"));
}

TEST(SessionTest, Protocol4sServerPings) {
  Session session = OnSocket();
  EXPECT_EQ(session.deadline(), kStart + absl::Seconds(25));
  EXPECT_THAT(Said(session.Tick(kStart + absl::Seconds(24))), IsEmpty());
  EXPECT_THAT(Said(session.Tick(kStart + absl::Seconds(25))), ElementsAre("send 2"));
  EXPECT_EQ(session.deadline(), kStart + absl::Seconds(45));
  EXPECT_THAT(Said(session.Frame(kStart + absl::Seconds(30), "3", false)), IsEmpty());
  EXPECT_EQ(session.deadline(), kStart + absl::Seconds(55));
  EXPECT_THAT(Said(session.Tick(kStart + absl::Seconds(55))), ElementsAre("send 2"));
  EXPECT_THAT(Said(session.Tick(kStart + absl::Seconds(75))),
              ElementsAre("close", "end ping timeout"));
  EXPECT_EQ(session.deadline(), absl::InfiniteFuture());
}

TEST(SessionTest, ARequestThatComesTooLateFindsNoSession) {
  Session session = Polling();
  EXPECT_THAT(Poll(session, kStart + absl::Seconds(45)),
              ElementsAre("end ping timeout", "NOT_FOUND"));
}

TEST(SessionTest, Protocol3sClientPings) {
  Session session = Polling(Version::k3);
  EXPECT_THAT(Post(session, "1:2"), IsEmpty());
  EXPECT_THAT(Poll(session), ElementsAre("poll 3"));
  EXPECT_EQ(session.deadline(), kStart + absl::Seconds(45));
  EXPECT_THAT(Post(session, "6:2probe", kStart + absl::Seconds(10)), IsEmpty());
  EXPECT_EQ(session.deadline(), kStart + absl::Seconds(55));
  EXPECT_THAT(Poll(session, kStart + absl::Seconds(10)), ElementsAre("poll 3probe"));
  EXPECT_THAT(Said(session.Tick(kStart + absl::Seconds(55))), ElementsAre("end ping timeout"));
}

TEST(SessionTest, GoesOverToAWebSocket) {
  Session session = Polling();
  Poll(session);
  ASSERT_TRUE(session.Probe(kStart));
  EXPECT_FALSE(session.Probe(kStart));
  EXPECT_THAT(Said(session.ProbeFrame(kStart, "2probe")), ElementsAre("probe 3probe", "poll 6"));
  // The client may ask once more before it lets go of polling.
  EXPECT_THAT(Poll(session), ElementsAre("poll 6"));
  EXPECT_THAT(Said(session.Send({{.data = "a"}})), IsEmpty());
  EXPECT_THAT(Said(session.ProbeFrame(kStart, "5")), ElementsAre("promote", "send 4a"));
  EXPECT_THAT(Poll(session), ElementsAre("FAILED_PRECONDITION"));
  EXPECT_FALSE(session.Probe(kStart));
  EXPECT_THAT(Said(session.Frame(kStart, "4x", false)), ElementsAre("deliver 4x"));
  EXPECT_THAT(Said(session.Frame(kStart, "x", true)), ElementsAre("deliver bytes x"));
  EXPECT_THAT(Said(session.SocketGone()), ElementsAre("close", "end transport close"));
}

TEST(SessionTest, AProbeThatFailsLeavesPolling) {
  Session session = Polling();
  ASSERT_TRUE(session.Probe(kStart));
  EXPECT_THAT(Said(session.ProbeFrame(kStart, "5")), ElementsAre("close probe"));
  ASSERT_TRUE(session.Probe(kStart));
  session.ProbeGone();
  ASSERT_TRUE(session.Probe(kStart));
  EXPECT_EQ(session.deadline(), kStart + absl::Seconds(10));
  EXPECT_THAT(Said(session.Tick(kStart + absl::Seconds(10))), ElementsAre("close probe"));
  EXPECT_THAT(Post(session, "4a"), ElementsAre("deliver 4a"));
  // Nothing is left of it.
  Session ended = Polling();
  ASSERT_TRUE(ended.Probe(kStart));
  EXPECT_THAT(Said(ended.Close("why")), ElementsAre("close probe", "end why"));
}

TEST(SessionTest, AClientThatDoesNotPollIsDropped) {
  Session session = Polling();
  EXPECT_THAT(Said(session.Send({{.data = std::string(900, 'x')}})), IsEmpty());
  EXPECT_THAT(Said(session.Send({{.data = std::string(100, 'x')}})),
              ElementsAre("end client too slow"));
  EXPECT_TRUE(session.ended());
}

TEST(SessionTest, RefusalsAreEngineIosOwn) {
  EXPECT_EQ(RefusalJson(Refusal::kUnknownSession), R"({"code":1,"message":"Session ID unknown"})");
  EXPECT_EQ(RefusalJson(Refusal::kUnsupportedVersion),
            R"({"code":5,"message":"Unsupported protocol version"})");
}

}  // namespace
}  // namespace selfology::realtime::engine_io
