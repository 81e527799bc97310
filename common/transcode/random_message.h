// Random messages of any type, for tests: what JSON can hold.
#pragma once

#include <cmath>
#include <string>

#include "absl/random/bit_gen_ref.h"
#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace selfology::transcode {

class RandomMessage {
 public:
  // max_integer bounds 64-bit integers.
  RandomMessage(absl::BitGenRef bits, int64_t max_integer)
      : bits_(bits), max_integer_(max_integer) {}

  void Fill(google::protobuf::Message& message, int depth = 0) {
    const auto& type = *message.GetDescriptor();
    if (type.file()->package() == "google.protobuf" && FillGoogles(message)) return;
    for (int i = 0; i < type.field_count(); ++i) {
      const auto& field = *type.field(i);
      const bool is_deep = field.message_type() != nullptr && depth >= 3;
      if (is_deep || !absl::Bernoulli(bits_, 0.5)) continue;
      if (field.is_map()) {
        FillMap(message, field, depth);
        continue;
      }
      const int count = field.is_repeated() ? absl::Uniform(bits_, 0, 4) : 1;
      for (int k = 0; k < count; ++k) FillField(message, field, depth);
    }
  }

 private:
  using Field = google::protobuf::FieldDescriptor;

  // False: by its fields.
  bool FillGoogles(google::protobuf::Message& message) {
    const auto& type = *message.GetDescriptor();
    const auto& reflection = *message.GetReflection();
    const auto number = [&](const char* name, int64_t value) {
      reflection.SetInt64(&message, type.FindFieldByName(name), value);
    };
    const auto nanos = [&](int32_t value) {
      reflection.SetInt32(&message, type.FindFieldByName("nanos"), value);
    };
    if (type.name() == "Timestamp") {
      number("seconds", absl::Uniform<int64_t>(bits_, -62135596800, 253402300800));
      nanos(absl::Uniform(bits_, 0, 1'000'000'000));
    } else if (type.name() == "Duration") {
      number("seconds", absl::Uniform<int64_t>(bits_, 0, 315576000001));
      nanos(absl::Uniform(bits_, 0, 1'000'000'000));
    } else if (type.name() == "FieldMask") {
      for (int i = absl::Uniform(bits_, 0, 3); i > 0; --i) {
        reflection.AddString(&message, type.FindFieldByName("paths"),
                             absl::StrCat("path_one.b", i));
      }
    } else if (type.name() == "Value") {
      // A value without a kind is no JSON.
      reflection.SetString(&message, type.FindFieldByName("string_value"), Text());
    } else if (type.name() == "Any" || type.name() == "Struct") {
      return true;
    } else {
      return false;
    }
    return true;
  }

  void FillMap(google::protobuf::Message& message, const Field& field, int depth) {
    const auto& reflection = *message.GetReflection();
    const auto& key = *field.message_type()->map_key();
    for (int i = absl::Uniform(bits_, 0, 3); i > 0; --i) {
      auto* const entry = reflection.AddMessage(&message, &field);
      FillField(*entry, *field.message_type()->map_value(), depth + 1);
      // Different ones.
      const auto& of_entry = *entry->GetReflection();
      if (key.cpp_type() == Field::CPPTYPE_STRING) {
        of_entry.SetString(entry, &key, absl::StrCat("\"key", i));
      } else if (key.cpp_type() == Field::CPPTYPE_BOOL) {
        of_entry.SetBool(entry, &key, i % 2 == 0);
      } else {
        of_entry.SetInt32(entry, &key, -i);
      }
    }
  }

  std::string Text() {
    static constexpr const char* kPieces[] = {"a", "\"",     "\\", "\n", "\x01",
                                              "я", "\u2028", "</", "🙂"};
    std::string text;
    for (int i = absl::Uniform(bits_, 0, 6); i > 0; --i)
      text += kPieces[absl::Uniform(bits_, 0, 9)];
    return text;
  }

  double Number() {
    switch (absl::Uniform(bits_, 0, 5)) {
      case 0:
        return std::nan("");
      case 1:
        return -HUGE_VAL;
      case 2:
        return static_cast<double>(absl::Uniform(bits_, -10, 10));
      default:
        return std::ldexp(absl::Uniform(bits_, -1.0, 1.0), absl::Uniform(bits_, -120, 120));
    }
  }

  void FillField(google::protobuf::Message& message, const Field& field, int depth) {
    const auto& reflection = *message.GetReflection();
    const bool many = field.is_repeated();
#define SELFOLOGY_PUT(Name, value)                      \
  many ? reflection.Add##Name(&message, &field, value)  \
       : reflection.Set##Name(&message, &field, value); \
  break
    switch (field.cpp_type()) {
      case Field::CPPTYPE_INT32:
        SELFOLOGY_PUT(Int32, static_cast<int32_t>(absl::Uniform<uint32_t>(bits_)));
      case Field::CPPTYPE_UINT32:
        SELFOLOGY_PUT(UInt32, absl::Uniform<uint32_t>(bits_));
      case Field::CPPTYPE_INT64:
        SELFOLOGY_PUT(Int64,
                      absl::Uniform(absl::IntervalClosed, bits_, -max_integer_, max_integer_));
      case Field::CPPTYPE_UINT64:
        SELFOLOGY_PUT(UInt64, absl::Uniform(absl::IntervalClosed, bits_, uint64_t{0},
                                            static_cast<uint64_t>(max_integer_)));
      case Field::CPPTYPE_DOUBLE:
        SELFOLOGY_PUT(Double, Number());
      case Field::CPPTYPE_FLOAT:
        SELFOLOGY_PUT(Float, static_cast<float>(Number()));
      case Field::CPPTYPE_BOOL:
        SELFOLOGY_PUT(Bool, absl::Bernoulli(bits_, 0.5));
      case Field::CPPTYPE_ENUM:
        SELFOLOGY_PUT(EnumValue, absl::Uniform(bits_, 0, field.enum_type()->value_count()));
      case Field::CPPTYPE_STRING:
        SELFOLOGY_PUT(String,
                      field.type() == Field::TYPE_BYTES ? std::string("\0\xff\x80", 3) : Text());
      case Field::CPPTYPE_MESSAGE:
        Fill(many ? *reflection.AddMessage(&message, &field)
                  : *reflection.MutableMessage(&message, &field),
             depth + 1);
        break;
    }
#undef SELFOLOGY_PUT
  }

  absl::BitGenRef bits_;
  const int64_t max_integer_;
};

}  // namespace selfology::transcode
