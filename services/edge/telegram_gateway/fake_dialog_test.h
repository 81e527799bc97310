// A dialog for the gateway to talk with: it repeats what it is told, or answers as a test wants; it
// can be made to fail, or to be slow.
//
//   auto garden = std::make_shared<FakeDialog>("garden");
//   garden->Do([](FakeDialog& d) { d.failures["React"] = absl::UnavailableError("down"); });
//   EXPECT_THAT(garden->Reacted(), SizeIs(1));
//
// /start is answered with "Welcome to the garden.", other commands with "garden: /garden gate",
// words with "garden heard: ...", and an event with its payload. Threads: thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "google/protobuf/message.h"
#include "selfology/telegram/v1/dialog_service_endpoints.h"

namespace selfology::telegram_gateway {

namespace v1 = ::selfology::telegram::v1;

inline v1::LocalizedText In(std::string language, std::string words) {
  v1::LocalizedText text;
  text.set_language(std::move(language));
  text.set_text(std::move(words));
  return text;
}

// "garden" has the command and the button action of that name, and renders "garden.changed".
inline v1::DialogDescription DescriptionOf(const std::string& name) {
  v1::DialogDescription description;
  description.set_dialog(name);
  *description.add_titles() = In("en", absl::StrCat("The ", name));
  v1::DialogCommand& command = *description.add_commands();
  command.set_name(name);
  *command.add_descriptions() = In("en", absl::StrCat("Visit the ", name));
  *command.add_descriptions() = In("ru", absl::StrCat("Заглянуть: ", name));
  description.add_button_actions(name);
  description.add_event_types(absl::StrCat(name, ".changed"));
  *description.add_help() = In("en", absl::StrCat("How the ", name, " works."));
  return description;
}

inline v1::DialogMessage Saying(std::string text) {
  v1::DialogMessage message;
  message.set_kind("reply");
  message.set_message_text(std::move(text));
  return message;
}

// With a button of the dialog's.
inline v1::DialogMessage Asking(std::string text, std::string label, std::string data) {
  v1::DialogMessage message = Saying(std::move(text));
  v1::Button& button = *message.add_button_rows()->add_buttons();
  button.set_text(std::move(label));
  button.set_callback_data(std::move(data));
  return message;
}

template <typename Response = v1::ReactResponse>
Response Answering(std::vector<v1::DialogMessage> messages) {
  Response response;
  for (v1::DialogMessage& message : messages) {
    *response.mutable_reaction()->add_messages() = std::move(message);
  }
  return response;
}

class FakeDialog final : public v1::DialogServiceEndpoints {
 public:
  explicit FakeDialog(std::string name)
      : description(DescriptionOf(name)), name_(std::move(name)) {}

  // Used within Do once the mesh runs.
  v1::DialogDescription description;
  // Null: as above.
  std::function<absl::StatusOr<v1::ReactResponse>(const v1::ReactRequest&)> react;
  std::function<absl::StatusOr<v1::RenderEventResponse>(const v1::RenderEventRequest&)> render;
  std::map<std::string, absl::Status> failures;  // By RPC.
  // Set: React waits for it, or until its time is over.
  std::shared_ptr<absl::Notification> held;
  int described = 0;
  std::vector<v1::ReactRequest> reacted;
  std::vector<v1::RenderEventRequest> rendered;
  std::vector<v1::TakeChannelUpdateRequest> told_of_channels;
  std::vector<v1::SetDialogStateRequest> moved;
  v1::ConversationState state = v1::CONVERSATION_STATE_NEW_USER;

  template <typename F>
  auto Do(F&& f) {
    absl::MutexLock lock(&mutex_);
    return std::forward<F>(f)(*this);
  }
  std::vector<v1::ReactRequest> Reacted() {
    return Do([](FakeDialog& d) { return d.reacted; });
  }
  // The words that it was told, in their order.
  std::vector<std::string> Heard() {
    std::vector<std::string> heard;
    for (const v1::ReactRequest& request : Reacted()) {
      if (request.update().has_words()) heard.push_back(request.update().words());
    }
    return heard;
  }
  void Fail(const std::string& rpc, absl::Status status) {
    Do([&](FakeDialog& d) {
      if (status.ok()) {
        d.failures.erase(rpc);
      } else {
        d.failures[rpc] = std::move(status);
      }
    });
  }

  bool Serves(const google::protobuf::Message& request) const override {
    const auto* const dialog = request.GetDescriptor()->FindFieldByName("dialog");
    return request.GetReflection()->GetString(request, dialog) == name_;
  }

  absl::StatusOr<v1::DescribeDialogResponse> DescribeDialog(
      const Call&, const v1::DescribeDialogRequest&) override {
    return Do([](FakeDialog& d) -> absl::StatusOr<v1::DescribeDialogResponse> {
      RETURN_IF_ERROR(d.failures["DescribeDialog"]);
      ++d.described;
      v1::DescribeDialogResponse response;
      *response.mutable_description() = d.description;
      return response;
    });
  }

  absl::StatusOr<v1::ReactResponse> React(const Call& call,
                                          const v1::ReactRequest& request) override {
    const std::shared_ptr<absl::Notification> hold = Do([&](FakeDialog& d) {
      d.reacted.push_back(request);
      return d.held;
    });
    if (hold != nullptr) {
      RETURN_IF_ERROR(call.MayWait());
      if (!hold->WaitForNotificationWithTimeout(call.Remaining())) {
        return absl::DeadlineExceededError("held");
      }
    }
    return Do([&](FakeDialog& d) -> absl::StatusOr<v1::ReactResponse> {
      RETURN_IF_ERROR(d.failures["React"]);
      return d.react ? d.react(request) : Answering({Saying(d.Repeated(request.update()))});
    });
  }

  absl::StatusOr<v1::RenderEventResponse> RenderEvent(
      const Call&, const v1::RenderEventRequest& request) override {
    return Do([&](FakeDialog& d) -> absl::StatusOr<v1::RenderEventResponse> {
      RETURN_IF_ERROR(d.failures["RenderEvent"]);
      d.rendered.push_back(request);
      if (d.render) return d.render(request);
      return Answering<v1::RenderEventResponse>({Saying(request.payload())});
    });
  }

  absl::StatusOr<v1::TakeChannelUpdateResponse> TakeChannelUpdate(
      const Call&, const v1::TakeChannelUpdateRequest& request) override {
    return Do([&](FakeDialog& d) -> absl::StatusOr<v1::TakeChannelUpdateResponse> {
      RETURN_IF_ERROR(d.failures["TakeChannelUpdate"]);
      d.told_of_channels.push_back(request);
      return v1::TakeChannelUpdateResponse();
    });
  }

  absl::StatusOr<v1::GetDialogStateResponse> GetDialogState(
      const Call&, const v1::GetDialogStateRequest& request) override {
    return Do([&](FakeDialog& d) -> absl::StatusOr<v1::GetDialogStateResponse> {
      RETURN_IF_ERROR(d.failures["GetDialogState"]);
      v1::GetDialogStateResponse response;
      response.mutable_conversation()->set_user_id(request.user_id());
      response.mutable_conversation()->set_state(d.state);
      return response;
    });
  }

  absl::StatusOr<v1::SetDialogStateResponse> SetDialogState(
      const Call&, const v1::SetDialogStateRequest& request) override {
    return Do([&](FakeDialog& d) -> absl::StatusOr<v1::SetDialogStateResponse> {
      RETURN_IF_ERROR(d.failures["SetDialogState"]);
      d.moved.push_back(request);
      d.state = request.state();
      v1::SetDialogStateResponse response;
      response.mutable_conversation()->set_user_id(request.user_id());
      response.mutable_conversation()->set_state(d.state);
      return response;
    });
  }

 private:
  std::string Repeated(const v1::DialogUpdate& update) const {
    switch (update.what_case()) {
      case v1::DialogUpdate::kCommand:
        if (update.command().name() == "start") {
          return absl::StrCat("Welcome to the ", name_, ".", update.command().argument());
        }
        return absl::StrCat(name_, ": /", update.command().name(), " ",
                            update.command().argument());
      case v1::DialogUpdate::kWords:
        return absl::StrCat(name_, " heard: ", update.words());
      case v1::DialogUpdate::kButton:
        return absl::StrCat(name_, " felt: ", update.button().argument());
      case v1::DialogUpdate::kContent:
        return absl::StrCat(name_, " got: ", v1::ContentKind_Name(update.content().kind()));
      case v1::DialogUpdate::kEditedWords:
        return absl::StrCat(name_, " read again: ", update.edited_words());
      case v1::DialogUpdate::kReaction:
        return absl::StrCat(name_, " saw: ", update.reaction().emoji_size(), " emoji");
      default:
        return absl::StrCat(name_, " does not understand.");
    }
  }

  const std::string name_;
  absl::Mutex mutex_;
};

}  // namespace selfology::telegram_gateway
