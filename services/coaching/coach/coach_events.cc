#include "services/coaching/coach/coach_events.h"

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/events/outbox.h"
#include "common/language/language.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/coaching/coach/coach_store.h"
#include "services/coaching/coach/help_first.h"
#include "services/coaching/coach/memory/extraction.h"
#include "services/coaching/coach/memory_store.h"
#include "services/coaching/coach/personalization.h"
#include "services/coaching/coach/reply/fit.h"

namespace selfology::coach {
namespace {

using postgres::Transaction;

constexpr absl::Duration kInsightTimeout = absl::Seconds(5);
// Insights are seasoning: at most one a day.
constexpr absl::Duration kBetweenInsights = absl::Hours(24);

events::v1::CoachMessageReady ReadyEvent(const v1::Message& reply, const std::string& language) {
  events::v1::CoachMessageReady ready;
  ready.set_user_id(reply.user_id());
  ready.set_message_text(reply.content());
  ready.set_model_used(reply.model_used());
  ready.set_tokens_used(reply.tokens_used());
  ready.set_cost_usd(reply.cost_usd());
  ready.set_message_id(reply.message_id());
  ready.set_conversation_id(reply.conversation_id());
  ready.set_in_reply_to_message_id(reply.in_reply_to_message_id());
  ready.set_language(language);
  return ready;
}

// Shows a reply while it grows, sentence by sentence, as long as nothing is wrong with it.
class CheckedGrowth {
 public:
  CheckedGrowth(GrowingReplies& growing, const Call& call, int64_t message_id,
                const safety::ReplyContext& context)
      : growing_(growing), call_(call), message_id_(message_id), context_(context) {}

  void Restart() {
    growing_.Restart(call_, message_id_);
    text_.clear();
    shown_ = 0;
    refused_ = false;
  }

  void Append(std::string_view text) {
    text_ += text;
    const size_t end = text_.find_last_of(".!?\n");
    if (end != std::string::npos) ShowUntil(end + 1);
  }

  void Finish() { ShowUntil(text_.size()); }

 private:
  void ShowUntil(size_t end) {
    if (refused_ || end <= shown_) return;
    const std::string_view text = std::string_view(text_).substr(0, end);
    if (!safety::CheckReply(text, context_).empty()) {
      refused_ = true;
      growing_.Restart(call_, message_id_);
      return;
    }
    growing_.Append(call_, message_id_, text.substr(shown_));
    shown_ = end;
  }

  GrowingReplies& growing_;
  const Call& call_;
  const int64_t message_id_;
  const safety::ReplyContext& context_;
  std::string text_;
  size_t shown_ = 0;
  bool refused_ = false;
};

// A name that this machine does not know is taken as UTC.
absl::TimeZone ZoneOf(const std::string& name) {
  absl::TimeZone zone;
  if (name.empty() || !absl::LoadTimeZone(name, &zone)) return absl::UTCTimeZone();
  return zone;
}

absl::Status SaveRemembered(Transaction& tx, std::vector<v1::MemoryItem> items, int64_t user_id,
                            int64_t message_id, int64_t answer_id, absl::Time now) {
  for (v1::MemoryItem& item : items) {
    item.set_user_id(user_id);
    if (item.memory_id() == 0) {
      item.set_message_id(message_id);
      item.set_answer_id(answer_id);
    }
    RETURN_IF_ERROR(store::SaveMemory(tx, item, now));
  }
  if (!items.empty()) store::ForgetOldest(tx, user_id);
  return absl::OkStatus();
}

}  // namespace

bool CoachEvents::MayBeSaid(std::string_view reply, const safety::ReplyContext& context) const {
  const std::vector<safety::ReplyFault> faults = safety::CheckReply(reply, context);
  for (const safety::ReplyFault fault : faults) {
    const std::string reason(safety::NameOf(fault));
    observe::Warning("coach reply blocked by the safety check", {{"reason", reason}});
    metrics_
        .Counter("coach_replies_refused_total", "Replies blocked by the safety check, by reason",
                 {{"reason", reason}})
        .Increment();
  }
  return faults.empty();
}

absl::StatusOr<ai::v1::Completion> CoachEvents::Complete(
    const Call& call, int64_t message_id, const ai::v1::CompletionInput& input,
    const safety::ReplyContext& context) const {
  ai::v1::StreamCompleteRequest request;
  *request.mutable_input() = input;
  std::optional<ai::v1::Completion> completion;
  CheckedGrowth growth(growing_, call, message_id, context);
  // An attempt before this one may have left its beginning.
  growth.Restart();
  RETURN_IF_ERROR(ai_.StreamComplete(call.WithTimeout(reply_timeout_), request,
                                     [&](const ai::v1::StreamCompleteResponse& piece) {
                                       if (piece.restart()) growth.Restart();
                                       growth.Append(piece.text_delta());
                                       if (piece.has_completion()) completion = piece.completion();
                                       return true;
                                     }));
  if (!completion.has_value() || completion->text().empty()) {
    return absl::InternalError("the model gave no text");
  }
  growth.Finish();
  return *std::move(completion);
}

void CoachEvents::NoteReplaced(std::string_view reason) const {
  observe::Warning("model reply rejected; local coach replied instead",
                   {{"reason", std::string(reason)}});
  metrics_
      .Counter("coach_replies_replaced_total",
               "Replies that the local coach wrote instead of a model, by reason",
               {{"reason", std::string(reason)}})
      .Increment();
}

ai::v1::Completion CoachEvents::Fitting(absl::StatusOr<ai::v1::Completion> completion,
                                        const ai::v1::CompletionInput& input, const Past& past,
                                        const Preparation& prepared) const {
  bool fits = completion.ok();
  if (!completion.ok()) {
    observe::Warning("all models failed to write the coach reply",
                     {{"status", completion.status()}});
    NoteReplaced("no_model");
  } else {
    for (const Misfit misfit :
         CheckFit(completion->text(), prepared.turn, past.dialogue, prepared.known)) {
      NoteReplaced(NameOf(misfit));
      fits = false;
    }
  }
  if (fits) return *std::move(completion);
  ai::v1::Completion local;
  // What the model cost was spent.
  if (completion.ok()) local = *std::move(completion);
  local.set_text(local_coach_->Reply(input));
  local.set_model_used("local");
  return local;
}

absl::StatusOr<CoachEvents::Made> CoachEvents::MakeReply(const Call& call,
                                                         const v1::Message& message,
                                                         std::string_view language) const {
  Made made;
  Context context;
  Past past;
  RETURN_IF_ERROR(database_.Read(
      call,
      [&](Transaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(store::Background background, store::ReadBackground(tx, message));
        ASSIGN_OR_RETURN(const store::Habits habits, store::ReadHabits(tx, message.user_id()));
        const absl::TimeZone zone = ZoneOf(habits.time_zone);
        ASSIGN_OR_RETURN(past, store::ReadPast(tx, message.user_id(), message.message_id(),
                                               background.messages.front().message_id(), zone));
        past.informal = habits.informal;
        past.today = absl::ToCivilDay(timestamps::FromProto(message.created_at()), zone);
        for (const v1::Message& one : background.messages) {
          past.dialogue.push_back(
              {.by_person = one.role() != v1::MESSAGE_ROLE_ASSISTANT, .text = one.content()});
        }
        context.profile = std::move(background.profile);
        context.notes = std::move(background.notes);
        return absl::OkStatus();
      },
      {.newest = true}));
  past.language = std::string(language);
  made.prepared = Prepare(local_coach_->listener(), past);
  made.language = std::string(language::TagOf(made.prepared.turn.language));
  context.dialogue = past.dialogue;
  context.known = made.prepared.known;
  context.language = made.language;

  v1::Message& reply = made.reply;
  reply.set_user_id(message.user_id());
  reply.set_conversation_id(message.conversation_id());
  reply.set_role(v1::MESSAGE_ROLE_ASSISTANT);
  reply.set_in_reply_to_message_id(message.message_id());
  // Nobody in danger is left to a model.
  if (std::optional<std::string> help = HelpFirst(past.dialogue, made.prepared.turn.language)) {
    reply.set_content(*std::move(help));
    reply.set_model_used("safety");
    return made;
  }
  const safety::ReplyContext checked = {.message = safety::Assess(message.content(), {})};
  const ai::v1::CompletionInput input = ReplyInput(context);
  const absl::StatusOr<ai::v1::Completion> completion =
      Complete(call, message.message_id(), input, checked);
  made.refused = completion.ok() && !MayBeSaid(completion->text(), checked);
  const ai::v1::Completion fitting =
      made.refused ? *completion : Fitting(completion, input, past, made.prepared);
  // The local coach quotes; what it quotes may not be for saying.
  if (!made.refused) made.refused = !MayBeSaid(fitting.text(), checked);
  reply.set_content(made.refused ? std::string(safety::ReplyInstead(made.prepared.turn.language))
                                 : fitting.text());
  reply.set_model_used(fitting.model_used());
  reply.set_tokens_used(fitting.input_tokens() + fitting.output_tokens());
  reply.set_cost_usd(fitting.cost_usd());
  return made;
}

std::string CoachEvents::Words(const Call& call,
                               const events::v1::InsightGenerated& insight) const {
  ai::v1::CompleteRequest request;
  ai::v1::CompletionInput& input = *request.mutable_input();
  input.set_task(ai::v1::TASK_INSIGHT);
  input.set_language(insight.language());
  input.set_system_prompt(
      "You are a warm personal coach. Put this observation to the person gently, in two sentences "
      "of"
      " their language.");
  ai::v1::ChatMessage& turn = *input.add_messages();
  turn.set_role(ai::v1::ROLE_USER);
  turn.set_content(insight.content());
  const auto told = ai_.Complete(call.WithTimeout(kInsightTimeout), request);
  if (told.ok() && !told->completion().text().empty() && MayBeSaid(told->completion().text(), {})) {
    return told->completion().text();
  }
  return MayBeSaid(insight.content(), {}) ? insight.content() : "";
}

absl::Status CoachEvents::Reply(const events::v1::UserMessageReceived& event,
                                events::Handling& handling) const {
  const Call& call = handling.call();
  struct Due {
    std::optional<v1::Message> message;
    std::optional<events::v1::InsightGenerated> insight;
  };
  // Before the transaction: the model takes seconds, and no connection should wait for it.
  ASSIGN_OR_RETURN(
      const Due due,
      database_.Read(call,
                     [&](Transaction& tx) -> absl::StatusOr<Due> {
                       Due due;
                       ASSIGN_OR_RETURN(due.message, store::ReadMessage(tx, event.user_id(),
                                                                        event.message_id()));
                       ASSIGN_OR_RETURN(due.insight,
                                        store::NextInsight(tx, event.user_id(),
                                                           handling.now() - kBetweenInsights));
                       return due;
                     },
                     {.newest = true}));
  // Erased meanwhile.
  if (!due.message.has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(Made made, MakeReply(call, *due.message, event.language()));
  std::string insight_words;
  if (due.insight.has_value() && !made.refused && made.prepared.turn.intent == TELL) {
    insight_words = Words(call, *due.insight);
  }

  Transaction& tx = handling.tx();
  store::LockUser(tx, event.user_id());
  ASSIGN_OR_RETURN(const std::optional<v1::Message> still,
                   store::ReadMessage(tx, event.user_id(), event.message_id()));
  if (!still.has_value()) return absl::OkStatus();
  *made.reply.mutable_created_at() = timestamps::ToProto(handling.now());
  RETURN_IF_ERROR(store::InsertMessage(tx, made.reply));
  store::SaveReplyStatus(tx, event.message_id(), v1::REPLY_STATUS_DONE);
  Preparation& prepared = made.prepared;
  RETURN_IF_ERROR(SaveRemembered(tx, prepared.changed, event.user_id(), event.message_id(),
                                 /*answer_id=*/0, handling.now()));
  if (!prepared.forgotten.empty()) {
    RETURN_IF_ERROR(store::ForgetMemories(tx, event.user_id(), prepared.forgotten).status());
  }
  if (prepared.plan.has_value()) {
    RETURN_IF_ERROR(store::SavePlan(tx, event.user_id(), *prepared.plan, handling.now()));
  }
  RETURN_IF_ERROR(events::Publish(tx, ReadyEvent(made.reply, made.language)));
  if (insight_words.empty()) return absl::OkStatus();
  store::MarkTold(tx, due.insight->insight_id(), handling.now());
  events::v1::InsightReadyForUser ready;
  ready.set_user_id(event.user_id());
  ready.set_insight_id(due.insight->insight_id());
  ready.set_insight_type(due.insight->insight_type());
  ready.set_message_text(insight_words);
  ready.set_language(due.insight->language());
  return events::Publish(tx, ready);
}

absl::Status CoachEvents::LearnNewProfile(const events::v1::ProfileCreated& event,
                                          events::Handling& handling) const {
  store::SaveProfile(handling.tx(), event.profile());
  return absl::OkStatus();
}

absl::Status CoachEvents::LearnUpdatedProfile(const events::v1::ProfileUpdated& event,
                                              events::Handling& handling) const {
  store::SaveProfile(handling.tx(), event.profile());
  return absl::OkStatus();
}

absl::Status CoachEvents::NoteAnswer(const events::v1::AnswerAnalyzedDeep& event,
                                     events::Handling& handling) const {
  if (event.summary().empty()) return absl::OkStatus();
  store::SaveNote(handling.tx(), event.user_id(), event.answer_id(), event.revision(),
                  event.summary());
  return absl::OkStatus();
}

absl::Status CoachEvents::KeepAnswer(const events::v1::UserAnswerSubmitted& event,
                                     events::Handling& handling) const {
  Transaction& tx = handling.tx();
  store::LockUser(tx, event.user_id());
  store::SaveAnswer(tx, event, handling.envelope().occurred_at);
  ASSIGN_OR_RETURN(const store::Habits habits, store::ReadHabits(tx, event.user_id()));
  ASSIGN_OR_RETURN(std::vector<v1::MemoryItem> memory,
                   store::ListMemories(tx, event.user_id(), v1::MEMORY_KIND_UNSPECIFIED,
                                       std::numeric_limits<int64_t>::max(), store::kMostMemories));
  const Utterance answer(event.answer_text());
  const language::Language language =
      LanguageByLetters(event.answer_text()).value_or(language::LanguageOf(event.language()));
  const std::vector<v1::MemoryItem> found =
      Extract(local_coach_->listener().speech(language), answer,
              absl::ToCivilDay(handling.envelope().occurred_at, ZoneOf(habits.time_zone)));
  return SaveRemembered(tx, Merge(found, memory), event.user_id(), /*message_id=*/0,
                        event.answer_id(), handling.now());
}

absl::Status CoachEvents::LearnPreferences(const events::v1::PreferencesChanged& event,
                                           events::Handling& handling) const {
  store::SavePreferences(handling.tx(), event.user_id(), event.preferences());
  return absl::OkStatus();
}

absl::Status CoachEvents::KeepInsight(const events::v1::InsightGenerated& event,
                                      events::Handling& handling) const {
  store::SaveInsight(handling.tx(), event);
  return absl::OkStatus();
}

}  // namespace selfology::coach
