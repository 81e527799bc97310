// A body of multipart/form-data (RFC 7578): fields, and pictures as files.
//
//   FormData form = MakeForm({{"chat_id", "@channel"}}, {{"photo", "picture.jpg", &picture}});
//   request.headers.Set("Content-Type", form.content_type);
//   request.body = std::move(form.body);
//
// Threads: pure function.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "services/studio/social/platforms/publisher.h"

namespace selfology::social {

struct FormFile {
  std::string name = {};       // Of the field: ASCII without quotes.
  std::string file_name = {};  // The same.
  const Picture* picture = nullptr;
};

struct FormData {
  std::string content_type = {};
  std::string body = {};
};

FormData MakeForm(const std::vector<std::pair<std::string, std::string>>& fields,
                  const std::vector<FormFile>& files);

// "picture-1.jpg", by the number, from 0, and the media type.
std::string FileNameOf(const Picture& picture, size_t number);

}  // namespace selfology::social
