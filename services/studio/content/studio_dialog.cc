#include "services/studio/content/studio_dialog.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/idempotency/once.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "services/studio/content/content_store.h"
#include "services/studio/content/slots.h"
#include "services/studio/content/voice_words.h"

namespace selfology::content {
namespace {

using postgres::Transaction;
using status::FieldViolations;
using telegram_v1::DialogMessage;
using telegram_v1::DialogReaction;
using telegram_v1::DialogUpdate;

constexpr size_t kLongestUpdateKey = 64;
constexpr int kMostPlanned = 200;
// So long the next message is taken for the draft that was asked for.
constexpr absl::Duration kWorth = absl::Hours(1);

template <typename Request>
FieldViolations CheckDialog(const Request& request) {
  FieldViolations bad;
  if (request.dialog() != kStudioDialog) bad.Add("dialog", "must be a dialog of the service's");
  return bad;
}

DialogReaction Say(DialogMessage message) {
  DialogReaction reaction;
  *reaction.add_messages() = std::move(message);
  return reaction;
}

// Said where a draft was asked for, so it is none.
bool CallsOff(std::string_view words) {
  static constexpr std::string_view kWords[] = {"cancel", "never mind", "nevermind", "отмена",
                                                "отмени", "отменить",   "не надо",   "не нужно"};
  words = text::Trim(words);
  while (!words.empty() && (words.back() == '.' || words.back() == '!')) words.remove_suffix(1);
  const std::string lower = WithSmall(absl::AsciiStrToLower(words));
  return std::find(std::begin(kWords), std::end(kWords), lower) != std::end(kWords);
}

// Nothing is waited for any more.
void LetGo(DialogReaction& reaction) {
  reaction.set_focus(telegram_v1::FOCUS_CHANGE_GIVE_BACK);
  reaction.set_question(telegram_v1::DIALOG_QUESTION_NONE);
}

template <typename Request>
Request Of(int64_t user_id, int64_t post_id) {
  Request request;
  request.set_user_id(user_id);
  request.set_post_id(post_id);
  return request;
}

DialogReaction Gone(Language language) {
  DialogReaction reaction;
  reaction.set_notice(std::string(
      InEither(language, "This post is not there any more.", "Этого поста больше нет.")));
  return reaction;
}

}  // namespace

struct StudioDialog::Turn {
  const Call& call;
  int64_t user_id = 0;
  std::string update_key = {};
  StudioReader reader = {};
  Language language() const { return reader.language; }
};

bool StudioDialog::Serves(const google::protobuf::Message& request) const {
  const auto* const field = request.GetDescriptor()->FindFieldByName("dialog");
  return field != nullptr && request.GetReflection()->GetString(request, field) == kStudioDialog;
}

absl::StatusOr<telegram_v1::DescribeDialogResponse> StudioDialog::DescribeDialog(
    const Call& /*call*/, const telegram_v1::DescribeDialogRequest& request) {
  RETURN_IF_ERROR(CheckDialog(request).ToStatus());
  telegram_v1::DescribeDialogResponse response;
  *response.mutable_description() = DescribeStudio();
  return response;
}

StudioDialog::Reaction StudioDialog::Show(const Turn& turn) {
  StudioPosts shown;
  v1::ListPostsRequest request;
  request.set_user_id(turn.user_id);
  request.set_state(v1::POST_STATE_SCHEDULED);
  request.set_page_size(kMostPlanned);
  ASSIGN_OR_RETURN(const v1::ListPostsResponse planned, posts_->ListPosts(turn.call, request));
  shown.planned.assign(planned.posts().begin(), planned.posts().end());
  std::sort(shown.planned.begin(), shown.planned.end(), [](const v1::Post& a, const v1::Post& b) {
    return timestamps::FromProto(a.publish_at()) < timestamps::FromProto(b.publish_at());
  });
  if (shown.planned.size() > kShownPosts) shown.planned.resize(kShownPosts);
  request.set_state(v1::POST_STATE_DRAFT);
  request.set_page_size(static_cast<int32_t>(kShownPosts));
  ASSIGN_OR_RETURN(const v1::ListPostsResponse drafts, posts_->ListPosts(turn.call, request));
  shown.drafts.assign(drafts.posts().begin(), drafts.posts().end());
  shown.has_more_drafts = !drafts.next_page_token().empty();
  return Say(StudioPanel(shown, turn.reader));
}

StudioDialog::Reaction StudioDialog::Save(const Turn& turn, std::string_view words) {
  v1::CreatePostRequest request;
  request.set_user_id(turn.user_id);
  request.set_text(std::string(text::Trim(words)));
  request.set_idempotency_key(absl::StrCat("chat:", turn.update_key));
  ASSIGN_OR_RETURN(const v1::CreatePostResponse made, posts_->CreatePost(turn.call, request));
  DialogMessage card = PostCard(
      made.post(),
      InEither(turn.language(), "📝 <b>Saved as a draft</b>", "📝 <b>Сохранено как черновик</b>"),
      turn.reader);
  // Each draft that was saved stays in the chat.
  card.clear_lifecycle();
  card.clear_tag();
  return Say(std::move(card));
}

StudioDialog::Reaction StudioDialog::ToCommand(const Turn& turn, const DialogUpdate& update) {
  if (update.command().name() == "studio") {
    const std::string_view given = text::Trim(update.command().argument());
    if (!given.empty()) return Save(turn, given);
    const telegram_v1::RepliedTo& about = update.replied_to();
    const std::string_view words =
        text::Trim(about.quote().empty() ? about.words() : about.quote());
    if (!words.empty()) return Save(turn, words);
    return Show(turn);
  }
  // /start of who chose this dialog, or is in it.
  ASSIGN_OR_RETURN(DialogReaction reaction, Show(turn));
  telegram_v1::Button& others = *reaction.mutable_messages(0)->add_button_rows()->add_buttons();
  others.set_text(std::string(InEither(turn.language(), "💬 Something else", "💬 Другое")));
  others.set_callback_data("open:");
  return reaction;
}

StudioDialog::Reaction StudioDialog::ToButton(const Turn& turn, std::string_view argument) {
  const Language language = turn.language();
  if (argument == "new") {
    DialogReaction reaction = Say(AskForDraft(language));
    reaction.set_focus(telegram_v1::FOCUS_CHANGE_TAKE);
    reaction.set_question(telegram_v1::DIALOG_QUESTION_WAITS);
    reaction.mutable_question_worth()->set_seconds(absl::ToInt64Seconds(kWorth));
    return reaction;
  }
  if (argument == "back") {
    ASSIGN_OR_RETURN(DialogReaction reaction, Show(turn));
    LetGo(reaction);
    return reaction;
  }
  constexpr std::string_view kDelete = "delete:", kShow = "show:";
  const bool shows = argument.starts_with(kShow);
  if (!shows && !argument.starts_with(kDelete)) return Show(turn);
  const std::string_view number = argument.substr(shows ? kShow.size() : kDelete.size());
  int64_t post_id = 0;
  if (!absl::SimpleAtoi(number, &post_id) || post_id < 1) return Gone(language);
  const auto post = posts_->GetPost(turn.call, Of<v1::GetPostRequest>(turn.user_id, post_id));
  if (absl::IsNotFound(post.status()) && shows) return Gone(language);
  // Not found when it is deleted a second time, which is as good.
  if (!absl::IsNotFound(post.status())) RETURN_IF_ERROR(post.status());
  if (shows) return Say(PostCard(post->post(), "", turn.reader));
  // The button may be of a card that was a draft's long ago.
  if (post.ok() && post->post().state() != v1::POST_STATE_DRAFT) {
    return Say(PostCard(post->post(),
                        InEither(language, "This is no draft any more, so it stays.",
                                 "Это уже не черновик, поэтому пост остаётся."),
                        turn.reader));
  }
  const auto deleted =
      posts_->DeletePost(turn.call, Of<v1::DeletePostRequest>(turn.user_id, post_id));
  if (absl::IsFailedPrecondition(deleted.status())) return Gone(language);
  RETURN_IF_ERROR(deleted.status());
  ASSIGN_OR_RETURN(DialogReaction reaction, Show(turn));
  reaction.set_notice(std::string(InEither(language, "🗑 Deleted", "🗑 Удалено")));
  reaction.set_remove_buttons(true);
  return reaction;
}

StudioDialog::Reaction StudioDialog::ReactTo(const Turn& turn, const DialogUpdate& update) {
  switch (update.what_case()) {
    case DialogUpdate::kCommand:
      return ToCommand(turn, update);
    case DialogUpdate::kButton:
      return ToButton(turn, update.button().argument());
    case DialogUpdate::kWords:
    case DialogUpdate::kContent: {
      const std::string& words = update.has_words() ? update.words() : update.content().caption();
      if (text::Trim(words).empty()) {
        return Say(StudioText("studio_words_only",
                              std::string(InEither(turn.language(),
                                                   "Here I take words only; pictures go in on the "
                                                   "studio's page.",
                                                   "Здесь я беру только слова; картинки — на "
                                                   "странице студии."))));
      }
      ASSIGN_OR_RETURN(DialogReaction reaction, CallsOff(words) ? Show(turn) : Save(turn, words));
      LetGo(reaction);
      return reaction;
    }
    default:
      return DialogReaction();
  }
}

absl::StatusOr<telegram_v1::ReactResponse> StudioDialog::React(
    const Call& call, const telegram_v1::ReactRequest& request) {
  FieldViolations bad = CheckDialog(request);
  bad.CheckUserId(request.user_id());
  const std::string& key = request.update_key();
  const bool printable = std::all_of(key.begin(), key.end(), [](char c) {
    return absl::ascii_isprint(static_cast<unsigned char>(c));
  });
  if (key.empty() || key.size() > kLongestUpdateKey || !printable) {
    bad.Add("update_key", "must be 1 to 64 printable ASCII characters");
  }
  if (request.update_number() < 1) bad.Add("update_number", "must be 1 or more");
  if (request.update().what_case() == DialogUpdate::WHAT_NOT_SET) {
    bad.Add("update", "must say what the person did");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  const idempotency::Request once{.table = store::kRequests,
                                  .user_id = request.user_id(),
                                  .rpc = "React",
                                  .key = key,
                                  .now = clock_()};
  telegram_v1::ReactResponse response;
  ASSIGN_OR_RETURN(
      const std::optional<std::string> answered,
      database_.Write(call, [&](Transaction& tx) { return idempotency::Recall(tx, once); }));
  if (answered.has_value()) {
    if (response.ParseFromString(*answered)) return response;
    return absl::InternalError("a remembered response does not parse");
  }
  Turn turn = {.call = call, .user_id = request.user_id(), .update_key = key};
  turn.reader.language = language::LanguageOf(request.language());
  turn.reader.page = page_;
  v1::GetSlotsRequest slots;
  slots.set_user_id(request.user_id());
  ASSIGN_OR_RETURN(const v1::GetSlotsResponse known, posts_->GetSlots(call, slots));
  turn.reader.zone = ZoneOf(known.time_zone()).value_or(absl::UTCTimeZone());
  ASSIGN_OR_RETURN(*response.mutable_reaction(), ReactTo(turn, request.update()));
  RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const std::optional<std::string> first, idempotency::Recall(tx, once));
    if (!first.has_value()) {
      idempotency::Remember(tx, once, response.SerializeAsString());
    } else if (!response.ParseFromString(*first)) {
      return absl::InternalError("a remembered response does not parse");
    }
    return absl::OkStatus();
  }));
  return response;
}

absl::StatusOr<telegram_v1::RenderEventResponse> StudioDialog::RenderEvent(
    const Call& /*call*/, const telegram_v1::RenderEventRequest& request) {
  FieldViolations bad = CheckDialog(request);
  bad.Add("event_type", "must be one that the dialog describes, and it describes none");
  return bad.ToStatus();
}

absl::StatusOr<telegram_v1::TakeChannelUpdateResponse> StudioDialog::TakeChannelUpdate(
    const Call& /*call*/, const telegram_v1::TakeChannelUpdateRequest& request) {
  RETURN_IF_ERROR(CheckDialog(request).ToStatus());
  return absl::UnimplementedError("the dialog describes no channel updates");
}

absl::StatusOr<telegram_v1::GetDialogStateResponse> StudioDialog::GetDialogState(
    const Call& /*call*/, const telegram_v1::GetDialogStateRequest& request) {
  FieldViolations bad = CheckDialog(request);
  RETURN_IF_ERROR(bad.CheckUserId(request.user_id()).ToStatus());
  telegram_v1::GetDialogStateResponse response;
  response.mutable_conversation()->set_user_id(request.user_id());
  return response;
}

absl::StatusOr<telegram_v1::SetDialogStateResponse> StudioDialog::SetDialogState(
    const Call& /*call*/, const telegram_v1::SetDialogStateRequest& request) {
  FieldViolations bad = CheckDialog(request);
  RETURN_IF_ERROR(bad.CheckUserId(request.user_id()).ToStatus());
  return absl::UnimplementedError("the dialog has none of these states");
}

}  // namespace selfology::content
