#include "services/edge/api_gateway/documented_errors.h"

#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/transcode/problem.h"
#include "common/transcode/request.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::api_gateway {
namespace {

using google::protobuf::MethodDescriptor;

constexpr std::string_view kPrefix = "ERROR_CODE_";

bool IsOfWord(char c) { return absl::ascii_isalnum(c) || c == '_'; }

void Add(mesh::v1::ErrorCode code, CodesByStatus& errors) {
  const std::string name = mesh::v1::ErrorCode_Name(code).substr(kPrefix.size());
  errors[transcode::HttpStatusOf(status::Error(code, ""))].insert(name);
}

// The word that begins there.
std::string_view WordAt(std::string_view text, size_t begin) {
  size_t end = begin;
  while (end < text.size() && IsOfWord(text[end])) ++end;
  return text.substr(begin, end - begin);
}

void AddNamed(std::string_view text, CodesByStatus& errors) {
  for (size_t i = 0; i < text.size();) {
    const std::string_view word = WordAt(text, i);
    mesh::v1::ErrorCode code = mesh::v1::ERROR_CODE_UNSPECIFIED;
    if (!word.empty() && mesh::v1::ErrorCode_Parse(absl::StrCat(kPrefix, word), &code) &&
        code != mesh::v1::ERROR_CODE_UNSPECIFIED) {
      Add(code, errors);
    }
    i += word.size() + 1;
  }
}

// The method whose errors it has, too: "Errors as UpdateUser", "Errors: as UpdateUser".
const MethodDescriptor* LikeWhich(const MethodDescriptor& method, std::string_view comment) {
  for (const std::string_view words : {"Errors as ", "Errors: as "}) {
    const size_t at = comment.find(words);
    if (at == std::string_view::npos) continue;
    const std::string_view name = WordAt(comment, at + words.size());
    return method.service()->FindMethodByName(std::string(name));
  }
  return nullptr;
}

}  // namespace

CodesByStatus ErrorsOf(const transcode::Route& route, const Comments& comments) {
  const MethodDescriptor& method = *route.method;
  CodesByStatus errors;
  AddNamed(comments.Of(*method.service()), errors);
  const std::string comment = comments.Of(method);
  AddNamed(comment, errors);
  if (const MethodDescriptor* const other = LikeWhich(method, comment); other != nullptr) {
    AddNamed(comments.Of(*other), errors);
  }
  using mesh::v1::ErrorCode;
  // A token that is not good is refused also where none is needed.
  for (const ErrorCode code :
       {mesh::v1::ERROR_CODE_INVALID_ARGUMENT, mesh::v1::ERROR_CODE_UNAUTHENTICATED,
        mesh::v1::ERROR_CODE_PERMISSION_DENIED, mesh::v1::ERROR_CODE_RATE_LIMITED,
        mesh::v1::ERROR_CODE_INTERNAL, mesh::v1::ERROR_CODE_SERVICE_UNAVAILABLE}) {
    Add(code, errors);
  }
  errors[504].insert("DEADLINE_EXCEEDED");
  if (route.has_body) {
    Add(mesh::v1::ERROR_CODE_REQUEST_TOO_LARGE, errors);
    errors[415].insert(std::string(transcode::kUnsupportedMediaType));
  }
  // What is no number, for example, is at no path.
  if (!route.variables.empty()) errors[404].insert("NOT_FOUND");
  return errors;
}

}  // namespace selfology::api_gateway
