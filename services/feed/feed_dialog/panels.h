// The messages that are there once in a chat and change in place (SYSTEM): the menu, channels, settings;
// and short ones that go by themselves (EPHEMERAL).
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "selfology/channel_reader/v1/channel_reader.pb.h"
#include "selfology/feed/v1/feed.pb.h"
#include "selfology/telegram/v1/dialog.pb.h"
#include "services/feed/feed_dialog/texts.h"

namespace selfology::feed_dialog {

// What everything else is reached from.
telegram::v1::DialogMessage MenuPanel(std::string text, Language language);
// For a person without channels.
telegram::v1::DialogMessage WelcomePanel(Language language);
// `readers`: what channel_reader says of them, for their advice; by handle. A page of at most 20.
telegram::v1::DialogMessage ChannelsPanel(
    const std::vector<feed::v1::UserChannel>& channels,
    const std::vector<channel_reader::v1::Channel>& readers, Language language);
telegram::v1::DialogMessage ProposalsPanel(
    const std::vector<feed::v1::ChannelProposal>& proposals, Language language);
telegram::v1::DialogMessage SettingsPanel(const feed::v1::FeedSettings& settings, Language language);
// The settings after a button, whose argument says what they shall be, so that one that is pressed twice
// changes them once: "nudges=off", "digest=13", "explore=20", "language=ru"; others change nothing.
void ChangeSettings(std::string_view what, feed::v1::FeedSettings& settings);

// What the owner of a channel is asked when the bot comes there.
telegram::v1::DialogMessage OwnerPanel(const channel_reader::v1::Channel& channel,
                                       Language language);
// "show, keep": what a scope allows.
std::string ScopeWords(const channel_reader::v1::UseScope& scope, Language language);

// Posts one below the other, in short.
telegram::v1::DialogMessage DigestMessage(const std::vector<feed::v1::Post>& posts,
                                          Language language);

// A message that stays.
telegram::v1::DialogMessage Plain(std::string text, std::string_view kind);
// One with buttons to go on with, which goes once one was pressed, or after a day.
telegram::v1::DialogMessage Prompt(std::string text, std::string_view kind);
// One that goes by itself after some seconds.
telegram::v1::DialogMessage Passing(std::string text, std::string_view kind);
// Puts a button into a row of its own.
void AddButton(telegram::v1::DialogMessage& message, Language language, Text label,
               std::string_view verb, std::string_view argument = "");

telegram::v1::DialogDescription Describe();

}  // namespace selfology::feed_dialog
