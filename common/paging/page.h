// Pages of a list: what every List RPC does with page_size and page_token.
//
//   ASSIGN_OR_RETURN(const paging::Page page,
//                    paging::Read(request, {.default_size = 50, .max_size = 200}));
//   ASSIGN_OR_RETURN(const int64_t after, page.AfterId(0));
//   ASSIGN_OR_RETURN(std::vector<Answer> answers,
//                    store::ListAnswers(tx, ..., after, page.limit()));
//   response.set_next_page_token(page.Cut(answers, &Answer::answer_id));
//
// A position is the list's own text, such as the last row's id. The token carries it together with
// the request's other fields, so that a token is good for the list it came from only; page_size may
// differ.
//
// Errors: INVALID_ARGUMENT naming page_size or page_token. Threads: values and pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace selfology::paging {

struct Limits {
  int default_size;  // For page_size 0.
  int max_size;
};

struct Page {
  int size;
  std::string after;   // The position to go on behind; empty: from the start.
  std::string filter;  // The request without its paging fields.

  // How many rows to read: one more than the page shows tells whether there is a next.
  int limit() const { return size + 1; }

  // Cuts those rows to the page; gives the next_page_token, empty on the last page. A row's position
  // is what `position` gives for it: a member or a function, of an integer or a text.
  template <typename Row, typename Position>
  std::string Cut(std::vector<Row>& rows, Position position) const {
    if (rows.size() <= static_cast<size_t>(size)) return "";
    rows.erase(rows.begin() + size, rows.end());
    return TokenAfter(absl::StrCat(std::invoke(position, rows.back())));
  }

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
