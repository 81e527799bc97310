// A person with Telegram: writes, presses buttons, reads. What does not come within kPatience fails
// the test and gives an empty message, so that a test reads as the conversation does.
//
//   Person ann(mesh, "en");
//   ann.Says("/start");
//   ann.Presses(ann.Hears("Welcome"), "✅ I agree");
//   ann.Hears("Question 1 of 10");
//
// Each Hears looks at what came after the person last spoke. Threads: one at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/journey/mesh.h"

namespace selfology::journey {

class Person {
 public:
  Person(Mesh& mesh, std::string language, std::string first_name = "Ann");

  int64_t id() const { return id_; }

  void Says(std::string_view text);
  // The first message of the bot with these words since the person last spoke.
  telegram_emulator::Message Hears(std::string_view words);
  // The same for the first message with any of these; empty words if none came.
  std::string_view HearsOneOf(const std::vector<std::string_view>& words);
  // By the button's label.
  void Presses(const telegram_emulator::Message& message, std::string_view button);

  // What no Telegram client would send, as an update of its own: `kind` and its content.
  void Sends(std::string_view kind, telegram_emulator::Json content);
  // A "message" as Telegram tells of it, for Sends.
  telegram_emulator::Json MessageWith(std::string_view field, telegram_emulator::Json value) const;

  // Messages of the bot with these words, ever.
  int CountHeard(std::string_view words) const;

 private:
  telegram_emulator::Message Await(const std::vector<std::string_view>& words);

  Mesh& mesh_;
  const std::string language_;
  int64_t id_ = 0;
  int64_t spoke_at_ = 0;  // The last message when the person last spoke.
};

}  // namespace selfology::journey
