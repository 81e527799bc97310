#include "services/coaching/coaching_dialog/settings/profile_actions.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "common/observe/log.h"
#include "common/picture/charts.h"
#include "common/status/status_macros.h"
#include "services/coaching/coaching_dialog/cards.h"
#include "services/coaching/coaching_dialog/settings/media_upload.h"
#include "services/coaching/coaching_dialog/settings/profile_card.h"
#include "services/coaching/coaching_dialog/texts.h"

namespace selfology::coaching_dialog {
namespace {

constexpr int kReasonsOfEach = 10;
// Of the update's time: to say the profile in words, when no picture can be sent.
constexpr absl::Duration kToAnswer = absl::Seconds(1);

Reaction ToFailure(const Turn& turn, const absl::Status& failure) {
  if (absl::IsNotFound(failure)) return Reply(turn, Text::kNoProfileYet);
  return Reply(texts::Failure(turn.language, failure));
}

}  // namespace

Reaction ProfileActions::Show(const Turn& turn) {
  const absl::StatusOr<profile::v1::Profile> profile = Read(turn);
  if (!profile.ok()) return ToFailure(turn, profile.status());
  v1::DialogMessage message = Html(kind::kReply, texts::Profile(turn.language, *profile));
  if (!ShowsTraits(*profile)) return Reply(std::move(message));

  message.set_key(CardKey(panel::kProfile, turn));
  message.set_keep_buttons(true);
  v1::ButtonRow& row = AddRow(message);
  AddButton(row, Phrase(turn.language, Wording::kButtonWhy), "profile:why");
  AddButton(row, Phrase(turn.language, Wording::kButtonFit), "profile:fit");
  absl::StatusOr<std::string> media_id = Picture(turn, *profile);
  if (media_id.ok()) {
    message.add_media_ids(*std::move(media_id));
  } else {
    observe::Warning("profile sent without its picture", {{"status", media_id.status()}});
  }
  return Reply(std::move(message));
}

Reaction ProfileActions::Press(const Turn& turn, std::string_view argument) {
  if (argument == "why") return Explain(turn);
  if (argument == "done") return Replace(Phrase(turn.language, Wording::kFitDone));
  if (argument == "fit") {
    const absl::StatusOr<profile::v1::Profile> profile = Read(turn);
    if (!profile.ok()) return ToFailure(turn, profile.status());
    if (!ShowsTraits(*profile)) return Reply(turn, Text::kNoProfileYet);
    return Reply(FitPanel(turn.language, CardKey(panel::kProfile, turn), *profile, ""));
  }
  constexpr std::string_view kFit = "fit:";
  if (argument.starts_with(kFit)) return Correct(turn, argument.substr(kFit.size()));
  return Stale(turn);
}

absl::StatusOr<profile::v1::Profile> ProfileActions::Read(const Turn& turn) {
  profile::v1::GetProfileRequest request;
  request.set_user_id(turn.user_id);
  ASSIGN_OR_RETURN(profile::v1::GetProfileResponse response,
                   Patiently(turn.call, [&](const Call& once) {
                     return peers_.profile.GetProfile(once, request);
                   }));
  return std::move(*response.mutable_profile());
}

absl::StatusOr<std::string> ProfileActions::Picture(const Turn& turn,
                                                    const profile::v1::Profile& profile) {
  ASSIGN_OR_RETURN(std::string png, picture::DrawRadar(ProfileRadar(turn.language, profile)));
  return UploadMedia(turn.call.WithTimeout(turn.call.Remaining() - kToAnswer), peers_, turn.user_id,
                     absl::StrCat("profile:", turn.key, ":", profile.version()),
                     {.kind = v1::CONTENT_KIND_PHOTO,
                      .name = "profile.png",
                      .mime_type = "image/png",
                      .bytes = std::move(png)});
}

Reaction ProfileActions::Explain(const Turn& turn) {
  const absl::StatusOr<profile::v1::Profile> profile = Read(turn);
  if (!profile.ok()) return ToFailure(turn, profile.status());
  if (!ShowsTraits(*profile)) return Reply(turn, Text::kNoProfileYet);
  profile::v1::ListEvidenceRequest request;
  request.set_user_id(turn.user_id);
  request.set_limit(kReasonsOfEach);
  const auto listed = Patiently(
      turn.call, [&](const Call& once) { return peers_.profile.ListEvidence(once, request); });
  if (!listed.ok()) return ToFailure(turn, listed.status());
  const std::vector<trait::v1::TraitEvidence> evidence(listed->evidence().begin(),
                                                       listed->evidence().end());
  return Reply(EvidencePanel(turn.language, CardKey(panel::kProfile, turn), *profile, evidence));
}

Reaction ProfileActions::Correct(const Turn& turn, std::string_view argument) {
  const FitPressed pressed = ReadFit(argument);
  profile::v1::CorrectTraitRequest request;
  request.set_user_id(turn.user_id);
  request.set_trait_name(pressed.trait_name);
  request.set_fit(pressed.fit);
  const auto corrected = Patiently(
      turn.call, [&](const Call& once) { return peers_.profile.CorrectTrait(once, request); });
  if (absl::IsInvalidArgument(corrected.status()) || absl::IsNotFound(corrected.status())) {
    return Stale(turn);
  }
  if (!corrected.ok()) return Reply(texts::Failure(turn.language, corrected.status()));
  const std::string said =
      absl::Substitute(Phrase(turn.language, Wording::kFitTaken),
                       std::string(TraitName(turn.language, pressed.trait_name)));
  return Reply(FitPanel(turn.language, CardKey(panel::kProfile, turn), corrected->profile(), said));
}

}  // namespace selfology::coaching_dialog
