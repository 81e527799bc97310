// Pages of a list: what every List RPC does with page_size and page_token.
//
//   ASSIGN_OR_RETURN(const paging::Page page,
//                    paging::Read(request, {.default_size = 50, .max_size = 200}));
//   rows = store::ListAnswers(tx, ..., page.after, page.size + 1);  // one more: is there a next?
//   if (rows.size() > page.size) {
//     response.set_next_page_token(page.TokenAfter(position of the last shown));
//   }
//
// A position is the list's own text, such as the last row's id. The token carries it together with
// the request's other fields, so that a token is good for the list it came from only; page_size may
// differ.
//
// Errors: INVALID_ARGUMENT naming page_size or page_token. Threads: values and pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace selfology::paging {

struct Limits {
  int default_size;  // For page_size 0.
  int max_size;
};

struct Page {
  int size;
  std::string after;   // The position to go on behind; empty: from the start.
  std::string filter;  // The request without its paging fields.

  std::string TokenAfter(std::string_view position) const;
  // The position as a row's id, for lists in the order of ids; `first` on the first page.
  absl::StatusOr<int64_t> AfterId(int64_t first) const;
};

absl::StatusOr<Page> ReadEncoded(std::string filter, std::string_view token, int32_t size,
                                 const Limits& limits);

template <typename Request>
absl::StatusOr<Page> Read(const Request& request, const Limits& limits) {
  Request filter = request;
  filter.clear_page_size();
  filter.clear_page_token();
  return ReadEncoded(filter.SerializeAsString(), request.page_token(), request.page_size(), limits);
}

}  // namespace selfology::paging
