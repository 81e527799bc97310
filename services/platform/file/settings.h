// What an operator can set of the file service (the flags in module.cc), as values, so that tests
// can choose.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/service/module.h"
#include "services/platform/file/file_rules.h"
#include "services/platform/file/pictures/pictures.h"
#include "services/platform/file/storage/s3_store.h"
#include "services/platform/file/videos/videos.h"

namespace selfology::file {

struct FileSettings {
  std::string listen = "127.0.0.1:0";     // Port 0: any free one.
  std::string base_url = {};              // Of links; empty: the address that it listens on.
  std::vector<std::string> origins = {};  // Whose pages may upload; "*": all.
  std::string folder = "files";
  S3Store::Options s3 = {};   // With a URL: instead of the folder.
  std::string clamd = {};     // Empty: nothing is scanned.
  bool require_scan = false;  // Do not start without clamd.
  Limits limits = {};
  Pictures::Options pictures = {};
  Videos::Options videos = {};  // Without a folder: that of the files.
  bool works_jobs = true;       // Of the queue service, about pictures and videos.
  absl::Duration clean_period = absl::Minutes(1);
  absl::Duration sweep_period = absl::Hours(24);  // Between two looks through the store.
  absl::Duration orphan_age = absl::Hours(24);    // Of objects that no row knows.
  // Called with its port each time that it listens.
  std::function<void(uint16_t port)> listening = nullptr;
};

std::unique_ptr<service::Module> MakeModule(FileSettings settings);

}  // namespace selfology::file
