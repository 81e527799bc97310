#include "services/studio/social/platforms/form_data.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace selfology::social {
namespace {

// One that is nowhere within.
std::string BoundaryFor(const std::vector<std::pair<std::string, std::string>>& fields,
                        const std::vector<FormFile>& files) {
  for (int number = 0;; ++number) {
    std::string boundary = absl::StrCat("selfology-form-", number);
    bool within = false;
    for (const auto& [name, value] : fields) within |= absl::StrContains(value, boundary);
    for (const FormFile& file : files) within |= absl::StrContains(file.picture->bytes, boundary);
    if (!within) return boundary;
  }
}

}  // namespace

FormData MakeForm(const std::vector<std::pair<std::string, std::string>>& fields,
                  const std::vector<FormFile>& files) {
  const std::string boundary = BoundaryFor(fields, files);
  FormData form{.content_type = absl::StrCat("multipart/form-data; boundary=", boundary)};
  for (const auto& [name, value] : fields) {
    absl::StrAppend(&form.body, "--", boundary, "\r\nContent-Disposition: form-data; name=\"", name,
                    "\"\r\n\r\n", value, "\r\n");
  }
  for (const FormFile& file : files) {
    absl::StrAppend(&form.body, "--", boundary, "\r\nContent-Disposition: form-data; name=\"",
                    file.name, "\"; filename=\"", file.file_name,
                    "\"\r\nContent-Type: ", file.picture->media_type, "\r\n\r\n",
                    file.picture->bytes, "\r\n");
  }
  absl::StrAppend(&form.body, "--", boundary, "--\r\n");
  return form;
}

std::string FileNameOf(const Picture& picture, size_t number) {
  const std::string_view ending = picture.media_type == "image/png"    ? ".png"
                                  : picture.media_type == "image/webp" ? ".webp"
                                                                       : ".jpg";
  return absl::StrCat("picture-", number + 1, ending);
}

}  // namespace selfology::social
