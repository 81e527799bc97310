// What the databases and the emulator say about one person, read at one moment.
//
//   ASSIGN_OR_RETURN(Facts facts, ReadFacts(mesh, ledger.user_id));
//
// Plain values.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/journey/mesh.h"

namespace selfology::chaos {

struct Event {
  int64_t seq = 0;
  std::string id = {};
  std::string type = {};
  std::string payload = {};
  std::multimap<std::string, absl::Time> handled = {};  // By consumer group; once, if all is well.
};

struct Answer {
  int64_t id = 0;
  int number = 0;
  std::string text = {};
  int revision = 0;  // Deep analyses.
  int64_t trait_rows = 0;
};

// A message to or from the coach.
struct Turn {
  int64_t id = 0;
  bool of_person = false;
  std::string text = {};
  int64_t in_reply_to = 0;  // 0: none.
  std::string reply_status = {};
};

struct Sent {
  std::string kind = {};
  std::string status = {};
  std::vector<int64_t> message_ids = {};
};

struct Facts {
  std::vector<Event> events = {};  // By seq.
  std::vector<Answer> answers = {};
  std::vector<Turn> turns = {};
  std::map<std::string, Sent> outgoing = {};  // By key.
  int64_t profile_version = 0;                // 0: none.
  int64_t trait_rows = 0;
  int64_t broken_traits = 0;  // Rows that do not follow on from the one before.
  std::map<int64_t, telegram_emulator::Message> chat = {};
  std::vector<telegram_emulator::PressedKeyboard> pressed_keyboards = {};
  absl::Time read_at = absl::InfinitePast();

  std::vector<const Event*> OfType(std::string_view type) const;
};

// Which consumer groups handle a type.
std::vector<std::string_view> GroupsOf(std::string_view type);

// How many events some group has not handled, messages are not sent yet, and pressed keyboards are
// still there, of all people.
absl::StatusOr<int64_t> CountUnfinished(journey::Mesh& mesh);
// The same without the keyboards, of which only the emulator knows.
absl::StatusOr<int64_t> CountUnderWay(journey::Mesh& mesh);

// The product reads neither table by person, and has no index for it: this makes one, for thousands
// of people. Waits for open transactions.
absl::Status IndexForReading(journey::Mesh& mesh);
absl::StatusOr<Facts> ReadFacts(journey::Mesh& mesh, int64_t user_id);

}  // namespace selfology::chaos
