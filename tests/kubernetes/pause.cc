// The process that keeps a pod's namespaces: it does nothing until it is told to end, and takes in children whose parents have.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <initializer_list>

int main() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGINT, SIGTERM, SIGCHLD}) sigaddset(&signals, number);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  for (int number = 0; sigwait(&signals, &number) == 0;) {
    if (number != SIGCHLD) return 0;
    while (waitpid(-1, nullptr, WNOHANG) > 0) {
    }
  }
  return 1;
}
