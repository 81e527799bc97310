// Early return on errors, for functions that return absl::Status or absl::StatusOr<T>.
//
//   RETURN_IF_ERROR(Validate(request));  // a Status or a StatusOr
//   ASSIGN_OR_RETURN(Session session, store::LockSession(tx, id));
//   ASSIGN_OR_RETURN((auto [id, is_new]), Save(tx));  // commas on the left: in parentheses
//
// The error goes up unchanged, with its details. ASSIGN_OR_RETURN is several statements: in an
// `if`, use braces.
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace selfology::status_internal {

inline absl::Status ToStatus(absl::Status status) { return status; }
template <typename T>
absl::Status ToStatus(const absl::StatusOr<T>& result) {
  return result.status();
}

}  // namespace selfology::status_internal

#define RETURN_IF_ERROR(...)                                                                \
  do {                                                                                      \
    absl::Status status_macro_status = ::selfology::status_internal::ToStatus(__VA_ARGS__); \
    if (!status_macro_status.ok()) [[unlikely]]                                             \
      return status_macro_status;                                                           \
  } while (false)

#define ASSIGN_OR_RETURN(lhs, ...) \
  SELFOLOGY_ASSIGN_(SELFOLOGY_CONCAT_(status_macro_result_, __LINE__), lhs, __VA_ARGS__)

#define SELFOLOGY_ASSIGN_(result, lhs, ...) \
  auto result = (__VA_ARGS__);              \
  if (!result.ok()) [[unlikely]]            \
    return std::move(result).status();      \
  SELFOLOGY_BARE_(lhs) = *std::move(result)

#define SELFOLOGY_CONCAT_(a, b) SELFOLOGY_CONCAT_NOW_(a, b)
#define SELFOLOGY_CONCAT_NOW_(a, b) a##b

// Takes one pair of parentheses off, if there is one.
#define SELFOLOGY_BARE_(x) SELFOLOGY_BARE_PASTE_(SELFOLOGY_BARE_MARK_ x)
#define SELFOLOGY_BARE_MARK_(...) SELFOLOGY_BARE_MARK_ __VA_ARGS__
#define SELFOLOGY_BARE_PASTE_(...) SELFOLOGY_BARE_DROP_(__VA_ARGS__)
#define SELFOLOGY_BARE_DROP_(...) SELFOLOGY_DROP_##__VA_ARGS__
#define SELFOLOGY_DROP_SELFOLOGY_BARE_MARK_
