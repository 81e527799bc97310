// What Telegram refuses, and in which words: refusals.json has the requests. The same table is for
// other emulators of Telegram, which may be put beside ours.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <initializer_list>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tools/telegram_emulator/emulator.h"
#include "tools/telegram_emulator/test_bot.h"
#include "tools/telegram_emulator/test_files.h"

namespace selfology::telegram_emulator {
namespace {

using ::testing::SizeIs;

Json Table() {
  std::ifstream file("tools/telegram_emulator/refusals.json");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return ParseJson(text).value_or(Json::array());
}

class RefusalsTest : public testing::Test {
 protected:
  RefusalsTest() {
    ann_ = *telegram_->AddUser({.first_name = "Ann"});
    const int64_t bob = *telegram_->AddUser({.first_name = "Bob"});
    names_["$ann"] = ann_;
    names_["$stranger"] = *telegram_->AddUser({.first_name = "Nobody's friend"});
    names_["$blocked"] = bob;
    names_["$theirs"] = telegram_->SendText(ann_, "/start")->id;
    EXPECT_TRUE(telegram_->SendText(bob, "/start").ok());
    EXPECT_TRUE(telegram_->Block(bob).ok());
    names_["$large_file"] =
        telegram_->SendFile(ann_, {.kind = "document", .bytes = Filling((20 << 20) + 1)})
            ->media.file_id;
    names_["$kicked"] = MakeGroup("channel", {"administrator", "kicked"});
    names_["$left"] = MakeGroup("supergroup", {"member", "left"});
    names_["$mute"] = MakeGroup("channel", {"administrator"}, /*may_post=*/false);
    names_["$hello"] = bot_.Call("sendMessage", {{"chat_id", ann_}, {"text", "Hello"}})
                           .json["result"]["message_id"];
    const Json chat = {{"chat_id", ann_}};
    const Json photo = bot_.Upload("sendPhoto", chat, "photo", "a.png", Png(4, 3)).json["result"];
    names_["$photo"] = photo["message_id"];
    names_["$photo_file"] = photo["photo"][1]["file_id"];
    names_["$document_file"] = bot_.Upload("sendDocument", chat, "document", "a.txt", "words")
                                   .json["result"]["document"]["file_id"];
  }

  int64_t MakeGroup(std::string type, std::initializer_list<const char*> statuses,
                    bool may_post = true) {
    const int64_t id =
        *telegram_->AddGroup({.type = std::move(type), .title = "Group", .owner_id = ann_});
    for (const char* status : statuses) {
      EXPECT_TRUE(telegram_->SetBotStatus(id, status, may_post).ok());
    }
    return id;
  }

  // What stands in the table for something that only a run knows, or for much of the same.
  Json Filled(const Json& value) const {
    if (value.is_string()) {
      const auto found = names_.find(value.get<std::string>());
      return found == names_.end() ? value : found->second;
    }
    if (const int64_t times = IntOr(value, "times", -1); times >= 0) {
      if (value.contains("repeat")) return Repeated(value);
      return Json::array_t(static_cast<size_t>(times), Filled(value["list_of"]));
    }
    Json filled = value;
    if (!value.is_structured()) return filled;
    for (auto it = filled.begin(); it != filled.end(); ++it) *it = Filled(*it);
    return filled;
  }
  static std::string Repeated(const Json& value) {
    return std::string(static_cast<size_t>(IntOr(value, "times")),
                       StringOr(value, "repeat").front());
  }

  TestBot::Reply Ask(const Json& row) {
    const std::string method = StringOr(row, "method");
    const Json parameters = Filled(row["with"]);
    if (!row.contains("file")) return bot_.Call(method, parameters);
    const Json& file = row["file"];
    const std::string bytes =
        file.contains("png") ? Png(file["png"][0], file["png"][1]) : Repeated(file);
    return bot_.Upload(method, parameters, StringOr(file, "field"), "file.bin", bytes);
  }

  const std::unique_ptr<Emulator> telegram_ = *Emulator::Start({});
  TestBot bot_{telegram_->base_url()};
  int64_t ann_ = 0;
  std::map<std::string, Json> names_;
};

TEST_F(RefusalsTest, AreTelegramsAndChangeNothing) {
  const Json table = Table();
  ASSERT_THAT(table, SizeIs(testing::Ge(30u)));
  const std::vector<Message> before = telegram_->Messages(ann_);
  for (const Json& row : table) {
    const TestBot::Reply reply = Ask(row);
    EXPECT_EQ(reply.status, row["code"]) << row["about"] << reply.body;
    EXPECT_EQ(reply.json,
              Json({{"ok", false}, {"error_code", row["code"]}, {"description", row["says"]}}))
        << row["about"];
  }
  const std::vector<Message> after = telegram_->Messages(ann_);
  ASSERT_EQ(after.size(), before.size());
  for (size_t i = 0; i < after.size(); ++i) {
    EXPECT_EQ(after[i].ToFullJson(), before[i].ToFullJson());
  }
}

}  // namespace
}  // namespace selfology::telegram_emulator
