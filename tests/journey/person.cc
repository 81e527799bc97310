#include "tests/journey/person.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace selfology::journey {

using telegram_emulator::Json;
using telegram_emulator::Message;

Person::Person(Mesh& mesh, std::string language, std::string first_name)
    : mesh_(mesh), language_(std::move(language)) {
  const auto added =
      mesh_.telegram().AddUser({.first_name = std::move(first_name), .language_code = language_});
  EXPECT_TRUE(added.ok()) << added.status();
  if (added.ok()) id_ = *added;
}

void Person::Says(std::string_view text) {
  const auto sent = mesh_.telegram().SendText(id_, text);
  ASSERT_TRUE(sent.ok()) << sent.status();
  spoke_at_ = sent->id;
}

Message Person::Hears(std::string_view words) { return Await({words}); }

std::string_view Person::HearsOneOf(const std::vector<std::string_view>& words) {
  const Message heard = Await(words);
  for (const std::string_view each : words) {
    if (absl::StrContains(heard.text, each)) return each;
  }
  return "";
}

Message Person::Await(const std::vector<std::string_view>& words) {
  const auto wanted = [&](const Message& message) {
    return std::any_of(words.begin(), words.end(), [&](std::string_view each) {
      return absl::StrContains(message.text, each);
    });
  };
  const auto heard = mesh_.telegram().AwaitMessage(id_, wanted, kPatience, spoke_at_);
  if (heard.ok()) return *heard;
  std::string chat;
  for (const Message& message : mesh_.telegram().Messages(id_)) {
    absl::StrAppend(&chat, message.from_bot ? "bot: " : "person: ", message.text.substr(0, 200),
                    "\n");
  }
  ADD_FAILURE() << "\"" << absl::StrJoin(words, "\", \"") << "\" was never said. The chat:\n"
                << chat << mesh_.Logs();
  return {};
}

void Person::Presses(const Message& message, std::string_view button) {
  const auto press = mesh_.telegram().PressButton(id_, message.id, button);
  ASSERT_TRUE(press.ok()) << press.status();
  spoke_at_ = message.id;
  const auto answer = mesh_.telegram().AwaitAnswer(*press, kPatience);
  EXPECT_TRUE(answer.ok()) << answer.status() << mesh_.Logs();
}

void Person::Sends(std::string_view kind, Json content) {
  const std::vector<Message> chat = mesh_.telegram().Messages(id_);
  if (!chat.empty()) spoke_at_ = chat.back().id;
  mesh_.telegram().exchange().Do([&](telegram_emulator::World& world, absl::Time now) {
    world.updates.Add(std::string(kind), std::move(content), now);
    return true;
  });
}

Json Person::MessageWith(std::string_view field, Json value) const {
  // A number that no message of the emulator has.
  constexpr int64_t kNoOther = 1'000'000'000;
  Json message = {
      {"message_id", kNoOther},
      {"date", absl::ToUnixSeconds(absl::Now())},
      {"chat", {{"id", id_}, {"type", "private"}}},
      {"from",
       {{"id", id_}, {"is_bot", false}, {"first_name", "Ann"}, {"language_code", language_}}}};
  message[std::string(field)] = std::move(value);
  return message;
}

int Person::CountHeard(std::string_view words) const {
  const std::vector<Message> chat = mesh_.telegram().Messages(id_);
  return static_cast<int>(std::count_if(chat.begin(), chat.end(), [words](const Message& message) {
    return message.from_bot && absl::StrContains(message.text, words);
  }));
}

}  // namespace selfology::journey
