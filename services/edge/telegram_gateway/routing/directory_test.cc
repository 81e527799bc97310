#include "services/edge/telegram_gateway/routing/directory.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

v1::LocalizedText Localized(std::string language, std::string words) {
  v1::LocalizedText text;
  text.set_language(std::move(language));
  text.set_text(std::move(words));
  return text;
}

v1::DialogDescription Describe(const std::string& name) {
  v1::DialogDescription description;
  description.set_dialog(name);
  *description.add_titles() = Localized("en", "The " + name);
  v1::DialogCommand& command = *description.add_commands();
  command.set_name(name + "_walk");
  *command.add_descriptions() = Localized("en", "Walk in the " + name);
  description.add_button_actions(name);
  description.add_event_types(name + ".changed");
  return description;
}

v1::DialogDescription DescribeGuard(const std::string& name) {
  v1::DialogDescription description;
  description.set_dialog(name);
  *description.mutable_guard()->add_card() = Localized("en", "One moment");
  return description;
}

// The fields that are wrong once `spoil` has done its part.
std::vector<std::string> Wrong(const std::function<void(v1::DialogDescription&)>& spoil) {
  v1::DialogDescription description = Describe("garden");
  spoil(description);
  std::vector<std::string> fields;
  for (const auto& violation : status::Violations(CheckDescription("garden", description))) {
    fields.push_back(violation.field);
  }
  return fields;
}

TEST(CheckDescriptionTest, GathersForThreeSecondsAtMost) {
  const auto gather = [](int64_t seconds, int32_t nanos) {
    return Wrong([=](v1::DialogDescription& d) {
      d.mutable_gather()->set_seconds(seconds);
      d.mutable_gather()->set_nanos(nanos);
    });
  };
  EXPECT_THAT(gather(3, 0), IsEmpty());
  EXPECT_THAT(gather(0, 500'000'000), IsEmpty());
  EXPECT_THAT(gather(3, 1), ElementsAre("gather"));
  EXPECT_THAT(gather(-1, 0), ElementsAre("gather"));
}

TEST(CheckDescriptionTest, KnowsWhatCanBeToldOfChannels) {
  EXPECT_THAT(Wrong([](v1::DialogDescription& d) {
                d.add_channel_updates(v1::CHANNEL_UPDATE_KIND_POST);
                d.add_channel_updates(v1::CHANNEL_UPDATE_KIND_UNSPECIFIED);
              }),
              ElementsAre("channel_updates[1]"));
}

TEST(CheckDescriptionTest, MenusHaveNames) {
  EXPECT_THAT(Wrong([](v1::DialogDescription& d) {
                d.mutable_commands(0)->add_menus("in_spring");
                v1::DialogCommand& dig = *d.add_commands();
                dig.set_name("dig");
                dig.add_menus("In Spring");
                dig.add_menus("");
              }),
              ElementsAre("commands[1].menus"));
}

TEST(DirectoryTest, KnowsWhoIsToldOfChannels) {
  v1::DialogDescription garden = Describe("garden");
  garden.add_channel_updates(v1::CHANNEL_UPDATE_KIND_POST);
  v1::DialogDescription pond = Describe("pond");
  pond.add_channel_updates(v1::CHANNEL_UPDATE_KIND_POST);
  pond.add_channel_updates(v1::CHANNEL_UPDATE_KIND_MEMBERSHIP);
  const auto dialogs = Directory::Of({garden, pond});
  ASSERT_TRUE(dialogs.ok()) << dialogs.status();
  EXPECT_THAT(dialogs->TakersOf(v1::CHANNEL_UPDATE_KIND_POST), ElementsAre("garden", "pond"));
  EXPECT_THAT(dialogs->TakersOf(v1::CHANNEL_UPDATE_KIND_MEMBERSHIP), ElementsAre("pond"));
  EXPECT_THAT(dialogs->TakersOf(v1::CHANNEL_UPDATE_KIND_EDITED_POST), IsEmpty());
}

TEST(CheckDescriptionTest, TakesWhatKeepsTheRules) {
  EXPECT_TRUE(CheckDescription("garden", Describe("garden")).ok());
  EXPECT_TRUE(CheckDescription("lighthouse", DescribeGuard("lighthouse")).ok());
}

TEST(CheckDescriptionTest, NamesTheFieldThatBreaksARule) {
  using D = v1::DialogDescription;
  EXPECT_THAT(Wrong([](D& d) { d.set_dialog("orchard"); }), ElementsAre("dialog"));
  EXPECT_THAT(Wrong([](D& d) { d.clear_titles(); }), ElementsAre("titles"));
  EXPECT_THAT(Wrong([](D& d) { d.mutable_titles(0)->set_language("ru"); }), ElementsAre("titles"));
  EXPECT_THAT(Wrong([](D& d) { d.mutable_titles(0)->set_text(std::string(65, 'x')); }),
              ElementsAre("titles.text"));
  EXPECT_THAT(Wrong([](D& d) { *d.add_titles() = Localized("no tag", "x"); }),
              ElementsAre("titles.language"));
  EXPECT_THAT(Wrong([](D& d) { d.mutable_commands(0)->set_name("Walk"); }),
              ElementsAre("commands[0].name"));
  EXPECT_THAT(Wrong([](D& d) { *d.add_commands() = d.commands(0); }),
              ElementsAre("commands[1].name"));
  EXPECT_THAT(Wrong([](D& d) { d.mutable_commands(0)->mutable_descriptions(0)->set_text(" "); }),
              ElementsAre("commands[0].descriptions.text"));
  EXPECT_THAT(Wrong([](D& d) { d.add_button_actions("a:b"); }), ElementsAre("button_actions[1]"));
  EXPECT_THAT(Wrong([](D& d) { d.add_button_actions("open"); }), ElementsAre("button_actions[1]"));
  EXPECT_THAT(Wrong([](D& d) { d.add_event_types(""); }), ElementsAre("event_types[1]"));
  EXPECT_THAT(Wrong([](D& d) { d.add_event_types("message.send.requested"); }),
              ElementsAre("event_types[1]"));
  EXPECT_THAT(Wrong([](D& d) { *d.add_help() = Localized("ru", "x"); }), ElementsAre("help"));
  EXPECT_THAT(Wrong([](D& d) { d.mutable_guard(); }), ElementsAre("guard.card"));
  EXPECT_THAT(Wrong([](D& d) {
                for (int i = 0; i < 101; ++i) d.add_commands();
              }),
              ElementsAre("commands"));
}

TEST(CheckDescriptionTest, CommandsHaveOtherNames) {
  EXPECT_THAT(Wrong([](v1::DialogDescription& d) {
                d.mutable_commands(0)->add_aliases("stroll");
                v1::DialogCommand& settings = *d.add_commands();
                settings.set_name("settings");
                settings.add_aliases("options");
              }),
              IsEmpty());
  EXPECT_THAT(Wrong([](v1::DialogDescription& d) {
                for (const char* alias : {"Stroll", "help", "garden_walk", "hike", "hike"}) {
                  d.mutable_commands(0)->add_aliases(alias);
                }
              }),
              ElementsAre("commands[0].aliases[0]", "commands[0].aliases[1]",
                          "commands[0].aliases[2]", "commands[0].aliases[4]"));
  EXPECT_THAT(Wrong([](v1::DialogDescription& d) {
                for (int i = 0; i < 21; ++i) {
                  d.mutable_commands(0)->add_aliases("walk" + std::to_string(i));
                }
              }),
              ElementsAre("commands[0].aliases"));
}

TEST(CheckNameTest, KeepsKeysApart) {
  EXPECT_TRUE(CheckName("garden_2").ok());
  for (const char* name : {"", "Garden", "a-b", "event", "update", "rpc", "held", "parked"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(CheckName(name))) << name;
  }
}

TEST(TextForTest, FallsBackToEnglish) {
  v1::DialogDescription d;
  *d.add_titles() = Localized("ru", "Сад");
  *d.add_titles() = Localized("en", "Garden");
  *d.add_titles() = Localized("pt-BR", "Jardim");
  EXPECT_EQ(TextFor(d.titles(), "ru-RU"), "Сад");
  EXPECT_EQ(TextFor(d.titles(), "pt-BR"), "Jardim");
  EXPECT_EQ(TextFor(d.titles(), "pt"), "Garden");
  EXPECT_EQ(TextFor(d.titles(), ""), "Garden");
  EXPECT_EQ(TextFor(d.titles(), "?!"), "Garden");
  EXPECT_EQ(TextFor({}, "en"), "");
}

TEST(DirectoryTest, KnowsWhoseThingsAre) {
  const auto dialogs =
      Directory::Of({Describe("garden"), DescribeGuard("lighthouse"), Describe("orchard")});
  ASSERT_TRUE(dialogs.ok()) << dialogs.status();
  EXPECT_THAT(dialogs->talking(), ElementsAre("garden", "orchard"));
  EXPECT_THAT(dialogs->guards(), ElementsAre("lighthouse"));
  EXPECT_TRUE(dialogs->HasChoice());
  EXPECT_TRUE(dialogs->CanTalk("garden"));
  EXPECT_FALSE(dialogs->CanTalk("lighthouse"));
  EXPECT_EQ(dialogs->OwnerOfCommand("orchard_walk"), "orchard");
  EXPECT_EQ(dialogs->OwnerOfCommand("dance"), "");
  EXPECT_EQ(dialogs->OwnerOfButton("garden"), "garden");
  EXPECT_EQ(dialogs->OwnerOfButton(""), "");
  EXPECT_THAT(dialogs->RenderersOf("garden.changed"), ElementsAre("garden"));
  EXPECT_THAT(dialogs->RenderersOf("pond.changed"), IsEmpty());
  EXPECT_THAT(dialogs->event_types(), ElementsAre("garden.changed", "orchard.changed"));
  EXPECT_EQ(dialogs->Find("lighthouse")->dialog(), "lighthouse");
  EXPECT_EQ(dialogs->Find("pond"), nullptr);
}

TEST(DirectoryTest, WhoListens) {
  const auto begun = Directory::Of({Describe("garden"), Describe("orchard")}, "orchard");
  ASSERT_TRUE(begun.ok());
  EXPECT_EQ(begun->Listening(""), "orchard") << "until they choose";
  EXPECT_EQ(begun->Listening("garden"), "garden");
  const auto several = Directory::Of({Describe("garden"), Describe("orchard")});
  EXPECT_EQ(several->Listening("orchard"), "orchard");
  EXPECT_EQ(several->Listening(""), "");
  EXPECT_EQ(several->Listening("gone"), "");
  const auto one = Directory::Of({DescribeGuard("lighthouse"), Describe("garden")});
  EXPECT_EQ(one->Listening(""), "garden");
  EXPECT_EQ(one->Listening("gone"), "garden");
}

TEST(DirectoryTest, WhatTwoClaimIsAConflictThatNamesBoth) {
  v1::DialogDescription other = Describe("orchard");
  other.mutable_commands(0)->set_name("garden_walk");
  EXPECT_THAT(std::string(Directory::Of({Describe("garden"), other}).status().message()),
              HasSubstr(R"(dialogs "garden" and "orchard" both claim the command "garden_walk")"));
  other = Describe("orchard");
  other.mutable_commands(0)->add_aliases("garden_walk");
  EXPECT_THAT(std::string(Directory::Of({Describe("garden"), other}).status().message()),
              HasSubstr(R"(dialogs "garden" and "orchard" both claim the command "garden_walk")"));
  other = Describe("orchard");
  other.add_button_actions("garden");
  EXPECT_THAT(std::string(Directory::Of({Describe("garden"), other}).status().message()),
              HasSubstr(R"(both claim the button action "garden")"));
  EXPECT_THAT(
      std::string(Directory::Of({Describe("garden"), Describe("garden")}).status().message()),
      HasSubstr(R"("garden" is there twice)"));
}

TEST(DirectoryTest, SeveralMayHaveWordsForTheGatewaysCommandsAndRenderOneType) {
  v1::DialogDescription garden = Describe("garden");
  v1::DialogDescription orchard = Describe("orchard");
  for (const char* command : {"start", "help", "settings", "cancel"}) {
    garden.add_commands()->set_name(command);
    orchard.add_commands()->set_name(command);
  }
  orchard.add_event_types("garden.changed");
  const auto dialogs = Directory::Of({garden, orchard});
  ASSERT_TRUE(dialogs.ok()) << dialogs.status();
  EXPECT_EQ(dialogs->OwnerOfCommand("settings"), "");
  EXPECT_TRUE(dialogs->Declares("orchard", "settings"));
  EXPECT_FALSE(dialogs->Declares("pond", "settings"));
  EXPECT_THAT(dialogs->RenderersOf("garden.changed"), ElementsAre("garden", "orchard"));
  EXPECT_THAT(dialogs->event_types(), Contains("orchard.changed"));
}

TEST(DirectoryTest, KnowsCommandsByEachOfTheirNames) {
  v1::DialogDescription garden = Describe("garden");
  garden.mutable_commands(0)->add_aliases("stroll");
  v1::DialogDescription orchard = Describe("orchard");
  for (v1::DialogDescription* dialog : {&garden, &orchard}) {
    v1::DialogCommand& settings = *dialog->add_commands();
    settings.set_name("settings");
    settings.add_aliases("options");
  }
  const auto dialogs = Directory::Of({garden, orchard});
  ASSERT_TRUE(dialogs.ok()) << dialogs.status();
  EXPECT_EQ(dialogs->OwnNameOf("stroll"), "garden_walk");
  EXPECT_EQ(dialogs->OwnNameOf("garden_walk"), "garden_walk");
  EXPECT_EQ(dialogs->OwnNameOf("options"), "settings");
  EXPECT_EQ(dialogs->OwnNameOf("start"), "start") << "the gateway's, though nobody lists it";
  EXPECT_EQ(dialogs->OwnNameOf("dance"), "");
  orchard.mutable_commands(1)->set_name("cancel");
  EXPECT_THAT(std::string(Directory::Of({garden, orchard}).status().message()),
              HasSubstr(R"("/settings" and "orchard" both claim the command "options")"));
}

}  // namespace
}  // namespace selfology::telegram_gateway
