// A conversation with the local coach in a terminal: what it would reply, with a memory that lasts as
// long as the program.
//
//   bazel run //services/coaching/coach:talk -- 2026-11-30 ru
//
// Reads a message from each line of the standard input and prints the reply. Lines that begin with
// "#" are commands: "#day 2026-12-04" goes to another day, "#new" begins another conversation with
// the same memory, "#memory" shows it, "#checkin" what would be written to them on that day.
#include <iostream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/coaching/coach/local_coach.h"
#include "services/coaching/coach/memory/preparation.h"
#include "services/coaching/coach/personalization.h"
#include "services/coaching/coach/reply/check_in.h"
#include "services/coaching/coach/understanding/dates.h"

namespace selfology::coach {
namespace {

class Conversation {
 public:
  Conversation(const LocalCoach& coach, absl::CivilDay today, std::string language)
      : coach_(coach) {
    past_.today = today;
    past_.language = std::move(language);
  }

  void Command(const std::string& line) {
    if (line.starts_with("#day ")) {
      past_.today = ParseDay(line.substr(5)).value_or(past_.today);
    } else if (line == "#new") {
      for (const Said& said : past_.dialogue) {
        if (!said.by_person) past_.said.push_back(said.text);
      }
      past_.dialogue.clear();
    } else if (line == "#memory") {
      for (const v1::MemoryItem& item : past_.memory) {
        std::cout << "    [" << item.ShortDebugString() << "]\n";
      }
    } else if (line == "#checkin") {
      const auto language = coach_.listener().LanguageOf(past_.dialogue, past_.language);
      Known known;
      known.today = past_.today;
      known.memory = past_.memory;
      known.plan = past_.plan;
      std::cout << "COACH> " << WriteCheckIn(coach_.listener().speech(language), known, false).text
                << "\n";
    }
  }

  void Message(const std::string& line) {
    past_.dialogue.push_back({.by_person = true, .text = line});
    Preparation prepared = Prepare(coach_.listener(), past_);
    Context context;
    context.known = prepared.known;
    context.dialogue = past_.dialogue;
    context.language = past_.language;
    const std::string reply = coach_.Reply(ReplyInput(context));
    std::cout << "COACH> " << reply << "\n\n" << std::flush;
    past_.dialogue.push_back({.by_person = false, .text = reply});
    past_.passages.push_back({.text = line, .question = "", .said_on = past_.today});
    past_.memory = prepared.known.memory;
    for (v1::MemoryItem& item : past_.memory) {
      if (item.memory_id() == 0) item.set_memory_id(++last_id_);
    }
    past_.plan = prepared.known.plan;
  }

 private:
  const LocalCoach& coach_;
  Past past_;
  int64_t last_id_ = 0;
};

int Main(int argc, char** argv) {
  const auto coach = LocalCoach::Load();
  if (!coach.ok()) {
    std::cerr << coach.status() << "\n";
    return 1;
  }
  const absl::CivilDay today = argc > 1 ? ParseDay(argv[1]).value_or(absl::CivilDay(2026, 11, 30))
                                        : absl::CivilDay(2026, 11, 30);
  Conversation conversation(*coach, today, argc > 2 ? argv[2] : "en");
  for (std::string line; std::getline(std::cin, line);) {
    if (line.empty()) continue;
    std::cout << (line.front() == '#' ? "" : "ME> ") << line << "\n";
    line.front() == '#' ? conversation.Command(line) : conversation.Message(line);
  }
  return 0;
}

}  // namespace
}  // namespace selfology::coach

int main(int argc, char** argv) { return selfology::coach::Main(argc, argv); }
