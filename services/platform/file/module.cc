// People's files: taken in by pieces, checked, made into pictures and videos, given out by links.
#include "services/platform/file/module.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/crypto/crypto.h"
#include "common/http/listen_address.h"
#include "common/http/server.h"
#include "common/jobs/worker.h"
#include "common/observe/log.h"
#include "common/service/mesh.h"
#include "common/service/settings.h"
#include "common/status/status_macros.h"
#include "services/platform/file/cleaning.h"
#include "services/platform/file/digest.h"
#include "services/platform/file/file_service.h"
#include "services/platform/file/files.h"
#include "services/platform/file/migrations.h"
#include "services/platform/file/object_row_store.h"
#include "services/platform/file/picture_jobs.h"
#include "services/platform/file/scan/scanner.h"
#include "services/platform/file/settings.h"
#include "services/platform/file/storage/folder_store.h"
#include "services/platform/file/storage/s3_store.h"
#include "services/platform/file/tus/tus_server.h"
#include "services/platform/file/video_jobs.h"
#include "services/platform/file/videos/videos.h"

using selfology::file::FileSettings;
using selfology::service::Secret;

ABSL_FLAG(std::string, file_listen, "127.0.0.1:0",
          "Address for uploads by tus and for links to files; port 0: any free one");
ABSL_FLAG(std::string, file_base_url, "",
          "Public base URL of links to files; empty: the address of --file_listen");
ABSL_FLAG(std::vector<std::string>, file_origins, {},
          "Origins whose pages may upload, such as https://app.example.org; * for all");
ABSL_FLAG(std::string, file_folder, FileSettings().folder,
          "Folder in which files are kept, shared by all replicas; unused with --file_s3_url");
ABSL_FLAG(std::string, file_s3_url, "",
          "Bucket of S3 in which files are kept, such as https://s3.eu-west-1.amazonaws.com/bucket;"
          " empty: --file_folder");
ABSL_FLAG(std::string, file_s3_region, "us-east-1", "Region of --file_s3_url");
ABSL_FLAG(std::string, file_s3_access_key, "", "Access key of --file_s3_url");
ABSL_FLAG(Secret, file_s3_secret_key, {}, "Secret key of --file_s3_url");
ABSL_FLAG(std::string, file_clamd, "",
          "Where clamd listens, the path of its socket or IP:port; empty: files are not scanned for"
          " malware, and say so");
ABSL_FLAG(bool, file_require_scan, false, "Refuse to start without --file_clamd");
ABSL_FLAG(int64_t, file_max_bytes, FileSettings().limits.max_file_bytes, "Largest file, in bytes");
ABSL_FLAG(int64_t, file_quota_bytes, FileSettings().limits.quota_bytes,
          "What one person may keep, in bytes");
ABSL_FLAG(std::string, file_ffmpeg, "",
          "Path of ffmpeg, beside which ffprobe lies; empty: videos are kept as they are, and their"
          " jobs wait");
ABSL_FLAG(std::string, file_work_folder, "",
          "Folder for videos while they are worked on, up to 1 GB each; empty: --file_folder");
ABSL_FLAG(absl::Duration, file_upload_life, FileSettings().limits.upload_life,
          "Time after which an unfinished upload is removed");

namespace selfology::file {
namespace {

constexpr absl::Duration kListenAgain = absl::Seconds(1);
constexpr absl::Duration kFarewell = absl::Seconds(5);
constexpr absl::Duration kCheckTimeout = absl::Minutes(14);  // Within the lease of a check.
constexpr absl::Duration kCheckPeriod = absl::Seconds(1);
constexpr absl::Duration kSlowBody = absl::Minutes(5);  // 8 MiB at 28 kB/s.
constexpr absl::Duration kAskScanner = absl::Seconds(2);
constexpr absl::Duration kTryFfmpeg = absl::Seconds(30);

Videos::Options VideoOptions(const FileSettings& settings) {
  Videos::Options options = settings.videos;
  if (options.folder.empty()) options.folder = settings.folder;
  return options;
}

// What the module's parts share; they refer to each other, so they live and go together.
struct Parts {
  Parts(service::Mesh& mesh, const FileSettings& settings, std::unique_ptr<ObjectStore> store)
      : objects(std::move(store)),
        pictures(settings.pictures),
        videos(VideoOptions(settings)),
        files({.database = mesh.database(),
               .objects = *objects,
               .pictures = pictures,
               .videos = videos,
               .metrics = mesh.metrics(),
               .clock = mesh.clock(),
               .limits = settings.limits,
               .clamd = settings.clamd}),
        cleaning(mesh.database(), files, mesh.metrics(), settings.orphan_age),
        video_jobs(files, mesh.Peer("queue")),
        service(mesh.database(), files, cleaning, video_jobs, [this] { return BaseUrl(); }),
        tus({.files = files,
             .cleaning = cleaning,
             .authenticate =
                 [&mesh](const Call& call, std::string_view authorization) {
                   return mesh.Authenticate(call, authorization);
                 },
             .enforce_access = mesh.settings().enforce_access,
             .origins = settings.origins}),
        picture_jobs(files),
        base_url(settings.base_url) {}

  std::string BaseUrl() {
    absl::MutexLock lock(&mutex);
    return base_url;
  }
  void Listening(std::string url) {
    absl::MutexLock lock(&mutex);
    if (base_url.empty()) base_url = std::move(url);
  }

  const std::unique_ptr<ObjectStore> objects;
  Pictures pictures;
  Videos videos;
  Files files;
  Cleaning cleaning;
  VideoJobs video_jobs;
  FileService service;
  TusServer tus;
  PictureJobs picture_jobs;
  absl::Mutex mutex;
  std::string base_url ABSL_GUARDED_BY(mutex);
};

void Listen(Parts& parts, const FileSettings& settings, const http::ListenAddress& address,
            service::Mesh& mesh, service::StopSignal& stop) {
  std::unique_ptr<http::Server> server;
  while (server == nullptr) {
    auto started = http::Server::Start({.address = address.host,
                                        .port = address.port,
                                        .body_timeout = kSlowBody,
                                        .metrics = &mesh.metrics(),
                                        .tracer = mesh.tracer()},
                                       parts.tus.Routes());
    if (started.ok()) {
      server = *std::move(started);
      break;
    }
    observe::Error("files cannot be uploaded", {{"error", started.status().ToString()}});
    if (stop.WaitFor(kListenAgain)) return;
  }
  parts.Listening(
      absl::StrCat("http://", http::Format({.host = address.host, .port = server->port()})));
  if (settings.listening != nullptr) settings.listening(server->port());
  observe::Info("files can be uploaded", {{"port", server->port()}});
  stop.WaitFor(absl::InfiniteDuration());
  server->Stop(kFarewell);
}

// Checks what is due, one file at a time; each replica does.
void Check(Files& files, service::StopSignal& stop) {
  while (!stop.WaitFor(kCheckPeriod)) {
    const auto cancelled = [&stop] { return stop.requested(); };
    for (bool more = true; more && !stop.requested();) {
      const Call call(absl::Now() + kCheckTimeout, observe::TraceContext(), cancelled);
      const absl::StatusOr<bool> checked = files.CheckNext(call, std::nullopt);
      more = checked.value_or(false);
    }
  }
}

class FileModule final : public service::Module {
 public:
  explicit FileModule(FileSettings settings) : settings_(std::move(settings)) {}

  service::ModuleInfo info() const override {
    return {.name = "file", .group = "file_management", .migrations = Migrations()};
  }

  absl::Status Start(service::Mesh& mesh) override {
    const auto address = http::ParseListenAddress(settings_.listen);
    if (!address.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("file_listen: ", address.status().message()));
    }
    if (settings_.require_scan && settings_.clamd.empty()) {
      return absl::InvalidArgumentError("file_require_scan: needs file_clamd");
    }
    if (settings_.limits.max_file_bytes < 1 || settings_.limits.quota_bytes < 1 ||
        settings_.limits.upload_life <= absl::ZeroDuration()) {
      return absl::InvalidArgumentError(
          "file_max_bytes, file_quota_bytes and file_upload_life must be above 0");
    }
    ASSIGN_OR_RETURN(std::unique_ptr<ObjectStore> objects, OpenStore(mesh));
    const auto parts = std::make_shared<Parts>(mesh, settings_, std::move(objects));
    mesh.Serve(std::shared_ptr<FileService>(parts, &parts->service));
    mesh.OnErase([parts, clock = mesh.clock()](postgres::Transaction& tx,
                                               int64_t user_id) -> absl::StatusOr<int64_t> {
      ASSIGN_OR_RETURN(const std::string secret,
                       store::Secret(tx, "people", crypto::RandomBytes(32)));
      return store::ErasePerson(tx, user_id,
                                ToHex(crypto::HmacSha256(secret, absl::StrCat(user_id))), clock());
    });
    mesh.OnErased(
        [parts](const Call& call, int64_t) { return parts->cleaning.DeleteDoomed(call).status(); });
    mesh.Run("file_listen",
             [parts, settings = settings_, address = *address, &mesh](service::StopSignal& stop) {
               Listen(*parts, settings, address, mesh, stop);
             });
    mesh.Run("file_check", [parts](service::StopSignal& stop) { Check(parts->files, stop); });
    if (settings_.works_jobs) {
      const auto worker = std::make_shared<jobs::Worker>(
          mesh.Peer("queue"),
          jobs::Options{.queue = "file_processing_queue", .worker = "file", .threads = 1});
      parts->picture_jobs.AddTo(*worker);
      mesh.Run("file_jobs", [parts, worker](service::StopSignal& stop) { worker->Run(stop); });
    }
    StartVideos(mesh, parts);
    mesh.Every(settings_.clean_period, "clean",
               [parts](const Call& call) { return parts->cleaning.Clean(call); });
    mesh.Every(settings_.sweep_period, "orphans",
               [parts](const Call& call) { return parts->cleaning.SweepOrphans(call); });
    mesh.Check("object_store", service::Dependency::kRequired,
               [parts](const Call& call) { return parts->objects->Healthy(call); });
    if (settings_.clamd.empty()) {
      observe::Info("no file_clamd: files are not scanned for malware");
    } else {
      mesh.Check("scanner", service::Dependency::kOptional,
                 [clamd = settings_.clamd](const Call& call) {
                   return Scan::Begin(call.WithTimeout(kAskScanner), clamd).status();
                 });
    }
    return absl::OkStatus();
  }

 private:
  // Their jobs have a worker of their own: each takes minutes.
  void StartVideos(service::Mesh& mesh, const std::shared_ptr<Parts>& parts) {
    if (!parts->videos.available()) {
      if (settings_.videos.ffmpeg.empty()) {
        observe::Info("no file_ffmpeg: videos are kept as they are");
      } else {
        observe::Warning("no Landlock in this kernel: videos are kept as they are");
      }
      return;
    }
    mesh.Check("ffmpeg", service::Dependency::kOptional, [parts](const Call& call) {
      return parts->videos.Try(call.WithTimeout(kTryFfmpeg));
    });
    if (!settings_.works_jobs) return;
    const auto worker = std::make_shared<jobs::Worker>(
        mesh.Peer("queue"),
        jobs::Options{.queue = "file_processing_queue", .worker = "file", .threads = 1});
    parts->video_jobs.AddTo(*worker);
    mesh.Run("file_videos", [parts, worker](service::StopSignal& stop) { worker->Run(stop); });
  }

  absl::StatusOr<std::unique_ptr<ObjectStore>> OpenStore(service::Mesh& mesh) {
    if (settings_.s3.url.empty()) return std::make_unique<FolderStore>(settings_.folder);
    auto opened = S3Store::Open(settings_.s3, mesh.http(), mesh.clock());
    if (!opened.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("file_s3_url: ", opened.status().message()));
    }
    return *std::move(opened);
  }

  const FileSettings settings_;
};

}  // namespace

std::unique_ptr<service::Module> MakeModule(FileSettings settings) {
  return std::make_unique<FileModule>(std::move(settings));
}

std::unique_ptr<service::Module> MakeModule() {
  return MakeModule({.listen = absl::GetFlag(FLAGS_file_listen),
                     .base_url = absl::GetFlag(FLAGS_file_base_url),
                     .origins = absl::GetFlag(FLAGS_file_origins),
                     .folder = absl::GetFlag(FLAGS_file_folder),
                     .s3 = {.url = absl::GetFlag(FLAGS_file_s3_url),
                            .keys = {.access_key = absl::GetFlag(FLAGS_file_s3_access_key),
                                     .secret_key = absl::GetFlag(FLAGS_file_s3_secret_key).value,
                                     .region = absl::GetFlag(FLAGS_file_s3_region)}},
                     .clamd = absl::GetFlag(FLAGS_file_clamd),
                     .require_scan = absl::GetFlag(FLAGS_file_require_scan),
                     .limits = {.max_file_bytes = absl::GetFlag(FLAGS_file_max_bytes),
                                .quota_bytes = absl::GetFlag(FLAGS_file_quota_bytes),
                                .upload_life = absl::GetFlag(FLAGS_file_upload_life)},
                     .videos = {.ffmpeg = absl::GetFlag(FLAGS_file_ffmpeg),
                                .folder = absl::GetFlag(FLAGS_file_work_folder)}});
}

}  // namespace selfology::file
