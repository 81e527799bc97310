// The file service's RPCs; see proto/selfology/file/v1/file_service.proto for what each does.
// DeleteUserData is the kernel's: it calls what module.cc gives to OnErase.
#pragma once

#include <functional>
#include <string>

#include "common/postgres/database.h"
#include "selfology/file/v1/file_service_endpoints.h"
#include "services/platform/file/cleaning.h"
#include "services/platform/file/files.h"
#include "services/platform/file/video_jobs.h"

namespace selfology::file {

class FileService final : public v1::FileServiceEndpoints {
 public:
  // base_url: where links lead, asked each time; empty: nobody listens yet. What it refers to
  // outlives it.
  FileService(postgres::Database& database, Files& files, Cleaning& cleaning, VideoJobs& videos,
              std::function<std::string()> base_url);

  absl::StatusOr<v1::StoreFileResponse> StoreFile(const Call& call,
                                                  const v1::StoreFileRequest& request) override;
  absl::StatusOr<v1::CreateUploadResponse> CreateUpload(
      const Call& call, const v1::CreateUploadRequest& request) override;
  absl::StatusOr<v1::AppendUploadResponse> AppendUpload(
      const Call& call, const v1::AppendUploadRequest& request) override;
  absl::StatusOr<v1::GetUploadResponse> GetUpload(const Call& call,
                                                  const v1::GetUploadRequest& request) override;
  absl::StatusOr<v1::GetFileResponse> GetFile(const Call& call,
                                              const v1::GetFileRequest& request) override;
  absl::StatusOr<v1::ListFilesResponse> ListFiles(const Call& call,
                                                  const v1::ListFilesRequest& request) override;
  absl::StatusOr<v1::GetUsageResponse> GetUsage(const Call& call,
                                                const v1::GetUsageRequest& request) override;
  absl::StatusOr<v1::ReadFileResponse> ReadFile(const Call& call,
                                                const v1::ReadFileRequest& request) override;
  absl::StatusOr<v1::ProcessFileResponse> ProcessFile(
      const Call& call, const v1::ProcessFileRequest& request) override;
  absl::StatusOr<v1::ProcessVideoResponse> ProcessVideo(
      const Call& call, const v1::ProcessVideoRequest& request) override;
  absl::StatusOr<v1::CreateLinkResponse> CreateLink(const Call& call,
                                                    const v1::CreateLinkRequest& request) override;
  absl::StatusOr<v1::DeleteFileResponse> DeleteFile(const Call& call,
                                                    const v1::DeleteFileRequest& request) override;
  absl::StatusOr<v1::CheckErasuresResponse> CheckErasures(
      const Call& call, const v1::CheckErasuresRequest& request) override;

 private:
  // The file with its variants.
  absl::StatusOr<v1::File> Described(const Call& call, const store::FileRow& row);

  postgres::Database& database_;
  Files& files_;
  Cleaning& cleaning_;
  VideoJobs& videos_;
  const std::function<std::string()> base_url_;
};

}  // namespace selfology::file
