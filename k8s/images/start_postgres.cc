// The entrypoint of the image of PostgreSQL: makes the database the first time, then becomes the server.
//
//   start_postgres [-c name=value]...
//
// PGDATA             the data folder, made when it does not exist
// POSTGRES_DB        the database made in it; "selfology" when it is not set
// POSTGRES_PASSWORD_FILE   file with the superuser's password, as Secrets are mounted; or
// POSTGRES_PASSWORD        the password itself
//
// Only who knows the password comes in over TCP. The server decodes its log logically (wal_level), which is how the relay
// reads committed events. A first start that is cut off begins anew: the folder gets its name once it is whole.

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

constexpr char kPrograms[] = "/usr/lib/postgresql/15/bin/";

std::string Variable(const char* name, const char* otherwise) {
  const char* const value = std::getenv(name);
  return value == nullptr || *value == '\0' ? otherwise : value;
}

std::vector<char*> Pointers(std::vector<std::string>& arguments) {
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Runs a program with `input` as its standard input; false when it failed.
bool Run(std::vector<std::string> arguments, const std::string& input) {
  int ends[2];
  if (pipe(ends) != 0) return false;
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    close(ends[1]);
    execv(arguments[0].c_str(), Pointers(arguments).data());
    _exit(127);
  }
  close(ends[0]);
  // A line of SQL: it fits into the pipe.
  const bool written =
      write(ends[1], input.data(), input.size()) == static_cast<ssize_t>(input.size());
  close(ends[1]);
  int status = 0;
  return child > 0 && waitpid(child, &status, 0) == child && written && WIFEXITED(status) &&
         WEXITSTATUS(status) == 0;
}

bool IsName(const std::string& text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9')) return false;
  }
  return true;
}

bool MakeDatabase(const fs::path& data) {
  const std::string name = Variable("POSTGRES_DB", "selfology");
  std::string password_file = Variable("POSTGRES_PASSWORD_FILE", "");
  const std::string password = Variable("POSTGRES_PASSWORD", "");
  if (password_file.empty() && !password.empty()) {
    password_file = "/tmp/password";
    umask(077);
    std::ofstream(password_file) << password << "\n";
  }
  if (!IsName(name) || password_file.empty()) {
    std::fprintf(stderr, "start_postgres: POSTGRES_DB takes [a-z0-9_], a password is needed\n");
    return false;
  }
  fs::path fresh = data;
  fresh += ".new";
  std::error_code ignored;
  fs::remove_all(fresh, ignored);
  fs::create_directories(fresh.parent_path(), ignored);
  if (!Run({std::string(kPrograms) + "initdb", "-D", fresh, "-U", "postgres", "-E", "UTF8",
            "--no-locale", "--data-checksums", "--auth-local=scram-sha-256",
            "--auth-host=scram-sha-256", "--pwfile=" + password_file},
           "")) {
    return false;
  }
  std::ofstream access(fresh / "pg_hba.conf", std::ios::app);
  access << "host all all all scram-sha-256\n";
  access.close();
  if (!Run({std::string(kPrograms) + "postgres", "--single", "-D", fresh, "postgres"},
           "CREATE DATABASE " + name + "\n")) {
    return false;
  }
  fs::rename(fresh, data, ignored);
  return !ignored;
}

}  // namespace

int main(int argc, char** argv) {
  const fs::path data = Variable("PGDATA", "/var/lib/postgresql/data/15");
  if (!fs::exists(data / "PG_VERSION") && !MakeDatabase(data)) {
    std::fprintf(stderr, "start_postgres: %s could not be made\n", data.c_str());
    return 1;
  }
  std::vector<std::string> arguments = {std::string(kPrograms) + "postgres",
                                        "-D",
                                        data,
                                        "-c",
                                        "listen_addresses=*",
                                        "-c",
                                        "unix_socket_directories=/tmp",
                                        "-c",
                                        "wal_level=logical",
                                        "-c",
                                        "max_replication_slots=10",
                                        "-c",
                                        "max_wal_senders=10"};
  arguments.insert(arguments.end(), argv + 1, argv + argc);
  execv(arguments[0].c_str(), Pointers(arguments).data());
  std::fprintf(stderr, "start_postgres: %s\n", std::strerror(errno));
  return 1;
}
