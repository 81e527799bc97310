#include <string>
#include <string_view>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/redis/connection.h"
#include "common/status/status_macros.h"

namespace selfology::redis {
namespace {

// The URL itself stays out of the message: it may hold a password.
absl::Status Bad(std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("Redis URL: ", what));
}

bool Skip(std::string_view prefix, std::string_view* text) {
  if (!text->starts_with(prefix)) return false;
  text->remove_prefix(prefix.size());
  return true;
}

absl::StatusOr<std::string> Unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size() || !absl::ascii_isxdigit(text[i + 1]) ||
        !absl::ascii_isxdigit(text[i + 2])) {
      return Bad("a % is not followed by two hex digits");
    }
    out += absl::HexStringToBytes(text.substr(i + 1, 2));
    i += 2;
  }
  return out;
}

absl::Status ParseDb(std::string_view text, int* db) {
  if (!absl::SimpleAtoi(text, db) || *db < 0) return Bad("the database must be a number from 0");
  return absl::OkStatus();
}

absl::Status ParseHostAndPort(std::string_view text, Address* address) {
  std::string_view host = text, port;
  if (text.starts_with('[')) {  // IPv6
    const size_t end = text.find(']');
    if (end == std::string_view::npos) return Bad("a [ without its ]");
    host = text.substr(1, end - 1);
    port = text.substr(end + 1);
    if (!port.empty() && !Skip(":", &port)) return Bad("text after the ]");
  } else if (const size_t colon = text.find(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  if (host.empty()) return Bad("no host");
  address->host = std::string(host);
  if (!port.empty() &&
      (!absl::SimpleAtoi(port, &address->port) || address->port < 1 || address->port > 65535)) {
    return Bad("the port must be a number from 1 to 65535");
  }
  return absl::OkStatus();
}

// What follows a ?, as name=value pairs.
absl::Status ParseOptions(std::string_view text,
                          absl::FunctionRef<std::string*(std::string_view)> place,
                          std::string_view known) {
  for (std::string_view pair : absl::StrSplit(text, '&', absl::SkipEmpty())) {
    const std::pair<std::string_view, std::string_view> option =
        absl::StrSplit(pair, absl::MaxSplits('=', 1));
    std::string* const value = place(option.first);
    if (value == nullptr) return Bad(absl::StrCat("known options are ", known));
    ASSIGN_OR_RETURN(*value, Unescape(option.second));
  }
  return absl::OkStatus();
}

absl::Status ParseTcp(std::string_view rest, Address* address) {
  const size_t slash = rest.find('/');
  std::string_view authority = rest.substr(0, slash);
  if (const size_t at = authority.rfind('@'); at != std::string_view::npos) {
    const std::pair<std::string_view, std::string_view> login =
        absl::StrSplit(authority.substr(0, at), absl::MaxSplits(':', 1));
    ASSIGN_OR_RETURN(address->user, Unescape(login.first));
    ASSIGN_OR_RETURN(address->password, Unescape(login.second));
    authority.remove_prefix(at + 1);
  }
  RETURN_IF_ERROR(ParseHostAndPort(authority, address));
  if (slash == std::string_view::npos || slash + 1 == rest.size()) return absl::OkStatus();
  return ParseDb(rest.substr(slash + 1), &address->db);
}

absl::Status ParseTls(std::string_view rest, Address* address) {
  address->tls = true;
  const std::pair<std::string_view, std::string_view> parts =
      absl::StrSplit(rest, absl::MaxSplits('?', 1));
  RETURN_IF_ERROR(ParseTcp(parts.first, address));
  TlsFiles& files = address->tls_files;
  RETURN_IF_ERROR(ParseOptions(
      parts.second,
      [&](std::string_view name) {
        return name == "ca"     ? &files.authority
               : name == "cert" ? &files.certificate
               : name == "key"  ? &files.key
                                : nullptr;
      },
      "ca, cert and key"));
  if (files.certificate.empty() != files.key.empty()) return Bad("cert and key go together");
  return absl::OkStatus();
}

absl::Status ParseUnix(std::string_view rest, Address* address) {
  const std::pair<std::string_view, std::string_view> parts =
      absl::StrSplit(rest, absl::MaxSplits('?', 1));
  ASSIGN_OR_RETURN(address->socket_path, Unescape(parts.first));
  if (!address->socket_path.starts_with('/')) return Bad("no absolute path of a socket");
  std::string db;
  RETURN_IF_ERROR(ParseOptions(
      parts.second,
      [&](std::string_view name) {
        return name == "db"         ? &db
               : name == "user"     ? &address->user
               : name == "password" ? &address->password
                                    : nullptr;
      },
      "db, user and password"));
  return db.empty() ? absl::OkStatus() : ParseDb(db, &address->db);
}

}  // namespace

absl::StatusOr<Address> Address::Parse(std::string_view url) {
  Address address;
  std::string_view rest = url;
  if (const bool plain = Skip("redis://", &rest); plain || Skip("rediss://", &rest)) {
    RETURN_IF_ERROR(plain ? ParseTcp(rest, &address) : ParseTls(rest, &address));
    const bool ipv6 = address.host.find(':') != std::string::npos;
    address.target = ipv6 ? absl::StrCat("[", address.host, "]:", address.port, "/", address.db)
                          : absl::StrCat(address.host, ":", address.port, "/", address.db);
  } else if (Skip("unix://", &rest)) {
    RETURN_IF_ERROR(ParseUnix(rest, &address));
    address.target = absl::StrCat(address.socket_path, "/", address.db);
  } else {
    return Bad("must begin with redis://, rediss:// or unix://");
  }
  if (!address.user.empty() && address.password.empty()) return Bad("a user without a password");
  return address;
}

}  // namespace selfology::redis
