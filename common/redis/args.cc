#include "common/redis/args.h"

#include <array>
#include <charconv>

#include "absl/strings/numbers.h"

namespace selfology::redis {
namespace {

std::string Shortest(double number) {
  std::array<char, 32> digits;
  const std::to_chars_result end =
      std::to_chars(digits.data(), digits.data() + digits.size(), number);
  return std::string(digits.data(), end.ptr);
}

}  // namespace

Arg::Arg(double number) : number_(Shortest(number)), text_(number_) {}

Args::Args(std::initializer_list<Arg> args) {
  size_t bytes = 0;
  for (const Arg& arg : args) bytes += arg.text().size() + 16;
  wire_.reserve(bytes);
  for (const Arg& arg : args) Add(arg);
}

Args& Args::Add(const Arg& arg) {
  absl::StrAppend(&wire_, "$", arg.text().size(), "\r\n", arg.text(), "\r\n");
  ++count_;
  return *this;
}

Args& Args::Append(const Args& more) {
  wire_ += more.wire_;
  count_ += more.count_;
  return *this;
}

std::string_view Args::name() const {
  const size_t end_of_length = wire_.find('\r');
  size_t length = 0;
  if (end_of_length == std::string::npos ||
      !absl::SimpleAtoi(std::string_view(wire_).substr(1, end_of_length - 1), &length)) {
    return {};
  }
  return std::string_view(wire_).substr(end_of_length + 2, length);
}

Batch& Batch::Add(const Args& args) {
  absl::StrAppend(&wire_, "*", args.count_, "\r\n", args.wire_);
  ++count_;
  return *this;
}

void Batch::Clear() {
  wire_.clear();
  count_ = 0;
}

}  // namespace selfology::redis
