#include "services/coaching/question/question_update.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "common/enums/word.h"
#include "common/language/tag.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "google/protobuf/util/message_differencer.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::question {
namespace {

constexpr int kLongestId = 100;
constexpr int kLongestText = 1000;
constexpr int kLongestDomain = 50;
constexpr int kMostFollowUps = 5;

// In this order: a question_text goes on top of the translations it is sent with.
constexpr std::array<std::string_view, 7> kPaths = {
    "translations", "question_text",   "guidance", "domain",
    "depth_level",  "energy_dynamics", "retired"};

bool All(std::string_view text, bool (*fits)(char)) {
  return std::all_of(text.begin(), text.end(), fits);
}

bool IsIdCharacter(char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_'; }

bool IsDomainCharacter(char c) { return absl::ascii_isupper(c) || c == '_'; }

// Translations are looked up by the tag's canonical text.
bool IsCanonicalTag(const std::string& language) {
  const std::optional<language::Tag> tag = language::Tag::Parse(language);
  return tag.has_value() && tag->text() == language;
}

bool IsShowable(const std::string& text) {
  const int characters = text::Characters(text);
  return text::Trim(text) == text && characters >= 1 && characters <= kLongestText &&
         text::IsStorable(text);
}

bool IsComplete(const v1::Guidance& guidance) {
  return IsShowable(guidance.why()) && IsShowable(guidance.rephrased()) &&
         IsShowable(guidance.example()) && guidance.follow_ups_size() <= kMostFollowUps &&
         std::all_of(guidance.follow_ups().begin(), guidance.follow_ups().end(), IsShowable);
}

bool IsSet(const v1::Question& question, std::string_view path) {
  if (path == "translations") return !question.translations().empty();
  if (path == "question_text") return !question.question_text().empty();
  if (path == "guidance") return !question.guidance().empty();
  if (path == "domain") return !question.domain().empty();
  if (path == "depth_level") return question.depth_level() != v1::DEPTH_LEVEL_UNSPECIFIED;
  if (path == "energy_dynamics") {
    return question.energy_dynamics() != v1::ENERGY_DYNAMICS_UNSPECIFIED;
  }
  return question.retired();
}

void Take(v1::Question& question, const v1::Question& from, std::string_view path) {
  if (path == "translations") {
    *question.mutable_translations() = from.translations();
  } else if (path == "question_text") {
    const std::string language = from.language().empty() ? "en" : from.language();
    (*question.mutable_translations())[language] = from.question_text();
  } else if (path == "guidance") {
    *question.mutable_guidance() = from.guidance();
  } else if (path == "domain") {
    question.set_domain(from.domain());
  } else if (path == "depth_level") {
    question.set_depth_level(from.depth_level());
  } else if (path == "energy_dynamics") {
    question.set_energy_dynamics(from.energy_dynamics());
  } else {
    question.set_retired(from.retired());
  }
}

absl::StatusOr<std::vector<std::string_view>> PathsToTake(
    const v1::UpdateQuestionRequest& request) {
  const auto& mask = request.update_mask().paths();
  for (const std::string& path : mask) {
    if (std::find(kPaths.begin(), kPaths.end(), path) == kPaths.end()) {
      return status::InvalidField("update_mask", "must name fields that can be changed");
    }
  }
  std::vector<std::string_view> paths;
  for (const std::string_view path : kPaths) {
    const bool wanted = mask.empty() ? IsSet(request.question(), path)
                                     : std::find(mask.begin(), mask.end(), path) != mask.end();
    if (wanted) paths.push_back(path);
  }
  return paths;
}

}  // namespace

void CheckQuestion(const v1::Question& question, status::FieldViolations& bad) {
  const std::string& id = question.question_id();
  if (id.empty() || id.size() > kLongestId || !All(id, IsIdCharacter)) {
    bad.Add("question.question_id", "must be 1 to 100 characters of [a-z0-9_]");
  }
  if (question.domain().empty() || question.domain().size() > kLongestDomain ||
      !All(question.domain(), IsDomainCharacter)) {
    bad.Add("question.domain", "must be 1 to 50 characters of [A-Z_]");
  }
  if (!enums::IsNamed(question.depth_level())) bad.Add("question.depth_level", "must be set");
  if (!enums::IsNamed(question.energy_dynamics())) {
    bad.Add("question.energy_dynamics", "must be set");
  }
  if (question.translations().empty()) bad.Add("question.question_text", "must be set");
  for (const auto& [language, text] : question.translations()) {
    if (!IsCanonicalTag(language)) {
      bad.Add("question.translations",
              "must have BCP 47 languages in canonical form as keys, such as \"ru\" or \"pt-BR\"");
    }
    if (!IsShowable(text)) {
      bad.Add("question.translations",
              "must have 1 to 1,000 characters each, without white space around them");
    }
  }
  for (const auto& [language, guidance] : question.guidance()) {
    if (!question.translations().contains(language)) {
      bad.Add("question.guidance", "must have languages of `translations` as keys");
    }
    if (!IsComplete(guidance)) {
      bad.Add("question.guidance",
              "must have why, rephrased, example and at most 5 follow_ups, of 1 to 1,000 "
              "characters each, without white space around them");
    }
  }
}

absl::StatusOr<v1::Question> Updated(const v1::Question* stored,
                                     const v1::UpdateQuestionRequest& request, absl::Time now) {
  const v1::Question& wanted = request.question();
  if (stored == nullptr && !request.allow_missing()) {
    return status::Error(mesh::v1::ERROR_CODE_QUESTION_NOT_FOUND, "no such question");
  }
  absl::StatusOr<std::vector<std::string_view>> paths = PathsToTake(request);
  if (!paths.ok()) return paths.status();

  v1::Question updated;
  if (stored != nullptr) updated = *stored;
  updated.set_question_id(wanted.question_id());
  for (const std::string_view path : *paths) Take(updated, wanted, path);
  status::FieldViolations bad;
  CheckQuestion(updated, bad);
  if (!bad.empty()) return bad.ToStatus();

  if (stored != nullptr && google::protobuf::util::MessageDifferencer::Equals(updated, *stored)) {
    return updated;
  }
  const int64_t version = stored == nullptr ? 0 : stored->version();
  if (wanted.version() != 0 && wanted.version() != version) {
    return status::Error(mesh::v1::ERROR_CODE_VERSION_CONFLICT,
                         "the question has changed since it was read");
  }
  updated.set_version(version + 1);
  if (stored == nullptr) *updated.mutable_create_time() = timestamps::ToProto(now);
  *updated.mutable_update_time() = timestamps::ToProto(now);
  return updated;
}

}  // namespace selfology::question
