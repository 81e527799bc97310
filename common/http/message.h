// What HTTP requests and responses have in common.
//
//   http::Headers headers = {{"Content-Type", "text/plain"}};
//   headers.Set("Retry-After", "5");
//   headers.Get("content-type");          // names are compared without regard to case
//
// Threads: values.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace selfology::http {

inline constexpr std::string_view kJson = "application/json";
inline constexpr std::string_view kEventStream = "text/event-stream";

// Header fields in their order; a name may occur more than once.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;

  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}

  void Add(std::string_view name, std::string_view value);
  // Replaces all fields of that name.
  void Set(std::string_view name, std::string_view value);
  // The first field of that name.
  std::optional<std::string_view> Get(std::string_view name) const;

  bool empty() const { return fields_.empty(); }
  size_t size() const { return fields_.size(); }
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<Field> fields_;
};

}  // namespace selfology::http
