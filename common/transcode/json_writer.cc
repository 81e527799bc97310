#include "common/transcode/json_writer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "google/protobuf/reflection.h"
#include "google/protobuf/util/json_util.h"
#include "nlohmann/json.hpp"
#include "selfology/mesh/v1/options.pb.h"

namespace selfology::transcode {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

bool IsGoogles(const Descriptor& type) { return type.file()->package() == "google.protobuf"; }

template <typename Float>
void AppendFloat(Float value, std::string& out) {
  if (std::isnan(value)) {
    out += "\"NaN\"";
  } else if (std::isinf(value)) {
    out += value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  } else {
    char digits[32];
    const auto result = std::to_chars(digits, digits + sizeof digits, value);
    out.append(digits, result.ptr);
  }
}

class Writer {
 public:
  Writer(const JsonStyle& style, std::string& out) : style_(style), out_(out) {}

  absl::Status Write(const Message& message) {
    if (IsGoogles(*message.GetDescriptor())) return WriteGoogles(message);
    out_ += '{';
    bool is_first = true;
    const Descriptor& type = *message.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      if (!IsWritten(message, field)) continue;
      if (!is_first) out_ += ',';
      is_first = false;
      absl::StrAppend(&out_, "\"", field.name(), "\":");
      RETURN_IF_ERROR(WriteField(message, field));
    }
    out_ += '}';
    return absl::OkStatus();
  }

  absl::Status WriteField(const Message& message, const FieldDescriptor& field) {
    if (field.is_map()) return WriteMap(message, field);
    if (!field.is_repeated()) return WriteValue(message, field, kSingular);
    out_ += '[';
    const int size = message.GetReflection()->FieldSize(message, &field);
    for (int i = 0; i < size; ++i) {
      if (i > 0) out_ += ',';
      RETURN_IF_ERROR(WriteValue(message, field, i));
    }
    out_ += ']';
    return absl::OkStatus();
  }

 private:
  static constexpr int kSingular = -1;

  static bool IsWritten(const Message& message, const FieldDescriptor& field) {
    if (field.is_repeated() || !field.has_presence()) return true;
    return message.GetReflection()->HasField(message, &field);
  }

  absl::Status WriteGoogles(const Message& message) {
    const Descriptor& type = *message.GetDescriptor();
    if (style_.integers_as_numbers &&
        (type.name() == "Int64Value" || type.name() == "UInt64Value")) {
      return WriteValue(message, *type.FindFieldByName("value"), kSingular);
    }
    google::protobuf::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    std::string text;
    const auto printed = google::protobuf::util::MessageToJsonString(message, &text, options);
    // Quoting the library would quote values.
    if (!printed.ok()) return absl::InternalError(absl::StrCat("not a ", type.full_name()));
    out_ += text;
    return absl::OkStatus();
  }

  absl::Status WriteMap(const Message& message, const FieldDescriptor& field) {
    const FieldDescriptor& key = *field.message_type()->map_key();
    const FieldDescriptor& value = *field.message_type()->map_value();
    const Reflection& reflection = *message.GetReflection();
    std::vector<std::pair<std::string, const Message*>> entries;
    for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
      const Message& entry = reflection.GetRepeatedMessage(message, &field, i);
      entries.emplace_back(KeyOf(entry, key), &entry);
    }
    std::sort(entries.begin(), entries.end());
    out_ += '{';
    for (size_t i = 0; i < entries.size(); ++i) {
      if (i > 0) out_ += ',';
      AppendJsonString(entries[i].first, out_);
      out_ += ':';
      RETURN_IF_ERROR(WriteValue(*entries[i].second, value, kSingular));
    }
    out_ += '}';
    return absl::OkStatus();
  }

  static std::string KeyOf(const Message& entry, const FieldDescriptor& key) {
    const Reflection& reflection = *entry.GetReflection();
    switch (key.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return absl::StrCat(reflection.GetInt32(entry, &key));
      case FieldDescriptor::CPPTYPE_INT64:
        return absl::StrCat(reflection.GetInt64(entry, &key));
      case FieldDescriptor::CPPTYPE_UINT32:
        return absl::StrCat(reflection.GetUInt32(entry, &key));
      case FieldDescriptor::CPPTYPE_UINT64:
        return absl::StrCat(reflection.GetUInt64(entry, &key));
      case FieldDescriptor::CPPTYPE_BOOL:
        return reflection.GetBool(entry, &key) ? "true" : "false";
      default:
        return reflection.GetString(entry, &key);
    }
  }

  // Of a repeated field the one with that index.
  absl::Status WriteValue(const Message& message, const FieldDescriptor& field, int index) {
    const Reflection& reflection = *message.GetReflection();
    const bool one = index == kSingular;
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        absl::StrAppend(&out_, one ? reflection.GetInt32(message, &field)
                                   : reflection.GetRepeatedInt32(message, &field, index));
        return absl::OkStatus();
      case FieldDescriptor::CPPTYPE_UINT32:
        absl::StrAppend(&out_, one ? reflection.GetUInt32(message, &field)
                                   : reflection.GetRepeatedUInt32(message, &field, index));
        return absl::OkStatus();
      case FieldDescriptor::CPPTYPE_INT64:
        return WriteLong(field, one ? reflection.GetInt64(message, &field)
                                    : reflection.GetRepeatedInt64(message, &field, index));
      case FieldDescriptor::CPPTYPE_UINT64:
        return WriteLong(field, one ? reflection.GetUInt64(message, &field)
                                    : reflection.GetRepeatedUInt64(message, &field, index));
      case FieldDescriptor::CPPTYPE_DOUBLE:
        AppendFloat(one ? reflection.GetDouble(message, &field)
                        : reflection.GetRepeatedDouble(message, &field, index),
                    out_);
        return absl::OkStatus();
      case FieldDescriptor::CPPTYPE_FLOAT:
        AppendFloat(one ? reflection.GetFloat(message, &field)
                        : reflection.GetRepeatedFloat(message, &field, index),
                    out_);
        return absl::OkStatus();
      case FieldDescriptor::CPPTYPE_BOOL:
        out_ += (one ? reflection.GetBool(message, &field)
                     : reflection.GetRepeatedBool(message, &field, index))
                    ? "true"
                    : "false";
        return absl::OkStatus();
      case FieldDescriptor::CPPTYPE_ENUM:
        WriteEnum(field, one ? reflection.GetEnumValue(message, &field)
                             : reflection.GetRepeatedEnumValue(message, &field, index));
        return absl::OkStatus();
      case FieldDescriptor::CPPTYPE_STRING:
        WriteString(message, field, index);
        return absl::OkStatus();
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Write(one ? reflection.GetMessage(message, &field)
                         : reflection.GetRepeatedMessage(message, &field, index));
    }
    return absl::InternalError("a field of no known type");
  }

  template <typename Integer>
  absl::Status WriteLong(const FieldDescriptor& field, Integer value) {
    if (!style_.integers_as_numbers) {
      absl::StrAppend(&out_, "\"", value, "\"");
      return absl::OkStatus();
    }
    bool is_exact = value <= static_cast<Integer>(kMaxExactInteger);
    if constexpr (std::is_signed_v<Integer>) is_exact = is_exact && value >= -kMaxExactInteger;
    if (!is_exact) {
      return absl::InternalError(
          absl::StrCat(field.full_name(), " is beyond what a JSON number holds"));
    }
    absl::StrAppend(&out_, value);
    return absl::OkStatus();
  }

  void WriteEnum(const FieldDescriptor& field, int number) {
    if (field.enum_type()->full_name() == "google.protobuf.NullValue") {
      out_ += "null";
      return;
    }
    const EnumValueDescriptor* const value = field.enum_type()->FindValueByNumber(number);
    if (value == nullptr) {
      absl::StrAppend(&out_, number);
    } else {
      absl::StrAppend(&out_, "\"", style_.short_enums ? ShortWord(*value) : value->name(), "\"");
    }
  }

  void WriteString(const Message& message, const FieldDescriptor& field, int index) {
    const Reflection& reflection = *message.GetReflection();
    std::string scratch;
    const std::string& value =
        index == kSingular
            ? reflection.GetStringReference(message, &field, &scratch)
            : reflection.GetRepeatedStringReference(message, &field, index, &scratch);
    if (field.type() == FieldDescriptor::TYPE_BYTES) {
      absl::StrAppend(&out_, "\"", absl::Base64Escape(value), "\"");
    } else {
      AppendJsonString(value, out_);
    }
  }

  const JsonStyle style_;
  std::string& out_;
};

}  // namespace

JsonStyle StyleOf(const google::protobuf::ServiceDescriptor& service) {
  const mesh::v1::JsonStyle& style = service.options().GetExtension(mesh::v1::json_style);
  return {.integers_as_numbers = style.integers_as_numbers(), .short_enums = style.short_enums()};
}

absl::Status AppendJson(const Message& message, const JsonStyle& style, std::string& out) {
  return Writer(style, out).Write(message);
}

absl::Status AppendFieldJson(const Message& message, const FieldDescriptor& field,
                             const JsonStyle& style, std::string& out) {
  return Writer(style, out).WriteField(message, field);
}

std::string ShortWord(const EnumValueDescriptor& value) {
  constexpr std::string_view kZero = "UNSPECIFIED";
  std::string_view name = value.name();
  const std::string& zero = value.type()->value(0)->name();
  if (zero.ends_with(kZero)) {
    const std::string_view prefix = std::string_view(zero).substr(0, zero.size() - kZero.size());
    if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  }
  return absl::AsciiStrToLower(absl::string_view(name.data(), name.size()));
}

void AppendJsonString(std::string_view text, std::string& out) {
  const bool is_plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
  });
  if (is_plain) {
    absl::StrAppend(&out, "\"", text, "\"");
    return;
  }
  constexpr bool kAsciiOnly = false;
  out += nlohmann::json(text).dump(-1, ' ', kAsciiOnly, nlohmann::json::error_handler_t::replace);
}

}  // namespace selfology::transcode
