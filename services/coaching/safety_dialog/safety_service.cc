#include "services/coaching/safety_dialog/safety_service.h"

#include <string>
#include <vector>

#include "common/enums/word.h"
#include "common/language/language.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "services/coaching/lib/safety/cards.h"
#include "services/coaching/lib/safety/reply_check.h"
#include "services/coaching/lib/safety/safety.h"
#include "services/coaching/safety_dialog/safety_dialog_store.h"

namespace selfology::safety_dialog {
namespace {

using postgres::Transaction;
using status::FieldViolations;
namespace pb = ::selfology::safety::v1;

constexpr int kLongest = 16'384;  // Characters.

void CheckText(std::string_view field, std::string_view text, bool required, FieldViolations& bad) {
  if (required && text.empty()) bad.Add(field, "must not be empty");
  if (text::Characters(text) > kLongest) bad.Add(field, "must be up to 16,384 characters");
}

pb::Danger ToProto(safety::Danger danger) {
  return enums::FromWord<pb::Danger>(safety::NameOf(danger));
}

pb::DangerLevel ToProto(safety::Level level) {
  return enums::FromWord<pb::DangerLevel>(safety::NameOf(level));
}

pb::DangerSubject ToProto(safety::About about) {
  switch (about) {
    case safety::About::kPerson:
      return pb::DANGER_SUBJECT_PERSON;
    case safety::About::kSomebodyElse:
      return pb::DANGER_SUBJECT_SOMEBODY_ELSE;
    case safety::About::kNobody:
      break;
  }
  return pb::DANGER_SUBJECT_UNSPECIFIED;
}

}  // namespace

absl::StatusOr<pb::AssessResponse> SafetyService::Assess(const Call& /*call*/,
                                                         const pb::AssessRequest& request) {
  FieldViolations bad;
  CheckText("text", request.text(), /*required=*/true, bad);
  CheckText("question", request.question(), /*required=*/false, bad);
  RETURN_IF_ERROR(bad.ToStatus());
  const safety::Assessment found = safety::Assess(request.text(), {.question = request.question()});
  pb::AssessResponse response;
  pb::Assessment& assessment = *response.mutable_assessment();
  assessment.set_danger(ToProto(found.danger));
  assessment.set_level(ToProto(found.level));
  assessment.set_about(ToProto(found.about));
  for (const safety::Reason& reason : found.reasons) assessment.add_reasons(reason.rule);
  if (found.level >= safety::Level::kAsk) {
    response.set_help(safety::CardFor(found.danger, language::LanguageOf(request.language()),
                                      /*country=*/"")
                          .text);
  }
  return response;
}

absl::StatusOr<pb::CheckReplyResponse> SafetyService::CheckReply(
    const Call& /*call*/, const pb::CheckReplyRequest& request) {
  FieldViolations bad;
  CheckText("reply", request.reply(), /*required=*/true, bad);
  CheckText("text", request.text(), /*required=*/false, bad);
  RETURN_IF_ERROR(bad.ToStatus());
  const std::vector<safety::ReplyFault> faults =
      safety::CheckReply(request.reply(), {.message = safety::Assess(request.text(), {})});
  pb::CheckReplyResponse response;
  response.set_allowed(faults.empty());
  if (faults.empty()) return response;
  response.set_reason(std::string(safety::NameOf(faults[0])));
  response.set_instead(std::string(safety::ReplyInstead(language::LanguageOf(request.language()))));
  return response;
}

absl::StatusOr<pb::GetModeResponse> SafetyService::GetMode(const Call& call,
                                                           const pb::GetModeRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(
      const store::Person person,
      database_.Read(call,
                     [&](Transaction& tx) { return store::ReadPerson(tx, request.user_id()); },
                     {.newest = true}));
  pb::GetModeResponse response;
  if (!person.crisis.has_value()) return response;
  pb::CrisisMode& mode = *response.mutable_mode();
  mode.set_user_id(request.user_id());
  mode.set_danger(ToProto(person.crisis->danger));
  mode.set_level(ToProto(person.crisis->level));
  *mode.mutable_since() = timestamps::ToProto(person.crisis->since);
  *mode.mutable_last_at() = timestamps::ToProto(person.crisis->last_at);
  return response;
}

}  // namespace selfology::safety_dialog
