#include "services/platform/user/jobs/export_document.h"

#include <zip.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/status/status_macros.h"
#include "common/text/html.h"

namespace selfology::user {
namespace {

using Tree = nlohmann::ordered_json;

std::string DayOf(absl::Time now) {
  return absl::FormatTime("%Y-%m-%d %H:%M UTC", now, absl::UTCTimeZone());
}

// "answer_text" for people: "Answer text".
std::string Label(std::string_view name) {
  std::string label = absl::StrReplaceAll(name, {{"_", " "}});
  if (!label.empty()) label[0] = absl::ascii_toupper(static_cast<unsigned char>(label[0]));
  return text::EscapeHtml(label);
}

std::string Words(const Tree& value) {
  if (value.is_string()) return text::EscapeHtml(value.get<std::string>());
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  return text::EscapeHtml(value.dump());
}

void Append(const Tree& value, std::string& html) {
  if (value.is_object()) {
    absl::StrAppend(&html, "<dl>");
    for (const auto& [name, part] : value.items()) {
      if (name == "next_page_token") continue;
      absl::StrAppend(&html, "<dt>", Label(name), "</dt><dd>");
      Append(part, html);
      absl::StrAppend(&html, "</dd>");
    }
    absl::StrAppend(&html, "</dl>");
  } else if (value.is_array()) {
    absl::StrAppend(&html, "<ol>");
    for (const Tree& part : value) {
      absl::StrAppend(&html, "<li>");
      Append(part, html);
      absl::StrAppend(&html, "</li>");
    }
    absl::StrAppend(&html, "</ol>");
  } else {
    absl::StrAppend(&html, Words(value));
  }
}

absl::StatusOr<Tree> ParseObject(const std::string& text) {
  Tree json = Tree::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return absl::InternalError("an export that is no JSON object");
  return json;
}

// A later page of the same list: its entries come behind those that are there.
void Merge(const Tree& page, Tree& into) {
  for (const auto& [name, value] : page.items()) {
    if (name == "next_page_token") continue;
    Tree& known = into[name];
    if (known.is_array() && value.is_array()) {
      known.insert(known.end(), value.begin(), value.end());
    } else {
      known = value;
    }
  }
}

constexpr std::string_view kHead =
    "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
    "<title>What Selfology keeps about you</title><style>"
    "body{font:16px/1.5 sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem;"
    "overflow-wrap:anywhere}dt{font-weight:bold}dd{margin:0 0 .4rem 1.2rem}"
    "h2{border-bottom:1px solid;margin-top:2.5rem}li{margin-bottom:.6rem}</style></head><body>"
    "<h1>What Selfology keeps about you</h1>";

struct DiscardZip {
  void operator()(zip_t* zip) const { zip_discard(zip); }
};
struct FreeSource {
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};

absl::Status ZipFailed() { return absl::InternalError("a zip could not be made"); }

}  // namespace

struct ExportDocument::Data {
  Tree services = Tree::object();
};

ExportDocument::ExportDocument() : data_(std::make_unique<Data>()) {}
ExportDocument::ExportDocument(ExportDocument&&) noexcept = default;
ExportDocument& ExportDocument::operator=(ExportDocument&&) noexcept = default;
ExportDocument::~ExportDocument() = default;

absl::Status ExportDocument::Add(const mesh::v1::ExportUserResponse& page) {
  ASSIGN_OR_RETURN(const Tree json, ParseObject(page.json()));
  Tree& service = data_->services[page.service()];
  if (service.is_null()) service = Tree::object();
  Tree& method = service[page.method()];
  if (method.is_null()) method = Tree::object();
  Merge(json, method);
  return absl::OkStatus();
}

std::string ExportDocument::Json(absl::Time now) const {
  const Tree json = {{"exported_at", absl::FormatTime(now, absl::UTCTimeZone())},
                     {"services", data_->services}};
  return json.dump(2, ' ', false, Tree::error_handler_t::replace);
}

std::string ExportDocument::Html(absl::Time now) const {
  std::string html(kHead);
  absl::StrAppend(&html, "<p>As of ", DayOf(now),
                  ". The same, for programs, is in the file selfology.json.</p>");
  for (const auto& [service, methods] : data_->services.items()) {
    absl::StrAppend(&html, "<h2>", Label(service), "</h2>");
    for (const auto& [method, value] : methods.items()) {
      if (value.empty()) continue;
      Append(value, html);
    }
  }
  absl::StrAppend(&html, "</body></html>\n");
  return html;
}

bool HoldsData(const mesh::v1::ExportUserResponse& page) {
  const absl::StatusOr<Tree> json = ParseObject(page.json());
  if (!json.ok()) return false;
  for (const auto& [name, value] : json->items()) {
    if (value.is_array() && !value.empty()) return true;
  }
  return false;
}

absl::StatusOr<std::string> ZipOf(const NamedFiles& files) {
  zip_error_t error;
  zip_error_init(&error);
  std::unique_ptr<zip_source_t, FreeSource> target(zip_source_buffer_create(nullptr, 0, 0, &error));
  if (target == nullptr) return ZipFailed();
  std::unique_ptr<zip_t, DiscardZip> zip(zip_open_from_source(target.get(), ZIP_TRUNCATE, &error));
  if (zip == nullptr) return ZipFailed();
  // The archive frees its source when it ends; this is for reading it afterwards.
  zip_source_keep(target.get());
  for (const auto& [name, content] : files) {
    zip_source_t* const source = zip_source_buffer(zip.get(), content.data(), content.size(), 0);
    if (source == nullptr) return ZipFailed();
    if (zip_file_add(zip.get(), name.c_str(), source, ZIP_FL_ENC_UTF_8) < 0) {
      zip_source_free(source);
      return ZipFailed();
    }
  }
  if (zip_close(zip.get()) != 0) return ZipFailed();
  (void)zip.release();
  if (zip_source_open(target.get()) != 0) return ZipFailed();
  zip_stat_t about;
  if (zip_source_stat(target.get(), &about) != 0) return ZipFailed();
  std::string bytes(about.size, '\0');
  const zip_int64_t read = zip_source_read(target.get(), bytes.data(), bytes.size());
  zip_source_close(target.get());
  if (read != static_cast<zip_int64_t>(bytes.size())) return ZipFailed();
  return bytes;
}

}  // namespace selfology::user
