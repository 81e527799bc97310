#include "common/paging/page.h"

#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace selfology::paging {
namespace {

absl::Status ForeignToken() {
  return status::InvalidField("page_token",
                              "must be the next_page_token of the same list with the same filters");
}

// A token is "<length of the position>:<position><filter>".
std::optional<std::string> PositionIn(std::string_view token, std::string_view filter) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(token, &bytes)) return std::nullopt;
  const size_t colon = bytes.find(':');
  size_t length = 0;
  if (colon == std::string::npos ||
      !absl::SimpleAtoi(std::string_view(bytes).substr(0, colon), &length)) {
    return std::nullopt;
  }
  const std::string_view rest = std::string_view(bytes).substr(colon + 1);
  if (length == 0 || length > rest.size() || rest.substr(length) != filter) return std::nullopt;
  return std::string(rest.substr(0, length));
}

}  // namespace

std::string Page::TokenAfter(std::string_view position) const {
  return absl::WebSafeBase64Escape(absl::StrCat(position.size(), ":", position, filter));
}

absl::StatusOr<int64_t> Page::AfterId(int64_t first) const {
  if (after.empty()) return first;
  int64_t id = 0;
  if (!absl::SimpleAtoi(after, &id)) return ForeignToken();
  return id;
}

absl::StatusOr<Page> ReadEncoded(std::string filter, std::string_view token, int32_t size,
                                 const Limits& limits) {
  if (size < 0 || size > limits.max_size) {
    return status::InvalidField("page_size", absl::StrCat("must be 0 to ", limits.max_size));
  }
  Page page{
      .size = size == 0 ? limits.default_size : size, .after = "", .filter = std::move(filter)};
  if (token.empty()) return page;
  std::optional<std::string> position = PositionIn(token, page.filter);
  if (!position.has_value()) return ForeignToken();
  page.after = *std::move(position);
  return page;
}

}  // namespace selfology::paging
