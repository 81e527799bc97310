#include "services/feed/feed_dialog/panels.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/text/html.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "services/feed/feed_dialog/cards.h"

namespace selfology::feed_dialog {
namespace {

using telegram::v1::ButtonRow;
using telegram::v1::DialogMessage;
using text::EscapeHtml;

constexpr size_t kMostShown = 20;  // Channels of a panel.
constexpr int kExploreSteps[] = {0, 5, 10, 20, 30};
constexpr int kDigestHours[] = {0, 8, 13, 19, 22};
constexpr int kPassingSeconds = 15;
constexpr int kDaySeconds = 24 * 60 * 60;

DialogMessage System(std::string text, std::string_view tag) {
  DialogMessage message = Plain(std::move(text), tag);
  message.set_lifecycle(telegram::v1::MESSAGE_LIFECYCLE_SYSTEM);
  message.set_tag(std::string(tag));
  message.set_keep_buttons(true);
  message.set_silent(true);
  return message;
}

std::string NameOf(const feed::v1::Channel& channel) {
  return channel.title().empty() ? channel.username() : channel.title();
}

// The one after `now` in a list that begins again behind its end.
template <size_t kSize>
int After(const int (&steps)[kSize], int now) {
  for (size_t i = 0; i < kSize; ++i) {
    if (steps[i] > now) return steps[i];
  }
  return steps[0];
}

int ExplorationOf(const feed::v1::FeedSettings& settings) {
  return settings.has_exploration_percent() ? settings.exploration_percent() : 10;
}

std::string AdviceFor(const feed::v1::Channel& channel,
                      const std::vector<channel_reader::v1::Channel>& readers) {
  for (const channel_reader::v1::Channel& reader : readers) {
    const bool same =
        (channel.telegram_id() != 0 && channel.telegram_id() == reader.telegram_id()) ||
        absl::EqualsIgnoreCase(channel.username(), reader.handle());
    if (same) return reader.advice();
  }
  return "";
}

}  // namespace

DialogMessage Plain(std::string text, std::string_view kind) {
  DialogMessage message;
  message.set_message_text(std::move(text));
  message.set_text_format(telegram::v1::TEXT_FORMAT_HTML);
  message.set_kind(std::string(kind));
  return message;
}

DialogMessage Prompt(std::string text, std::string_view kind) {
  DialogMessage message = Plain(std::move(text), kind);
  message.set_lifecycle(telegram::v1::MESSAGE_LIFECYCLE_EPHEMERAL);
  message.mutable_lifetime()->set_seconds(kDaySeconds);
  message.set_silent(true);
  return message;
}

DialogMessage Passing(std::string text, std::string_view kind) {
  DialogMessage message = Plain(std::move(text), kind);
  message.set_lifecycle(telegram::v1::MESSAGE_LIFECYCLE_EPHEMERAL);
  message.mutable_lifetime()->set_seconds(kPassingSeconds);
  message.set_silent(true);
  return message;
}

void AddButton(DialogMessage& message, Language language, Text label, std::string_view verb,
               std::string_view argument) {
  *message.add_button_rows()->add_buttons() = ButtonOf(Phrase(language, label), verb, argument);
}

DialogMessage MenuPanel(std::string text, Language language) {
  DialogMessage message = System(std::move(text), "menu");
  ButtonRow& first = *message.add_button_rows();
  *first.add_buttons() = ButtonOf(Phrase(language, Text::kButtonFeed), "feed");
  *first.add_buttons() = ButtonOf(Phrase(language, Text::kButtonTrain), "train");
  ButtonRow& second = *message.add_button_rows();
  *second.add_buttons() = ButtonOf(Phrase(language, Text::kButtonChannels), "channels");
  *second.add_buttons() = ButtonOf(Phrase(language, Text::kButtonSaved), "saved");
  *second.add_buttons() = ButtonOf(Phrase(language, Text::kButtonSettings), "settings");
  return message;
}

DialogMessage WelcomePanel(Language language) {
  DialogMessage message = System(
      absl::StrCat(Phrase(language, Text::kWelcome), "\n\n", Phrase(language, Text::kAskChannels)),
      "menu");
  ButtonRow& row = *message.add_button_rows();
  *row.add_buttons() = ButtonOf(Phrase(language, Text::kButtonPropose), "propose");
  *row.add_buttons() = ButtonOf(Phrase(language, Text::kButtonTrain), "train");
  return message;
}

DialogMessage ChannelsPanel(const std::vector<feed::v1::UserChannel>& channels,
                            const std::vector<channel_reader::v1::Channel>& readers,
                            Language language) {
  std::string text(Phrase(language, Text::kChannelsHead));
  if (channels.empty()) absl::StrAppend(&text, "\n", Phrase(language, Text::kNoChannelsYet));
  const size_t shown = std::min(channels.size(), kMostShown);
  for (size_t i = 0; i < shown; ++i) {
    const feed::v1::Channel& channel = channels[i].channel();
    absl::StrAppend(&text, "\n", i + 1, ". ", EscapeHtml(text::Prefix(NameOf(channel), 64)),
                    channels[i].is_bonus() ? " 💡" : "", channels[i].is_muted() ? " 🔇" : "");
    const std::string advice = AdviceFor(channel, readers);
    if (!advice.empty()) absl::StrAppend(&text, "\n   ⚠️ ", EscapeHtml(advice));
  }
  if (shown < channels.size()) absl::StrAppend(&text, "\n… +", channels.size() - shown);
  absl::StrAppend(&text, "\n\n", Phrase(language, Text::kAskChannels));
  DialogMessage message = System(std::move(text), "channels");
  for (size_t i = 0; i < shown; ++i) {
    if (i % 2 == 0) message.add_button_rows();
    const feed::v1::Channel& channel = channels[i].channel();
    *message.mutable_button_rows(message.button_rows_size() - 1)->add_buttons() =
        ButtonOf(Fill(Phrase(language, Text::kButtonRemove), {text::Prefix(NameOf(channel), 24)}),
                 "drop", absl::StrCat(channel.id()));
  }
  ButtonRow& last = *message.add_button_rows();
  *last.add_buttons() = ButtonOf(Phrase(language, Text::kButtonPropose), "propose");
  *last.add_buttons() = ButtonOf(Phrase(language, Text::kButtonTrain), "train");
  return message;
}

DialogMessage ProposalsPanel(const std::vector<feed::v1::ChannelProposal>& proposals,
                             Language language) {
  if (proposals.empty()) {
    return Passing(std::string(Phrase(language, Text::kNoProposal)), "proposals");
  }
  DialogMessage message = Prompt(std::string(Phrase(language, Text::kProposal)), "proposals");
  message.set_keep_buttons(true);
  for (const feed::v1::ChannelProposal& proposal : proposals) {
    *message.add_button_rows()->add_buttons() =
        ButtonOf(absl::StrCat("➕ ", text::Prefix(NameOf(proposal.channel()), 48)), "take",
                 absl::StrCat(proposal.channel().id()));
  }
  return message;
}

DialogMessage SettingsPanel(const feed::v1::FeedSettings& settings, Language language) {
  const bool russian = language == Language::kRussian;
  const std::string digest = settings.digest_hour() == 0
                                 ? (russian ? "нет" : "none")
                                 : absl::StrCat(settings.digest_hour(), ":00");
  const std::string words =
      settings.muted_words().empty()
          ? "—"
          : EscapeHtml(text::Prefix(absl::StrJoin(settings.muted_words(), ", "), 500));
  DialogMessage message = System(
      Fill(Phrase(language, Text::kSettingsHead),
           {settings.nudges_off() ? (russian ? "выключены" : "off") : (russian ? "включены" : "on"),
            digest, absl::StrCat(ExplorationOf(settings)), words}),
      "settings");
  AddButton(message, language,
            settings.nudges_off() ? Text::kButtonNudgesOff : Text::kButtonNudgesOn, "set",
            settings.nudges_off() ? "nudges=on" : "nudges=off");
  ButtonRow& second = *message.add_button_rows();
  const std::string label =
      settings.digest_hour() == 0
          ? std::string(Phrase(language, Text::kButtonDigestOff))
          : Fill(Phrase(language, Text::kButtonDigestAt), {absl::StrCat(settings.digest_hour())});
  *second.add_buttons() =
      ButtonOf(label, "set", absl::StrCat("digest=", After(kDigestHours, settings.digest_hour())));
  *second.add_buttons() = ButtonOf(
      Fill(Phrase(language, Text::kButtonExplore), {absl::StrCat(ExplorationOf(settings))}), "set",
      absl::StrCat("explore=", After(kExploreSteps, ExplorationOf(settings))));
  AddButton(message, language, Text::kButtonLanguage, "set",
            russian ? "language=en" : "language=ru");
  return message;
}

void ChangeSettings(std::string_view what, feed::v1::FeedSettings& settings) {
  const size_t equals = what.find('=');
  if (equals == std::string_view::npos) return;
  const std::string_view name = what.substr(0, equals);
  const std::string_view value = what.substr(equals + 1);
  int number = 0;
  const bool is_number = absl::SimpleAtoi(value, &number) && number >= 0;
  if (name == "nudges") settings.set_nudges_off(value == "off");
  if (name == "digest" && is_number && number <= 24) settings.set_digest_hour(number);
  if (name == "explore" && is_number && number <= 30) settings.set_exploration_percent(number);
  if (name == "language" && language::Spoken(value).has_value()) {
    settings.set_language(std::string(value));
  }
}

DialogMessage OwnerPanel(const channel_reader::v1::Channel& channel, Language language) {
  DialogMessage message = Plain(
      Fill(Phrase(language, Text::kOwnerAdded), {EscapeHtml(channel.title())}), "owner_consent");
  message.set_keep_buttons(true);
  const std::string id = absl::StrCat(channel.channel_id());
  AddButton(message, language, Text::kButtonLearn, "learn", id);
  AddButton(message, language, Text::kButtonShowOnly, "show", id);
  AddButton(message, language, Text::kButtonNothing, "nothing", id);
  return message;
}

std::string ScopeWords(const channel_reader::v1::UseScope& scope, Language language) {
  const bool russian = language == Language::kRussian;
  std::vector<std::string_view> parts;
  if (scope.show()) parts.push_back(russian ? "показывать" : "show");
  if (scope.keep()) parts.push_back(russian ? "хранить" : "keep");
  if (scope.learn_from_text()) {
    parts.push_back(russian ? "учиться на тексте" : "learn from their text");
  }
  if (parts.empty()) return russian ? "ничего" : "nothing";
  return absl::StrJoin(parts, ", ");
}

DialogMessage DigestMessage(const std::vector<feed::v1::Post>& posts, Language language) {
  constexpr int kCharacters = 140;
  if (posts.empty()) {
    return Passing(std::string(Phrase(language, Text::kDigestEmpty)), "digest_empty");
  }
  std::string text(Phrase(language, Text::kDigestHead));
  std::string channel;
  for (const feed::v1::Post& post : posts) {
    const std::string& title =
        post.channel_title().empty() ? post.channel_username() : post.channel_title();
    if (title != channel) {
      absl::StrAppend(&text, "\n\n<b>", EscapeHtml(text::Prefix(title, 64)), "</b>");
      channel = title;
    }
    std::string line(text::Prefix(text::Trim(post.text()), kCharacters));
    const bool is_cut = line.size() < text::Trim(post.text()).size();
    std::replace(line.begin(), line.end(), '\n', ' ');
    if (line.empty()) line = std::string(Phrase(language, Text::kNoText));
    line = absl::StrCat(EscapeHtml(line), is_cut ? "…" : "");
    absl::StrAppend(&text, "\n• ",
                    post.url().empty()
                        ? line
                        : absl::StrCat("<a href=\"", EscapeHtml(post.url()), "\">", line, "</a>"));
  }
  DialogMessage message = Plain(std::move(text), "digest");
  message.set_lifecycle(telegram::v1::MESSAGE_LIFECYCLE_ONETIME);
  message.set_keep_buttons(true);
  AddButton(message, language, Text::kButtonFeed, "feed");
  return message;
}

telegram::v1::DialogDescription Describe() {
  telegram::v1::DialogDescription description;
  description.set_dialog(std::string(kDialog));
  const auto localize = [](auto& list, Text text) {
    for (const Language language : language::kLanguages) {
      telegram::v1::LocalizedText& one = *list.Add();
      one.set_language(std::string(TagOf(language)));
      one.set_text(std::string(Phrase(language, text)));
    }
  };
  localize(*description.mutable_titles(), Text::kTitle);
  localize(*description.mutable_help(), Text::kHelp);
  const auto command = [&](std::string_view name, Text text,
                           std::initializer_list<const char*> aliases) {
    telegram::v1::DialogCommand& made = *description.add_commands();
    made.set_name(std::string(name));
    localize(*made.mutable_descriptions(), text);
    for (const char* alias : aliases) made.add_aliases(alias);
  };
  command("feed", Text::kMenuFeed, {"news", "posts", "myfeed", "my_feed"});
  command("train", Text::kMenuTrain, {"training", "teach", "rate"});
  command("channels", Text::kMenuChannels,
          {"channel", "mychannels", "my_channels", "sources", "subscriptions", "subscribe",
           "follow", "addchannel", "add_channel"});
  command("saved", Text::kMenuSaved, {"save", "kept", "bookmarks", "favorites", "favourites"});
  command("digest", Text::kMenuDigest, {"best", "daily"});
  command("feedsettings", Text::kMenuSettings, {"feed_settings"});
  command("mute", Text::kMenuMute, {"hide"});
  command("unmute", Text::kMenuUnmute, {"unhide"});
  description.add_button_actions(std::string(kAction));
  description.add_event_types("feed.nudge.due");
  description.add_event_types("feed.digest.ready");
  description.add_event_types("feed.training.ready");
  description.add_event_types("channel.owner.changed");
  description.add_channel_updates(telegram::v1::CHANNEL_UPDATE_KIND_POST);
  description.add_channel_updates(telegram::v1::CHANNEL_UPDATE_KIND_EDITED_POST);
  description.add_channel_updates(telegram::v1::CHANNEL_UPDATE_KIND_MEMBERSHIP);
  description.add_channel_updates(telegram::v1::CHANNEL_UPDATE_KIND_REACTION_COUNTS);
  return description;
}

}  // namespace selfology::feed_dialog
