#include "common/rpc/request_check.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"

namespace selfology::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Duration;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::Timestamp;

constexpr int kMaxElements = 1000;
constexpr int kMaxElementsInAll = 10'000;
constexpr size_t kMaxDepth = 32;

bool InRange(const Timestamp& time) {
  constexpr int64_t kFirst = -62'135'596'800;  // 0001-01-01T00:00:00Z
  constexpr int64_t kLast = 253'402'300'799;   // 9999-12-31T23:59:59Z
  return time.seconds() >= kFirst && time.seconds() <= kLast && time.nanos() >= 0 &&
         time.nanos() < 1'000'000'000;
}

bool InRange(const Duration& duration) {
  constexpr int64_t kMost = 315'576'000'000;  // 10,000 years
  const bool signs_agree = duration.seconds() == 0 || duration.nanos() == 0 ||
                           (duration.seconds() < 0) == (duration.nanos() < 0);
  return duration.seconds() >= -kMost && duration.seconds() <= kMost &&
         duration.nanos() > -1'000'000'000 && duration.nanos() < 1'000'000'000 && signs_agree;
}

// What to look at in messages of one type.
struct Plan {
  enum class Kind { kFields, kTimestamp, kDuration };
  struct Field {
    const FieldDescriptor* field;
    const Plan* message;  // Null but for messages; those of a map are its entries.
  };

  bool empty() const { return kind == Kind::kFields && fields.empty(); }

  Kind kind = Kind::kFields;
  std::vector<Field> fields;
  bool in_making = false;
};

// One look at a request.
class Look {
 public:
  absl::Status At(const Message& request, const Plan& plan) {
    AtMessage(request, plan);
    return bad_.ToStatus();
  }

 private:
  // A field on the way down to where the look is; index -1: not within a list.
  struct Step {
    const FieldDescriptor* field;
    int index;
  };

  void AtMessage(const Message& message, const Plan& plan) {
    if (path_.size() > kMaxDepth) return Violates("must not be nested more than 32 deep");
    switch (plan.kind) {
      case Plan::Kind::kTimestamp:
        if (!InRange(*google::protobuf::DynamicCastToGenerated<Timestamp>(&message))) {
          Violates("must be from the year 1 to 9999, with 0 to 999,999,999 nanoseconds");
        }
        return;
      case Plan::Kind::kDuration:
        if (!InRange(*google::protobuf::DynamicCastToGenerated<Duration>(&message))) {
          Violates("must be at most 10,000 years, its seconds and nanoseconds of one sign");
        }
        return;
      case Plan::Kind::kFields:
        break;
    }
    const Reflection& reflection = *message.GetReflection();
    for (const Plan::Field& field : plan.fields) {
      if (elements_ > kMaxElementsInAll) return;
      path_.push_back({field.field, -1});
      AtField(message, reflection, field);
      path_.pop_back();
    }
  }

  void AtField(const Message& message, const Reflection& reflection, const Plan::Field& field) {
    if (field.field->is_repeated()) {
      AtElements(message, reflection, field);
    } else if (field.message != nullptr) {
      if (reflection.HasField(message, field.field)) {
        AtMessage(reflection.GetMessage(message, field.field), *field.message);
      }
    } else {
      AtText(reflection.GetStringReference(message, field.field, &scratch_));
    }
  }

  void AtElements(const Message& message, const Reflection& reflection, const Plan::Field& field) {
    const int size = reflection.FieldSize(message, field.field);
    if (size > kMaxElements) return Violates("must have at most 1,000 elements");
    elements_ += size;
    if (elements_ > kMaxElementsInAll) {
      return Violates("must not bring the elements of all lists to more than 10,000");
    }
    const bool is_text = field.field->type() == FieldDescriptor::TYPE_STRING;
    if (!is_text && (field.message == nullptr || field.message->empty())) return;
    for (int i = 0; i < size; ++i) {
      // The entries of a map have no order to number them by.
      if (!field.field->is_map()) path_.back().index = i;
      if (is_text) {
        AtText(reflection.GetRepeatedStringReference(message, field.field, i, &scratch_));
      } else {
        AtMessage(reflection.GetRepeatedMessage(message, field.field, i), *field.message);
      }
      if (elements_ > kMaxElementsInAll) return;
    }
  }

  void AtText(std::string_view text) {
    if (text.find('\0') != std::string_view::npos) Violates("must not contain the character NUL");
  }

  void Violates(std::string_view rule) {
    std::string field;
    for (const Step& step : path_) {
      absl::StrAppend(&field, field.empty() ? "" : ".", step.field->name());
      if (step.index >= 0) absl::StrAppend(&field, "[", step.index, "]");
    }
    bad_.Add(field, rule);
  }

  status::FieldViolations bad_;
  std::vector<Step> path_;
  std::string scratch_;
  int elements_ = 0;
};

}  // namespace

// Of the type and of all that it reaches; types may reach themselves.
class RequestCheck::Plans {
 public:
  explicit Plans(const Descriptor& type) : root_(&PlanOf(type)) {}
  const Plan& root() const { return *root_; }

 private:
  const Plan& PlanOf(const Descriptor& type) {
    const auto [entry, is_new] = by_type_.try_emplace(&type);
    Plan& plan = entry->second;
    if (!is_new) return plan;
    if (&type == Timestamp::descriptor()) {
      plan.kind = Plan::Kind::kTimestamp;
      return plan;
    }
    if (&type == Duration::descriptor()) {
      plan.kind = Plan::Kind::kDuration;
      return plan;
    }
    plan.in_making = true;
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor* const field = type.field(i);
      if (field->message_type() != nullptr) {
        const Plan& message = PlanOf(*field->message_type());
        if (field->is_repeated() || message.in_making || !message.empty()) {
          plan.fields.push_back({field, &message});
        }
      } else if (field->is_repeated() || field->type() == FieldDescriptor::TYPE_STRING) {
        plan.fields.push_back({field, nullptr});
      }
    }
    plan.in_making = false;
    return plan;
  }

  std::map<const Descriptor*, Plan> by_type_;
  const Plan* root_;
};

RequestCheck::RequestCheck(const Descriptor& type) : plans_(std::make_unique<Plans>(type)) {}
RequestCheck::RequestCheck(RequestCheck&&) noexcept = default;
RequestCheck::~RequestCheck() = default;

bool RequestCheck::looks() const { return !plans_->root().empty(); }

absl::Status RequestCheck::operator()(const Message& request) const {
  return looks() ? Look().At(request, plans_->root()) : absl::OkStatus();
}

}  // namespace selfology::rpc
