// Telegram's Bot API: https://core.telegram.org/bots/api (read 2026-11-30). It has no key against
// doubles and no way to read a channel, so a call whose answer was lost is looked up on the channel's
// public page, if it has one; else a person has to say.
#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/http/url.h"
#include "common/status/status_macros.h"
#include "services/studio/social/platforms/answer.h"
#include "services/studio/social/platforms/channel_page.h"
#include "services/studio/social/platforms/form_data.h"
#include "services/studio/social/platforms/publisher.h"

namespace selfology::social {
namespace {

using Kind = Outcome::Kind;

constexpr std::string_view kName = "Telegram";
// The public page may lag behind.
constexpr absl::Duration kPageLags = absl::Minutes(3);
constexpr absl::Duration kClocksDiffer = absl::Minutes(1);

bool IsPublic(const std::string& target) { return absl::StartsWith(target, "@"); }

class Telegram final : public Publisher {
 public:
  Telegram(http::Client& client, PlatformAddresses addresses)
      : client_(client), addresses_(std::move(addresses)) {}

  absl::StatusOr<Identity> Identify(const Call& call, const Login& login) const override {
    const auto bot = Send(call, login, "getMe", nlohmann::json::object());
    RETURN_IF_ERROR(ErrorOf(bot, kName));
    const std::string bot_id = TextAt(ResultOf(*bot), "id");
    const auto chat = Send(call, login, "getChat", {{"chat_id", login.target}});
    if (chat.ok() && chat->status == 400) {
      return absl::FailedPreconditionError(
          "the bot does not see that channel: make it an administrator there");
    }
    RETURN_IF_ERROR(ErrorOf(chat, kName));
    const nlohmann::json about = ResultOf(*chat);
    Identity identity{.remote_id = TextAt(about, "id"), .name = TextAt(about, "title")};
    if (bot_id.empty() || identity.remote_id.empty()) {
      return absl::FailedPreconditionError("no Telegram answers there");
    }
    if (TextAt(about, "type") != "private") {
      int64_t id = 0;
      if (!absl::SimpleAtoi(bot_id, &id))
        return absl::UnavailableError("Telegram answers nonsense");
      const auto member =
          Send(call, login, "getChatMember", {{"chat_id", login.target}, {"user_id", id}});
      RETURN_IF_ERROR(ErrorOf(member, kName));
      const std::string status = TextAt(ResultOf(*member), "status");
      if (status != "administrator" && status != "creator") {
        return absl::FailedPreconditionError(
            "the bot may not write there: make it an administrator of the channel");
      }
    }
    return identity;
  }

  Outcome Publish(const Call& call, const Login& login, const Outgoing& outgoing) const override {
    const auto response = outgoing.pictures.empty() ? SendWords(call, login, outgoing)
                                                    : SendPictures(call, login, outgoing);
    if (auto failed = FailureOf(response, kName)) {
      if (response.ok() && response->status == 429) {
        const int64_t seconds = NumberAt(ObjectAt(JsonOf(*response), "parameters"), "retry_after");
        if (seconds > 0) failed->retry_after = absl::Seconds(std::min<int64_t>(seconds, 21'600));
      }
      return *failed;
    }
    const nlohmann::json message = FirstOf(*response);
    const std::string id = TextAt(message, "message_id");
    if (id.empty()) return {.kind = Kind::kUnknown, .evidence = "an answer without an id"};
    return Done(login, id, absl::StrCat(response->status));
  }

  Outcome LookUp(const Call& call, const Login& login, const Outgoing& outgoing) const override {
    if (!IsPublic(login.target)) {
      return {.kind = Kind::kUnknown,
              .reason =
                  "Telegram cannot be asked about private channels: look whether the post is"
                  " there, and say so",
              .evidence = "a private channel"};
    }
    const auto response = client_.Send(
        call,
        {.url = absl::StrCat(addresses_.telegram_web, "/s/", http::Encode(login.target.substr(1))),
         .target = "telegram page"});
    if (!response.ok() || response->status != 200) {
      return {.kind = Kind::kUnknown,
              .reason = "the channel's public page cannot be read now; it is tried again",
              .evidence = "no page"};
    }
    const std::vector<ChannelMessage> messages = ReadChannelPage(response->body);
    for (const ChannelMessage& message : messages) {
      if (message.id != outgoing.parent_id && message.id != outgoing.root_id &&
          message.at >= outgoing.first_call_at - kClocksDiffer &&
          SameWords(message.text, outgoing.text)) {
        return Done(login, message.id, "found on the channel's page");
      }
    }
    // A page without messages is one of those that show nothing.
    if (messages.empty() || outgoing.now - outgoing.first_call_at < kPageLags) {
      return {.kind = Kind::kUnknown,
              .reason = "the channel's public page does not show it yet; it is looked up again",
              .evidence = messages.empty() ? "an empty page" : "not on the page yet"};
    }
    return {.kind = Kind::kNotThere, .evidence = "not on the channel's page"};
  }

  Outcome Remove(const Call& call, const Login& login, const Outgoing& outgoing) const override {
    int64_t id = 0;
    if (!absl::SimpleAtoi(outgoing.remote_id, &id)) {
      return {.kind = Kind::kRefused, .reason = "the message has no number"};
    }
    const auto response =
        Send(call, login, "deleteMessage", {{"chat_id", login.target}, {"message_id", id}});
    if (response.ok() && response->status == 400 &&
        absl::StrContains(TextAt(JsonOf(*response), "description"), "not found")) {
      return {.kind = Kind::kDone, .evidence = "gone"};
    }
    if (const auto failed = FailureOf(response, kName)) return *failed;
    return {.kind = Kind::kDone, .evidence = absl::StrCat(response->status)};
  }

  Outcome Edit(const Call& call, const Login& login, const Outgoing& outgoing) const override {
    int64_t id = 0;
    if (!absl::SimpleAtoi(outgoing.remote_id, &id)) {
      return {.kind = Kind::kRefused, .reason = "the message has no number"};
    }
    const bool words = outgoing.pictures.empty();
    const auto response = Send(call, login, words ? "editMessageText" : "editMessageCaption",
                               {{"chat_id", login.target},
                                {"message_id", id},
                                {words ? "text" : "caption", outgoing.text}});
    if (response.ok() && response->status == 400 &&
        absl::StrContains(TextAt(JsonOf(*response), "description"), "not modified")) {
      return {.kind = Kind::kDone, .evidence = "as it was"};
    }
    if (const auto failed = FailureOf(response, kName)) return *failed;
    return {.kind = Kind::kDone, .evidence = absl::StrCat(response->status)};
  }

  // The Bot API tells nothing about a channel's messages.
  absl::StatusOr<std::optional<v1::Metrics>> Measure(const Call&, const Login&,
                                                     const Outgoing&) const override {
    return std::nullopt;
  }

 private:
  static nlohmann::json ReplyTo(const Outgoing& outgoing) {
    int64_t id = 0;
    if (!absl::SimpleAtoi(outgoing.parent_id, &id)) return nullptr;
    return {{"message_id", id}};
  }

  absl::StatusOr<http::ClientResponse> SendWords(const Call& call, const Login& login,
                                                 const Outgoing& outgoing) const {
    nlohmann::json parameters = {{"chat_id", login.target}, {"text", outgoing.text}};
    if (nlohmann::json reply = ReplyTo(outgoing); !reply.is_null()) {
      parameters["reply_parameters"] = std::move(reply);
    }
    return Send(call, login, "sendMessage", parameters);
  }

  // One as a photo, more as an album whose words stand with the first.
  absl::StatusOr<http::ClientResponse> SendPictures(const Call& call, const Login& login,
                                                    const Outgoing& outgoing) const {
    std::vector<std::pair<std::string, std::string>> fields = {{"chat_id", login.target}};
    if (const nlohmann::json reply = ReplyTo(outgoing); !reply.is_null()) {
      fields.emplace_back("reply_parameters", reply.dump());
    }
    const bool one = outgoing.pictures.size() == 1;
    std::vector<FormFile> files;
    nlohmann::json album = nlohmann::json::array();
    for (size_t i = 0; i < outgoing.pictures.size(); ++i) {
      const std::string name = one ? "photo" : absl::StrCat("photo", i);
      files.push_back({name, FileNameOf(outgoing.pictures[i], i), &outgoing.pictures[i]});
      album.push_back({{"type", "photo"}, {"media", absl::StrCat("attach://", name)}});
    }
    if (one) {
      fields.emplace_back("caption", outgoing.text);
    } else {
      album.front()["caption"] = outgoing.text;
      fields.emplace_back("media", album.dump());
    }
    const std::string_view method = one ? "sendPhoto" : "sendMediaGroup";
    FormData form = MakeForm(fields, files);
    return client_.Send(call, {.method = "POST",
                               .url = absl::StrCat(login.server, "/bot", login.secret, "/", method),
                               .headers = {{"Content-Type", form.content_type}},
                               .body = std::move(form.body),
                               .target = absl::StrCat("telegram ", method)});
  }

  // The message, or the first one of an album.
  static nlohmann::json FirstOf(const http::ClientResponse& response) {
    const nlohmann::json body = JsonOf(response);
    const auto result = body.find("result");
    if (result != body.end() && result->is_array() && !result->empty()) return result->front();
    return ResultOf(response);
  }

  absl::StatusOr<http::ClientResponse> Send(const Call& call, const Login& login,
                                            std::string_view method,
                                            const nlohmann::json& parameters) const {
    return client_.Send(call, {.method = "POST",
                               .url = absl::StrCat(login.server, "/bot", login.secret, "/", method),
                               .headers = {{"Content-Type", std::string(http::kJson)}},
                               .body = parameters.dump(),
                               .target = absl::StrCat("telegram ", method)});
  }

  static nlohmann::json ResultOf(const http::ClientResponse& response) {
    return ObjectAt(JsonOf(response), "result");
  }

  static Outcome Done(const Login& login, const std::string& id, std::string_view how) {
    return {.kind = Kind::kDone,
            .evidence = absl::StrCat(how, ", message ", id),
            .remote_id = id,
            .url = IsPublic(login.target)
                       ? absl::StrCat("https://t.me/", login.target.substr(1), "/", id)
                       : ""};
  }

  http::Client& client_;
  const PlatformAddresses addresses_;
};

}  // namespace

std::unique_ptr<Publisher> MakeTelegram(http::Client& client, PlatformAddresses addresses) {
  return std::make_unique<Telegram>(client, std::move(addresses));
}

}  // namespace selfology::social
