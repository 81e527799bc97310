// All that is kept about a person, as a file for programs and as a page to read.
//
//   ExportDocument document;
//   RETURN_IF_ERROR(document.Add(page));              // Each ExportUserResponse, in order.
//   const std::string zip = ZipOf({{"selfology.json", document.Json(now)},
//                                  {"selfology.html", document.Html(now)}}).value();
//
// The JSON has {"services": {"session": {"ListAnswers": {"answers": [...]}}}}: what a method gave,
// the pages of a list put together. The page is one HTML file that loads nothing; all that comes from
// people is escaped. Errors: INTERNAL for what is no JSON object. Threads: as a value.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "selfology/mesh/v1/export_service.pb.h"

namespace selfology::user {

class ExportDocument {
 public:
  ExportDocument();
  ExportDocument(ExportDocument&&) noexcept;
  ExportDocument& operator=(ExportDocument&&) noexcept;
  ~ExportDocument();

  absl::Status Add(const mesh::v1::ExportUserResponse& page);

  std::string Json(absl::Time now) const;
  std::string Html(absl::Time now) const;

 private:
  struct Data;
  std::unique_ptr<Data> data_;
};

// Whether one of its lists has an entry. What services say of a person whom they do not know (their
// stage, their preferences) is no data.
bool HoldsData(const mesh::v1::ExportUserResponse& page);

using NamedFiles = std::vector<std::pair<std::string, std::string>>;
// Name and content of each, as one zip. Errors: INTERNAL.
absl::StatusOr<std::string> ZipOf(const NamedFiles& files);

}  // namespace selfology::user
