#include "services/coaching/profile/layers.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/util/field_mask_util.h"
#include "services/coaching/lib/trait_evidence/pool.h"

namespace selfology::profile {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::util::FieldMaskUtil;
using trait::v1::TraitEstimate;

// Dynamics and affinities carry no confidence of their own: a new reading counts a third.
constexpr double kPlainWeight = 1.0 / 3;
constexpr int kMaxPaths = 100;  // Of an update mask.

const std::set<std::string>& Layers() {
  static const auto& layers = *new std::set<std::string>{
      "big_five", "core_dynamics", "adaptive_traits", "domain_affinities", "unique_signature"};
  return layers;
}

double Clamp(double value) { return std::clamp(value, 0.0, 1.0); }

double Blend(double known, double seen) {
  return Clamp(known + kPlainWeight * (Clamp(seen) - known));
}

void LearnDynamics(const v1::CoreDynamics& seen, v1::CoreDynamics& known) {
  const Reflection& reflection = *seen.GetReflection();
  const Descriptor& type = *seen.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* const field = type.field(i);
    if (!reflection.HasField(seen, field)) continue;
    const double value = reflection.GetDouble(seen, field);
    if (!std::isfinite(value)) continue;
    reflection.SetDouble(&known, field,
                         reflection.HasField(known, field)
                             ? Blend(reflection.GetDouble(known, field), value)
                             : Clamp(value));
  }
}

// Every value that is set, by path.
void Flatten(const Message& message, const std::string& prefix,
             std::vector<std::pair<std::string, std::string>>& values) {
  const Reflection& reflection = *message.GetReflection();
  const Descriptor& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* const field = type.field(i);
    const std::string path = absl::StrCat(prefix, field->name());
    if (field->is_map() || field->is_repeated()) continue;
    if (!reflection.HasField(message, field)) continue;
    if (field->type() == FieldDescriptor::TYPE_MESSAGE) {
      Flatten(reflection.GetMessage(message, field), path + ".", values);
    } else if (field->type() == FieldDescriptor::TYPE_DOUBLE) {
      values.emplace_back(path, absl::StrFormat("%.17g", reflection.GetDouble(message, field)));
    } else if (field->type() == FieldDescriptor::TYPE_STRING) {
      values.emplace_back(path, reflection.GetString(message, field));
    }
  }
}

std::map<std::string, std::string> Values(const v1::Profile& profile) {
  std::vector<std::pair<std::string, std::string>> values;
  Flatten(profile, "", values);
  for (const auto& [domain, affinity] : profile.domain_affinities()) {
    values.emplace_back(absl::StrCat("domain_affinities.", domain),
                        absl::StrFormat("%.17g", affinity));
  }
  return {values.begin(), values.end()};
}

// Range checks, by the type of the field: every number in a profile is 0 to 1.
void CheckValues(const Message& message, const std::string& prefix, status::FieldViolations& bad) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* const field : fields) {
    const std::string path = absl::StrCat(prefix, field->name());
    if (field->is_repeated()) continue;
    if (field->type() == FieldDescriptor::TYPE_MESSAGE &&
        field->message_type()->file()->package() != "google.protobuf") {
      CheckValues(reflection.GetMessage(message, field), path + ".", bad);
    } else if (field->type() == FieldDescriptor::TYPE_DOUBLE) {
      const double value = reflection.GetDouble(message, field);
      if (!(value >= 0 && value <= 1)) bad.Add(path, "must be 0 to 1");
    }
  }
}

void CheckChange(const v1::UpdateProfileRequest& request, status::FieldViolations& bad) {
  CheckValues(request.profile(), "profile.", bad);
  for (const auto& [domain, affinity] : request.profile().domain_affinities()) {
    if (domain.empty()) bad.Add("profile.domain_affinities", "a domain must have a name");
    if (!(affinity >= 0 && affinity <= 1)) {
      bad.Add("profile.domain_affinities", "each must be 0 to 1");
    }
  }
  if (request.update_mask().paths_size() > kMaxPaths) {
    bad.Add("update_mask.paths", "must be at most 100");
    return;
  }
  for (const std::string& path : request.update_mask().paths()) {
    const std::vector<std::string> parts = absl::StrSplit(path, '.');
    if (!Layers().contains(parts[0]) || !FieldMaskUtil::IsValidPath<v1::Profile>(path)) {
      bad.Add("update_mask", "must name layers of a profile or values in them");
    }
  }
}

void SetAffinities(const v1::Profile& from, v1::Profile& to) {
  for (const auto& [domain, affinity] : from.domain_affinities()) {
    (*to.mutable_domain_affinities())[domain] = affinity;
  }
}

std::string_view Degree(double value) {
  if (value >= 0.6) return "high";
  if (value <= 0.4) return "low";
  return "moderate";
}

}  // namespace

v1::Profile Learn(const v1::Profile& before, const events::v1::TraitExtracted& event) {
  v1::Profile after = before;
  if (event.has_core_dynamics()) {
    LearnDynamics(event.core_dynamics(), *after.mutable_core_dynamics());
  }
  // MergeFrom keeps what the new message leaves empty.
  if (event.has_adaptive_traits()) {
    after.mutable_adaptive_traits()->MergeFrom(event.adaptive_traits());
  }
  if (event.has_unique_signature()) {
    after.mutable_unique_signature()->MergeFrom(event.unique_signature());
  }
  for (const auto& [domain, affinity] : event.domain_affinities()) {
    if (domain.empty() || !std::isfinite(affinity)) continue;
    auto& affinities = *after.mutable_domain_affinities();
    const auto known = affinities.find(domain);
    affinities[domain] =
        known == affinities.end() ? Clamp(affinity) : Blend(known->second, affinity);
  }
  return after;
}

v1::Profile WithTraits(const v1::Profile& before,
                       absl::Span<const trait::v1::TraitEvidence> evidence,
                       const std::set<std::string>& changed) {
  v1::Profile after = before;
  const std::map<std::string, TraitEstimate> estimates = trait_evidence::Pool(evidence);
  const Descriptor& type = *v1::BigFive::descriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* const field = type.field(i);
    if (!changed.contains(field->name())) continue;
    v1::BigFive& big_five = *after.mutable_big_five();
    const auto found = estimates.find(field->name());
    if (found == estimates.end()) {
      big_five.GetReflection()->ClearField(&big_five, field);
    } else {
      big_five.GetReflection()->MutableMessage(&big_five, field)->CopyFrom(found->second);
    }
  }
  return after;
}

const TraitEstimate* FindTrait(const v1::Profile& profile, std::string_view name) {
  const v1::BigFive& big_five = profile.big_five();
  const FieldDescriptor* const field =
      v1::BigFive::descriptor()->FindFieldByName(std::string(name));
  if (field == nullptr || !big_five.GetReflection()->HasField(big_five, field)) return nullptr;
  return &static_cast<const TraitEstimate&>(big_five.GetReflection()->GetMessage(big_five, field));
}

std::vector<trait::v1::TraitEvidence> Weightiest(std::vector<trait::v1::TraitEvidence> evidence,
                                                 std::string_view trait_name, int limit) {
  std::erase_if(evidence, [&](const trait::v1::TraitEvidence& one) {
    return !trait_name.empty() && one.trait_name() != trait_name;
  });
  // A correction before all else; of the same weight the newest first.
  const auto rank = [](const trait::v1::TraitEvidence& one) {
    return std::tuple(one.trait_name(), one.kind() != trait::v1::EVIDENCE_KIND_CORRECTION,
                      -std::abs(one.direction()) * one.weight(), -one.recorded_at().seconds(),
                      -one.recorded_at().nanos(), one.answer_id(), one.statement_id());
  };
  std::sort(evidence.begin(), evidence.end(),
            [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  std::map<std::string, int> taken;
  std::erase_if(evidence, [&](const trait::v1::TraitEvidence& one) {
    return ++taken[one.trait_name()] > limit;
  });
  return evidence;
}

absl::StatusOr<v1::Profile> Change(const v1::Profile& before,
                                   const v1::UpdateProfileRequest& request) {
  status::FieldViolations bad;
  CheckChange(request, bad);
  if (const absl::Status status = bad.ToStatus(); !status.ok()) return status;

  v1::Profile changes;
  changes.MergeFrom(request.profile());
  changes.clear_user_id();
  changes.clear_version();
  changes.clear_created_at();
  changes.clear_updated_at();
  v1::Profile after = before;
  if (request.update_mask().paths().empty()) {
    after.MergeFrom(changes);
    return after;
  }
  google::protobuf::FieldMask mask;
  for (const std::string& path : request.update_mask().paths()) {
    // A map is no field of its own to the mask; it is merged by key.
    if (path == "domain_affinities") {
      SetAffinities(changes, after);
    } else {
      mask.add_paths(path);
    }
  }
  FieldMaskUtil::MergeOptions replace;
  replace.set_replace_message_fields(true);
  FieldMaskUtil::MergeMessageTo(changes, mask, replace, &after);
  return after;
}

std::vector<std::string> ChangedFields(const v1::Profile& before, const v1::Profile& after) {
  const std::map<std::string, std::string> old_values = Values(before);
  const std::map<std::string, std::string> new_values = Values(after);
  std::set<std::string> changed;
  for (const auto& [path, value] : new_values) {
    const auto old_value = old_values.find(path);
    if (old_value == old_values.end() || old_value->second != value) changed.insert(path);
  }
  for (const auto& [path, value] : old_values) {
    if (!new_values.contains(path)) changed.insert(path);
  }
  return {changed.begin(), changed.end()};
}

std::string Summarize(const v1::Profile& profile) {
  std::vector<std::string> parts;
  const v1::BigFive& big_five = profile.big_five();
  const Reflection& reflection = *big_five.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(big_five, &fields);
  for (const FieldDescriptor* const field : fields) {
    const auto& estimate =
        static_cast<const TraitEstimate&>(reflection.GetMessage(big_five, field));
    if (estimate.confidence() < trait_evidence::kShown) continue;
    parts.push_back(absl::StrCat(Degree(estimate.value()), " ", field->name()));
  }
  const v1::AdaptiveTraits& adaptive = profile.adaptive_traits();
  for (const auto& [word, what] : {std::pair(adaptive.learning_style(), "learning"),
                                   std::pair(adaptive.stress_response(), "response to stress"),
                                   std::pair(adaptive.decision_pattern(), "decisions")}) {
    if (!word.empty()) parts.push_back(absl::StrCat(word, " ", what));
  }
  std::vector<std::pair<double, std::string>> affinities;
  for (const auto& [domain, affinity] : profile.domain_affinities()) {
    affinities.emplace_back(-affinity, domain);
  }
  std::sort(affinities.begin(), affinities.end());
  constexpr size_t kMost = 3;
  if (affinities.size() > kMost) affinities.resize(kMost);
  std::vector<std::string> domains;
  for (const auto& [affinity, domain] : affinities) domains.push_back(domain);
  if (!domains.empty()) {
    parts.push_back(absl::StrCat("drawn to ", absl::AsciiStrToLower(absl::StrJoin(domains, ", "))));
  }
  return parts.empty() ? "Nothing known yet." : absl::StrCat(absl::StrJoin(parts, "; "), ".");
}

}  // namespace selfology::profile
