// All that is kept about a person, as a file for programs and as a page to read.
//
//   ExportDocument document;
//   RETURN_IF_ERROR(document.Add(page));              // Each ExportUserResponse, in order.
//   const std::string json = document.Json(user_id, now);
//   const std::string html = document.Html(Language::kRussian, now);
//
// The JSON has {"services": {"session": {"ListAnswers": {"answers": [...]}}}}: what a method gave,
// the pages of a list put together. The page is one HTML file that loads nothing, readable on a
// phone; all that comes from people is escaped, and what it has no section for stands at its end.
//
// Errors: INTERNAL for what is no JSON object. Threads: as a value.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "selfology/mesh/v1/export_service.pb.h"
#include "services/coaching/coaching_dialog/catalogue.h"

namespace selfology::coaching_dialog {

class ExportDocument {
 public:
  ExportDocument();
  ExportDocument(ExportDocument&&) noexcept;
  ExportDocument& operator=(ExportDocument&&) noexcept;
  ~ExportDocument();

  absl::Status Add(const mesh::v1::ExportUserResponse& page);

  std::string Json(int64_t user_id, absl::Time now) const;
  std::string Html(Language language, absl::Time now) const;

 private:
  struct Data;
  std::unique_ptr<Data> data_;
};

}  // namespace selfology::coaching_dialog
