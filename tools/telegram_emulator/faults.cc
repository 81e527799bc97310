#include "tools/telegram_emulator/faults.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace selfology::telegram_emulator {

Json Fault::ToJson() const {
  return {{"method", method},
          {"user_id", user_id},
          {"times", times},
          {"error_code", error_code},
          {"description", description},
          {"retry_after_s", retry_after_s},
          {"body", body},
          {"delay_ms", absl::ToInt64Milliseconds(delay)},
          {"drop", drop},
          {"after", after}};
}

absl::StatusOr<Fault> Fault::FromJson(const Json& json) {
  if (!json.is_object()) return absl::InvalidArgumentError("a fault is an object");
  const Json known = Fault().ToJson();
  for (const auto& [name, value] : json.items()) {
    const Json* field = Field(known, name.c_str());
    if (field == nullptr) return absl::InvalidArgumentError(absl::StrCat("unknown field ", name));
    const bool fits =
        field->is_number() ? value.is_number_integer() : field->type() == value.type();
    if (!fits) return absl::InvalidArgumentError(absl::StrCat(name, " has the wrong type"));
  }
  Fault fault{.method = StringOr(json, "method"),
              .user_id = IntOr(json, "user_id"),
              .times = static_cast<int>(IntOr(json, "times", 1)),
              .error_code = static_cast<int>(IntOr(json, "error_code")),
              .description = StringOr(json, "description"),
              .retry_after_s = static_cast<int>(IntOr(json, "retry_after_s")),
              .body = StringOr(json, "body"),
              .delay = absl::Milliseconds(IntOr(json, "delay_ms")),
              .drop = BoolOr(json, "drop"),
              .after = BoolOr(json, "after")};
  if (fault.times < 1) return absl::InvalidArgumentError("times must be 1 or more");
  if (fault.error_code != 0 && (fault.error_code < 400 || fault.error_code > 599)) {
    return absl::InvalidArgumentError("error_code must be 400 to 599");
  }
  if (fault.error_code == 429 && fault.retry_after_s == 0) fault.retry_after_s = 1;
  return fault;
}

int64_t Faults::Add(Fault fault) {
  faults_.push_back({.number = next_, .fault = std::move(fault)});
  return next_++;
}

void Faults::Remove(int64_t number) {
  faults_.remove_if([number](const Numbered& fault) { return fault.number == number; });
}

std::optional<Fault> Faults::Take(std::string_view method, int64_t chat_id) {
  const auto found = std::find_if(faults_.begin(), faults_.end(), [&](const Numbered& numbered) {
    const Fault& fault = numbered.fault;
    return (fault.method.empty() || absl::EqualsIgnoreCase(fault.method, method)) &&
           (fault.user_id == 0 || fault.user_id == chat_id);
  });
  if (found == faults_.end()) return std::nullopt;
  Fault fault = found->fault;
  if (--found->fault.times == 0) faults_.erase(found);
  return fault;
}

Json Faults::ToJson() const {
  Json array = Json::array();
  for (const Numbered& numbered : faults_) {
    Json json = numbered.fault.ToJson();
    json["id"] = numbered.number;
    array.push_back(std::move(json));
  }
  return array;
}

absl::Duration ChatRate::Wait(int64_t chat_id, absl::Time now) {
  if (options_.per_second <= 0) return absl::ZeroDuration();
  const double full = std::max(options_.burst, 1);
  Bucket& bucket = buckets_.try_emplace(chat_id, Bucket{full, now}).first->second;
  const double gained =
      std::max(0.0, absl::ToDoubleSeconds(now - bucket.filled)) * options_.per_second;
  bucket.tokens = std::min(full, bucket.tokens + gained);
  bucket.filled = now;
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return absl::ZeroDuration();
  }
  return absl::Seconds(std::ceil((1 - bucket.tokens) / options_.per_second));
}

}  // namespace selfology::telegram_emulator
