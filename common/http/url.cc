#include "common/http/url.h"

#include <algorithm>
#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <boost/url/src.hpp>
#include <boost/url/url_view.hpp>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace selfology::http {
namespace {

namespace urls = boost::urls;

bool HasNul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

}  // namespace

absl::StatusOr<Target> ParseTarget(std::string_view target) {
  // The library asserts what does not hold for other bytes, for URIs without an authority, and for
  // fragments, which no target has: it must not see them.
  const absl::string_view given(target.data(), target.size());
  const bool plain = std::all_of(target.begin(), target.end(),
                                 [](char c) { return c > ' ' && c <= '~' && c != '#'; });
  const bool whole =
      absl::StartsWithIgnoreCase(given, "http://") || absl::StartsWithIgnoreCase(given, "https://");
  if (!plain || (!whole && !target.starts_with("/"))) {
    return absl::InvalidArgumentError("malformed request target");
  }
  const urls::string_view text(target.data(), target.size());
  const auto parsed =
      target.starts_with("/") ? urls::parse_origin_form(text) : urls::parse_uri(text);
  if (parsed.has_error()) return absl::InvalidArgumentError("malformed request target");
  const urls::url_view& url = *parsed;
  Target result;
  result.path = url.path();
  result.encoded_path = std::string(url.encoded_path());
  if (result.path.empty()) result.path = result.encoded_path = "/";
  // The library takes ":80/x" for the path of "http://[::1]:8:80/x".
  if (!result.path.starts_with("/")) return absl::InvalidArgumentError("malformed request target");
  if (HasNul(result.path)) return absl::InvalidArgumentError("NUL in the path");
  // Looked for after decoding, so that %2e and %2f hide nothing.
  for (absl::string_view segment : absl::StrSplit(result.path, '/')) {
    if (segment == "." || segment == "..") {
      return absl::InvalidArgumentError("a path must not have . or .. segments");
    }
  }
  urls::encoding_opts plus;
  plus.space_as_plus = true;
  for (const auto& parameter : url.params(plus)) {
    if (HasNul(parameter.key) || HasNul(parameter.value)) {
      return absl::InvalidArgumentError("NUL in the query");
    }
    result.query.emplace_back(parameter.key, parameter.value);
  }
  return result;
}

absl::StatusOr<Parameters> ParseForm(std::string_view body) {
  absl::StatusOr<Target> target = ParseTarget(absl::StrCat("/?", body));
  if (!target.ok()) return absl::InvalidArgumentError("malformed form");
  return std::move(target->query);
}

absl::StatusOr<std::string> Decode(std::string_view text) {
  const auto encoded = urls::make_pct_string_view(urls::string_view(text.data(), text.size()));
  if (encoded.has_error()) return absl::InvalidArgumentError("malformed percent-encoding");
  return std::string(encoded->decode());
}

std::string Encode(std::string_view text) {
  return urls::encode(urls::string_view(text.data(), text.size()), urls::unreserved_chars);
}

std::string EncodeQuery(const Parameters& parameters) {
  return absl::StrJoin(parameters, "&", [](std::string* out, const auto& parameter) {
    absl::StrAppend(out, Encode(parameter.first), "=", Encode(parameter.second));
  });
}

}  // namespace selfology::http
