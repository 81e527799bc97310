// One Redis command with its arguments, or a batch of them, in wire form.
//
//   client.Command(call, {"SET", key, value, "PX", absl::ToInt64Milliseconds(ttl)});
//
//   redis::Args read{"XREAD", "COUNT", 100, "STREAMS"};
//   for (const std::string& stream : streams) read.Add(stream);
//
//   redis::Batch batch;
//   for (const Event& event : events) {
//     batch.Add({"XADD", stream, event.id, "payload", event.bytes});
//   }
//
// Arguments are bytes: nothing is escaped, split or interpreted, so no value can become a command.
// Integers are written in decimal, floating point so that it reads back exactly.
//
// Threads: values; share them as const.
#pragma once

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace selfology::redis {

// One argument, borrowed for the length of a call.
class Arg {
 public:
  template <typename T>
    requires std::convertible_to<const T&, std::string_view>
  Arg(const T& text) : text_(text) {}  // NOLINT(google-explicit-constructor)
  template <std::integral T>
    requires(!std::same_as<T, bool> && !std::same_as<T, char>)
  Arg(T number) : number_(absl::StrCat(number)), text_(number_) {}  // NOLINT
  Arg(double number);                                               // NOLINT
  Arg(bool) = delete;                                               // "1", "true" or "yes"? Say it.
  Arg(char) = delete;

  Arg(const Arg&) = delete;
  Arg& operator=(const Arg&) = delete;

  std::string_view text() const { return text_; }

 private:
  std::string number_;  // Short enough for the small string buffer.
  std::string_view text_;
};

class Args {
 public:
  Args() = default;
  Args(std::initializer_list<Arg> args);  // NOLINT(google-explicit-constructor)

  Args& Add(const Arg& arg);
  // All arguments of another list, after those here.
  Args& Append(const Args& more);

  size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  // The first argument as written, for metrics; empty when there is none.
  std::string_view name() const;

 private:
  friend class Batch;

  size_t count_ = 0;
  std::string wire_;  // Each argument as "$<length>\r\n<bytes>\r\n".
};

// Commands to be sent together, in order.
class Batch {
 public:
  Batch& Add(const Args& args);  // At least one argument.
  void Clear();                  // Keeps the memory, for the next batch.
  void Reserve(size_t bytes) { wire_.reserve(bytes); }

  size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  std::string_view wire() const { return wire_; }

 private:
  size_t count_ = 0;
  std::string wire_;
};

}  // namespace selfology::redis
