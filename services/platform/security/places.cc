#include "services/platform/security/places.h"

#include <maxminddb.h>

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace selfology::security {
namespace {

// The value at a path of one or two names.
std::optional<MMDB_entry_data_s> Get(MMDB_entry_s& entry, const char* first, const char* second) {
  const char* const path[] = {first, second, nullptr};
  MMDB_entry_data_s data;
  if (MMDB_aget_value(&entry, &data, path) != MMDB_SUCCESS || !data.has_data) return std::nullopt;
  return data;
}

std::string Text(const std::optional<MMDB_entry_data_s>& data) {
  if (!data.has_value() || data->type != MMDB_DATA_TYPE_UTF8_STRING) return "";
  return std::string(data->utf8_string, data->data_size);
}

std::optional<double> Number(const std::optional<MMDB_entry_data_s>& data) {
  if (!data.has_value()) return std::nullopt;
  if (data->type == MMDB_DATA_TYPE_DOUBLE) return data->double_value;
  if (data->type == MMDB_DATA_TYPE_FLOAT) return data->float_value;
  return std::nullopt;
}

}  // namespace

struct Places::Database {
  ~Database() {
    if (open) MMDB_close(&file);
  }
  MMDB_s file = {};
  bool open = false;
};

Places::Places(std::unique_ptr<Database> database) : database_(std::move(database)) {}
Places::~Places() = default;

absl::StatusOr<std::unique_ptr<Places>> Places::Open(const std::string& path) {
  auto database = std::make_unique<Database>();
  const int error = MMDB_open(path.c_str(), MMDB_MODE_MMAP, &database->file);
  if (error != MMDB_SUCCESS) {
    return absl::InvalidArgumentError(
        absl::StrCat("security_country_database: ", MMDB_strerror(error)));
  }
  database->open = true;
  return std::unique_ptr<Places>(new Places(std::move(database)));
}

Place Places::Find(const std::string& address) const {
  int address_error = 0;
  int error = 0;
  MMDB_lookup_result_s found =
      MMDB_lookup_string(&database_->file, address.c_str(), &address_error, &error);
  if (address_error != 0 || error != MMDB_SUCCESS || !found.found_entry) return {};
  Place place = {.country = Text(Get(found.entry, "country", "iso_code")),
                 .latitude = Number(Get(found.entry, "location", "latitude")),
                 .longitude = Number(Get(found.entry, "location", "longitude"))};
  if (place.country.empty()) place.country = Text(Get(found.entry, "country_code", nullptr));
  if (!place.latitude) place.latitude = Number(Get(found.entry, "latitude", nullptr));
  if (!place.longitude) place.longitude = Number(Get(found.entry, "longitude", nullptr));
  return place;
}

}  // namespace selfology::security
